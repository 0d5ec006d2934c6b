"""Jobs that keep activations moving."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import uvloop

from nexnum_console.activations.desk import Desk
from nexnum_console.activations.lanes import Lane
from nexnum_console.activations.polling import poll_lane
from nexnum_console.activations.reconcile import settle_lane
from nexnum_console.activations.sweep import sweep as sweep_activations
from nexnum_console.bootstrap import services
from workers.rooms import work_lanes

# Short, so that a worker that serves several queues keeps none of them waiting.
LANE_SECONDS = 8.0
SWEEP_SECONDS = 2.0


def poll() -> int:
    """Poll the live numbers of every account that nobody polls."""
    return uvloop.run(work_lanes(services().desk, "poll", LANE_SECONDS, poll_lane))


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
    await asyncio.to_thread(settle_lane, desk, lane, more)
