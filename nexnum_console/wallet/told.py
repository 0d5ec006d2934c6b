"""What came of a gateway's word."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """What a callback did, in words, and whose wallet changed. With a ``request_id`` it waits for
    a second person, and nothing has moved."""

    outcome: str
    user_id: int | None = None
    deposit_id: int | None = None
    request_id: int | None = None
