"""Blocking services off the event loop: quick reads in one pool, slow carrier calls in another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Final, ParamSpec, TypeVar

from nexnum_console.bootstrap import services
from nexnum_console.core.db import UnitOfWork

P = ParamSpec("P")
T = TypeVar("T")

# Reads queue for the database pool anyway; a purchase may wait 20 s for a carrier and must not
# keep anyone's page from being read.
_READS: Final = ThreadPoolExecutor(8, thread_name_prefix="page-read")
_SPENDS: Final = ThreadPoolExecutor(32, thread_name_prefix="page-spend")


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a quick blocking call."""
    return await _run(_READS, partial(function, *args, **kwargs))


async def in_slow_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a call that may wait for a carrier; only from background events."""
    return await _run(_SPENDS, partial(function, *args, **kwargs))


async def read(query: Callable[[UnitOfWork], T]) -> T:
    """Run ``query`` in a transaction of its own."""

    def run() -> T:
        with services().database.transaction() as unit:
            return query(unit)

    return await in_thread(run)


async def read_at_once(query: Callable[[UnitOfWork], T]) -> T:
    """Run ``query``, which only reads, in one snapshot: what its statements bring is compared or
    added up, and must be of one moment."""

    def run() -> T:
        with services().database.snapshot() as unit:
            return query(unit)

    return await in_thread(run)


async def _run(pool: ThreadPoolExecutor, call: Callable[[], T]) -> T:
    context = copy_context()
    return await asyncio.get_running_loop().run_in_executor(pool, context.run, call)
