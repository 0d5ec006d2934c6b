"""A worker of its own process for the crash tests: delivers the topic ``told`` into a file.

``python -m tests.core.outbox_child URL FILE MODE``; every delivery is one durable line
``message_id key number``. It ends when nothing was due for a while, or kills itself (``MODE``):
``before``: in its first handler, nothing delivered; ``after``: delivered, nothing noted.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path

from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import Database
from nexnum_console.core.outbox import Message, Route, deliver_due

LEASE = timedelta(seconds=1)


def main(url: str, file: Path, mode: str) -> None:
    """Deliver until there has been nothing to do for two leases."""
    database = Database(url, pool_size=2)

    def tell(message: Message) -> None:
        if mode == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        line = f"{message.message_id} {message.key} {message.payload['number']}\n"
        with file.open("a") as out:
            out.write(line)
            out.flush()
            os.fsync(out.fileno())
        if mode == "after":
            os.kill(os.getpid(), signal.SIGKILL)

    route = Route(tell, tries=1_000, lease=LEASE)
    idle_since = time.monotonic()
    while time.monotonic() - idle_since < 2 * LEASE.total_seconds():
        if deliver_due(database, "told", route, utc_now):
            idle_since = time.monotonic()
        time.sleep(0.02)
    database.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
