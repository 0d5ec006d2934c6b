"""Named places where a test may kill the process, to prove that a crash there loses nothing."""

from __future__ import annotations

import os

# Every place, in the order a purchase meets them; the crash tests visit all of them.
POINTS = (
    "purchase.placed",
    "purchase.attempt_written",
    "purchase.answered",
    "purchase.bound",
    "purchase.declined",
    "purchase.failed",
    "purchase.unknown",
    "cancel.asked",
    "cancel.answered",
    "cancel.settled",
    "poll.claimed",
    "poll.answered",
    "poll.stored",
    "sweep.swept",
    "reconcile.listed",
    "reconcile.settled",
    "close.answered",
    "close.settled",
)
_EXIT_KILLED = 137
_armed: set[str] = set()


def arm(name: str) -> None:
    """Kill this process the next time it passes ``name``."""
    if name not in POINTS:
        raise ValueError(f"no failpoint {name!r}; known: {', '.join(POINTS)}")
    _armed.add(name)


def failpoint(name: str) -> None:
    """Mark a place; without an armed test it does nothing."""
    if name in _armed:
        os.write(2, f"killed at {name}\n".encode())
        os._exit(_EXIT_KILLED)
