"""Endpoints that wait for a carrier run in threads of their own: a carrier that hangs keeps none of
those that everything else is answered in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial, wraps
from typing import Final, ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

from nexnum_console.activations.errors import CarrierBusy

P = ParamSpec("P")
T = TypeVar("T")

AT_ONCE: Final = 40
# Whoever comes while so many wait for a thread would wait for longer than a caller does.
WAITING_MOST: Final = 200
RETRY_SECONDS: Final = 5

_THREADS: RunVar[CapacityLimiter] = RunVar("nexnum.carrier_threads")


def waits_for_carrier(endpoint: Callable[P, T]) -> Callable[P, Awaitable[T]]:
    """A plain endpoint, run in one of AT_ONCE threads instead of those that all others share; with
    as many hops. Raises CarrierBusy where too many wait for one."""

    @wraps(endpoint)
    async def run(*args: P.args, **given: P.kwargs) -> T:
        threads = _threads()
        if threads.statistics().tasks_waiting >= WAITING_MOST:
            raise CarrierBusy(
                "too many calls wait for carriers now, and nothing was done with this one; send it"
                f" again in {RETRY_SECONDS} s",
                retry_after=RETRY_SECONDS,
            )
        return await to_thread.run_sync(partial(endpoint, *args, **given), limiter=threads)

    return run


def _threads() -> CapacityLimiter:
    """Those of the running loop, to which a limiter belongs."""
    try:
        return _THREADS.get()
    except LookupError:
        made = CapacityLimiter(AT_ONCE)
        _THREADS.set(made)
        return made
