"""Time zones of providers that write times without one: an offset or a name."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

_OFFSET: Final = re.compile(r"Z|[+-](?:0\d|1[0-4]):[0-5]\d")
_LOCAL: Final = frozenset({"localtime", "Factory"})  # another one on each machine


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Names of the IANA database that mean the same on every machine."""
    return frozenset(available_timezones() - _LOCAL)


def known_zone(written: str) -> bool:
    """Whether a config may name this zone: ``+03:00``, ``Z`` or ``Europe/Moscow``."""
    return bool(_OFFSET.fullmatch(written)) or written in zone_names()


def localised(zone: str) -> Callable[[str], str]:
    """Gives a zone-less time its zone.

    A name tells the offset of that day. An hour that the end of summer time repeats is its first
    one; one that its beginning leaves out is read by the offset before it, so that 02:30 is half
    an hour after the clocks were put forward. What is no time stays as it is.
    """
    if _OFFSET.fullmatch(zone):
        return lambda written: written + zone
    place = ZoneInfo(zone)

    def read(written: str) -> str:
        try:
            moment = datetime.fromisoformat(written)
        except ValueError:
            return written
        if moment.tzinfo is not None:
            return written
        offset = moment.replace(tzinfo=place, fold=0).strftime("%z")
        return f"{written}{offset[:3]}:{offset[3:5]}"

    return read
