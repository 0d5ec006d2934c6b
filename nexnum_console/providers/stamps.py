"""What a request says of its own moment: its time, and words that never come twice."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

STAMPS: Final = ("timestamp", "timestamp_ms", "time_iso", "nonce", "uuid")

Stamp = Callable[[], dict[str, str]]


def fresh(now: datetime | None = None) -> dict[str, str]:
    """Values of the variables in ``STAMPS``; ``now`` is the caller's clock, else the system's."""
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    milliseconds = int(moment.timestamp() * 1000)
    return {
        "timestamp": str(milliseconds // 1000),
        "timestamp_ms": str(milliseconds),
        "time_iso": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "nonce": secrets.token_hex(16),
        "uuid": str(uuid.uuid4()),
    }
