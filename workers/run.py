"""One RQ worker process: ``python -m workers.run polling settling``.

Jobs run in the process itself, without a fork: connections stay open and memory is shared by
every job. What a crash leaves is found by lease and sweep, not by RQ.
"""

from __future__ import annotations

import pkgutil
import sys
from importlib import import_module

import redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from nexnum_console.bootstrap import close, services
from nexnum_console.core import shared_clock
from nexnum_console.core.garbage import settle
from nexnum_console.core.logs import configure_logging
from nexnum_console.core.queue import QUEUES
from workers import jobs, rooms

WORKER_TTL_SECONDS = 60
MAINTENANCE_SECONDS = 30


class RoomWorker(SimpleWorker):
    """A worker that tells its lanes to stop as soon as it is asked to."""

    def handle_warm_shutdown_request(self) -> None:
        """Stop taking lanes and leave the ones held."""
        rooms.stopping.set()
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]


def main(names: list[str]) -> int:
    """Work the named queues until a signal; unknown names are an error."""
    unknown = sorted(set(names) - set(QUEUES))
    if unknown:
        sys.stderr.write(f"no queue {', '.join(unknown)}; there are: {', '.join(QUEUES)}\n")
        return 2
    configure_logging()
    worker = RoomWorker(
        names or list(QUEUES),
        connection=redis.Redis.from_url(services().settings.redis_url),
        serializer=JSONSerializer,
        worker_ttl=WORKER_TTL_SECONDS,
        maintenance_interval=MAINTENANCE_SECONDS,
    )
    for module in pkgutil.iter_modules(jobs.__path__, f"{jobs.__name__}."):
        import_module(module.name)
    shared_clock.take_over(services().redis)
    settle()
    worker.work(logging_level="WARNING")
    rooms.THREADS.shutdown(cancel_futures=True)
    close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
