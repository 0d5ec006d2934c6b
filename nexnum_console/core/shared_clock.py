"""One time for all processes of a host, also for one that starts while its clock is wrong.

Processes tell in Redis how they tell the time (``SteadyClock.told``), under the id of the host's
boot, for what passes is counted from there. One that starts later takes that over.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Final

import redis

from nexnum_console.core.clock import STEADY, SteadyClock

# Outlives a restart of every process but one; not a whole stop in which the clock was set right.
KEPT_SECONDS: Final = 180
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")

log = logging.getLogger(__name__)


def tell(client: redis.Redis, clock: SteadyClock = STEADY) -> None:
    """Say how this process tells the time, for those that start later."""
    key = _key()
    if key:
        client.set(key, repr(clock.told()), ex=KEPT_SECONDS)


def take_over(client: redis.Redis, clock: SteadyClock = STEADY) -> None:
    """Tell the time as those do that run already, if any do; without Redis, as the host does."""
    key = _key()
    try:
        told: Any = client.get(key) if key else None
    except redis.RedisError as error:
        log.warning("nobody could be asked for the time: %s", error)
        return
    if told:
        clock.take_over(float(told))


def forget(client: redis.Redis) -> None:
    """Nothing runs: the host's clock is right from here on."""
    key = _key()
    if key:
        client.delete(key)


def _key() -> str:
    """Empty where the host does not say when it was booted."""
    try:
        return f"nexnum:clock:{_BOOT.read_text('ascii').strip()}"
    except OSError:
        return ""
