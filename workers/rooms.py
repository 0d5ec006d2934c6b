"""Working many lanes in one job: whatever is due and free is taken, until the time is over.

One job serves every provider account at once, so a slow carrier holds up no other.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import threading
from collections.abc import Awaitable, Callable

from nexnum_console.activations import lanes
from nexnum_console.activations.desk import Desk

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25
LANES_MAX = 16

# Set when the process is asked to end; every lane is then left within a moment.
stopping = threading.Event()

LaneWork = Callable[[Desk, lanes.Lane, Callable[[], bool]], Awaitable[object]]


async def work_lanes(desk: Desk, kind: str, seconds: float, work: LaneWork) -> int:
    """Take due lanes of ``kind`` and run ``work`` on each; returns how many were taken.

    No lane is taken after ``seconds``; running ones then end by their own ``more`` check.
    """
    loop = asyncio.get_running_loop()
    ends = loop.time() + seconds
    holder = f"{socket.gethostname()}:{os.getpid()}"[:64]
    running: dict[int, asyncio.Task[None]] = {}
    taken = 0

    def more() -> bool:
        return loop.time() < ends and not stopping.is_set()

    while more():
        running = {key: task for key, task in running.items() if not task.done()}
        due = await asyncio.to_thread(lanes.due, desk.database, kind, desk.clock())
        for account_id in due[: LANES_MAX - len(running)]:
            lane = await asyncio.to_thread(
                lanes.take, desk.database, account_id, kind, holder, desk.clock()
            )
            if lane is not None:
                taken += 1
                running[account_id] = asyncio.create_task(_work(desk, lane, work, more))
        if not running and not due:
            break
        await asyncio.sleep(LOOK_SECONDS)
    await asyncio.gather(*running.values())
    return taken


async def _work(desk: Desk, lane: lanes.Lane, work: LaneWork, more: Callable[[], bool]) -> None:
    try:
        await work(desk, lane, more)
    except Exception:
        # One account's trouble must not end the others' lanes; the lane is taken again when due.
        log.exception("lane %s of account %s broke off", lane.kind, lane.account_id)
    finally:
        await asyncio.to_thread(lane.leave)
