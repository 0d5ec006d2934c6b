"""The job that writes a list as a file."""

from __future__ import annotations

from nexnum_console.bootstrap import services
from nexnum_console.core.clock import utc_now
from nexnum_console.operations import exports


def write(export_id: int) -> None:
    """Write one file."""
    parts = services()
    exports.write(parts.database, parts.events, export_id, utc_now)
