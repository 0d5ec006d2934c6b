"""Jobs that keep activations moving."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import uvloop

from nexnum_console.activations.desk import Desk
from nexnum_console.activations.lanes import Lane, kept
from nexnum_console.activations.polling import END_SECONDS, poll_lane
from nexnum_console.activations.reconcile import settle_lane
from nexnum_console.activations.sweep import sweep as sweep_activations
from nexnum_console.bootstrap import services
from workers.rooms import THREADS, work_lanes

log = logging.getLogger(__name__)

# Short, so that a worker that serves several queues keeps none of them waiting.
LANE_SECONDS = 8.0
# What a call that was under way at the end of its lane's time may take to answer, and a little.
SLOW_SECONDS = END_SECONDS + 4.0
SWEEP_SECONDS = 2.0


def poll() -> int:
    """Poll the live numbers of every account that nobody polls."""
    work = work_lanes(services().desk, "poll", LANE_SECONDS, poll_lane, slow_seconds=SLOW_SECONDS)
    return uvloop.run(work)


def settle() -> int:
    """Settle unknown purchases, cancellations and strays of every account that nobody settles."""
    return uvloop.run(_settle_and_sweep(services().desk))


def sweep() -> int:
    """Put what killed processes left where the other jobs find it."""
    return sweep_activations(services().desk)


async def _settle_and_sweep(desk: Desk) -> int:
    """A settling job may take all of its time; what a death leaves must not wait for its end."""
    sweeping = asyncio.create_task(_sweep_now_and_then(desk))
    try:
        return await work_lanes(desk, "settle", LANE_SECONDS, _settle)
    finally:
        sweeping.cancel()


async def _sweep_now_and_then(desk: Desk) -> None:
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        await asyncio.to_thread(sweep_activations, desk)


async def _settle(desk: Desk, lane: Lane, more: Callable[[], bool]) -> None:
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(THREADS, _settle_alone, desk, lane, more)


def _settle_alone(desk: Desk, lane: Lane, more: Callable[[], bool]) -> None:
    """One lane from its taking to its end, which a job that is over does not wait for."""
    try:
        try:
            with kept(lane, desk.clock):
                settle_lane(desk, lane, more)
        finally:
            lane.leave()
    except Exception:
        # Whoever waited for it may have gone on; the lane is taken again when due.
        log.exception("lane %s of account %s broke off", lane.kind, lane.account_id)
