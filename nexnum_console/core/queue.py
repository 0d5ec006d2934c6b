"""Handing work to RQ: JSON only, ids only. The rows are the truth; a job is a wake-up."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

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


@dataclass(frozen=True, slots=True)
class QueueLook:
    """A queue now; ``oldest`` is when its longest waiting job was queued, ``failed`` of a day."""

    name: str
    waiting: int
    running: int
    failed: int
    workers: int
    oldest: datetime | None


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

    def look(self) -> list[QueueLook] | None:
        """How every queue is; None without Redis, for nobody can tell then."""
        try:
            alive = Worker.all(connection=self._client, serializer=JSONSerializer)
            serving = [worker.queue_names() for worker in alive]
            return [self._look(name, sum(name in names for names in serving)) for name in QUEUES]
        except redis.RedisError as error:
            log.warning("queues cannot be looked at: %s", type(error).__name__)
            return None

    def _look(self, name: str, workers: int) -> QueueLook:
        queue = self.queue(name)
        first = queue.get_job_ids(0, 1)
        oldest = queue.fetch_job(first[0]) if first else None
        return QueueLook(
            name,
            waiting=int(queue.count),
            running=int(queue.started_job_registry.count),
            failed=int(queue.failed_job_registry.count),
            workers=workers,
            oldest=oldest.enqueued_at if oldest else None,
        )

    def workers(self) -> int:
        """How many workers have shown a sign of life within their own time limit; 0 without
        Redis, for nobody can tell then."""
        try:
            return len(Worker.all(connection=self._client, serializer=JSONSerializer))
        except redis.RedisError as error:
            log.warning("workers cannot be counted: %s", type(error).__name__)
            return 0
