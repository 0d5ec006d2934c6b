"""Time as an argument: services take ``now``; only edges read a clock."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The wall clock, zone-aware. Call it at an edge (API, job, CLI) and pass the value on."""
    return datetime.now(UTC)
