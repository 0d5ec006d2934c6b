"""Jobs that keep activations moving."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from nexnum_console.activations.desk import Desk
from nexnum_console.activations.lanes import Lane
from nexnum_console.activations.polling import poll_lane
from nexnum_console.activations.reconcile import settle_lane
from nexnum_console.activations.sweep import sweep as sweep_activations
from nexnum_console.bootstrap import services
from workers.rooms import work_lanes

# Short, so that a worker that serves several queues keeps none of them waiting.
LANE_SECONDS = 8.0


def poll() -> int:
    """Poll the live numbers of every account that nobody polls."""
    return asyncio.run(work_lanes(services().desk, "poll", LANE_SECONDS, poll_lane))


def settle() -> int:
    """Settle unknown purchases, cancellations and strays of every account that nobody settles."""
    return asyncio.run(work_lanes(services().desk, "settle", LANE_SECONDS, _settle))


def sweep() -> int:
    """Put what killed processes left where the other jobs find it."""
    return sweep_activations(services().desk)


async def _settle(desk: Desk, lane: Lane, more: Callable[[], bool]) -> None:
    await asyncio.to_thread(settle_lane, desk, lane, more)
