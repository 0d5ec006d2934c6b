"""Working many lanes in one job: whatever is due and free is taken, until the time is over.

One job serves every provider account at once, so a slow carrier holds up no other: as long as a
job waits for one, it works the others on.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from nexnum_console.activations import lanes
from nexnum_console.activations.desk import Desk

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25
LANES_MAX = 16
# Within it a lane whose time is over is left, unless it waits for a slow carrier.
LEAVE_SECONDS = 1.0
# What has not ended so long after everything else is cut off: no lane keeps a job for ever.
LAST_SECONDS = 2.0

# For lanes that are worked in a thread each. They have a pool of their own: what waits for a
# carrier must keep no thread from those who take lanes, leave them and sweep. The rest is for
# lanes that outlive their job.
THREADS: Final = ThreadPoolExecutor(LANES_MAX + 4, thread_name_prefix="lane")

# Set when the process is asked to end; every lane is then left within a moment.
stopping = threading.Event()

LaneWork = Callable[[Desk, lanes.Lane, Callable[[], bool]], Awaitable[object]]


async def work_lanes(
    desk: Desk, kind: str, seconds: float, work: LaneWork, *, slow_seconds: float = 0.0
) -> int:
    """Take due lanes of ``kind`` and run ``work`` on each; returns how many were taken.

    After ``seconds``, or once the process is asked to end, lanes end by their own ``more`` check.
    While slow ones do not, for at most ``slow_seconds``, the others are taken and worked on. What
    has not ended then is cut off.
    """
    room = _Room(desk, kind, work)
    ends = time.monotonic() + seconds
    last = ends + slow_seconds
    await room.turn(lambda: time.monotonic() < ends)
    while slow := await room.not_left(LEAVE_SECONDS):
        if stopping.is_set() or time.monotonic() >= last:
            break
        await room.turn(partial(_waits, slow, last))
    await room.end()
    return room.taken


def _waits(slow: Collection[asyncio.Task[None]], last: float) -> bool:
    return time.monotonic() < last and not all(task.done() for task in slow)


class _Room:
    """The lanes of one kind that one job holds."""

    def __init__(self, desk: Desk, kind: str, work: LaneWork) -> None:
        self.taken = 0
        self._desk = desk
        self._kind = kind
        self._work = work
        self._holder = f"{socket.gethostname()}:{os.getpid()}"[:64]
        self._running: dict[int, asyncio.Task[None]] = {}

    async def turn(self, lasts: Callable[[], bool]) -> None:
        """Take what is due and free while it ``lasts`` and there is something to do."""

        def more() -> bool:
            return not stopping.is_set() and lasts()

        desk = self._desk
        while more():
            self._forget_done()
            found = await asyncio.to_thread(lanes.due, desk.database, self._kind, desk.clock())
            due = [account_id for account_id in found if account_id not in self._running]
            for account_id in due[: LANES_MAX - len(self._running)]:
                await self._take(account_id, more)
            if not self._running and not due:
                return
            await asyncio.sleep(LOOK_SECONDS)

    async def not_left(self, within: float) -> Collection[asyncio.Task[None]]:
        """The lanes that are still worked after so many seconds."""
        if self._running:
            await asyncio.wait(self._running.values(), timeout=within)
        self._forget_done()
        return list(self._running.values())

    async def end(self) -> None:
        """Wait a little longer, then cut off what is still worked."""
        slow = await self.not_left(LAST_SECONDS)
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)

    def _forget_done(self) -> None:
        done = {key: task for key, task in self._running.items() if task.done()}
        for account_id, task in done.items():
            del self._running[account_id]
            if error := task.exception():
                # Its lease runs out by itself.
                log.error(
                    "lane %s of account %s was not left", self._kind, account_id, exc_info=error
                )

    async def _take(self, account_id: int, more: Callable[[], bool]) -> None:
        desk = self._desk
        lane = await asyncio.to_thread(
            lanes.take, desk.database, account_id, self._kind, self._holder, desk.clock()
        )
        if lane is not None:
            self.taken += 1
            self._running[account_id] = asyncio.create_task(self._worked(lane, more))

    async def _worked(self, lane: lanes.Lane, more: Callable[[], bool]) -> None:
        try:
            await self._work(self._desk, lane, more)
        except asyncio.CancelledError:
            # A thread may be at work on it still: that one leaves it, or its lease runs out.
            log.warning("lane %s of account %s did not end in time", lane.kind, lane.account_id)
            raise
        except Exception:
            # One account's trouble must not end the others' lanes; it is taken again when due.
            log.exception("lane %s of account %s broke off", lane.kind, lane.account_id)
        await asyncio.to_thread(lane.leave)
