"""Handing work to RQ: JSON only, ids only. The rows are the truth; a job is a wake-up."""

from __future__ import annotations

import logging

import redis
from rq import Queue, Worker
from rq.serializers import JSONSerializer

log = logging.getLogger(__name__)

POLLING = "polling"
SETTLING = "settling"
CATALOGUE = "catalogue"
# Short jobs that a person waits for: an export, a mail.
ERRANDS = "errands"
QUEUES = (POLLING, SETTLING, CATALOGUE, ERRANDS)

FAILURE_TTL_SECONDS = 86_400


class JobQueue:
    """Enqueues functions of ``workers.jobs`` by dotted name."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def queue(self, name: str) -> Queue:
        """The RQ queue of that name."""
        return Queue(name, connection=self._client, serializer=JSONSerializer)

    def enqueue(self, name: str, function: str, *args: int | str, timeout_seconds: int) -> None:
        """Queue one call; its result is not kept, its failure is, for a day."""
        self.queue(name).enqueue_call(
            function,
            args=args,
            timeout=timeout_seconds,
            result_ttl=0,
            failure_ttl=FAILURE_TTL_SECONDS,
        )

    def waiting(self, name: str) -> int:
        """How many jobs of a queue wait for a worker."""
        return int(self.queue(name).count)

    def workers(self) -> int:
        """How many workers have shown a sign of life within their own time limit; 0 without
        Redis, for nobody can tell then."""
        try:
            return len(Worker.all(connection=self._client, serializer=JSONSerializer))
        except redis.RedisError as error:
            log.warning("workers cannot be counted: %s", type(error).__name__)
            return 0
