"""The life of an activation as one table, and nothing else: pure."""

from __future__ import annotations

from typing import Final

STATES: Final = (
    "buying",  # money held, a provider is being asked
    "confirming",  # the answer to a purchase is unknown; money stays held
    "waiting",  # the number is ours and charged; no SMS yet
    "received",  # at least one SMS came; the charge is final
    "cancelling",  # the user gave the number back; the provider has not confirmed
    "failed",  # nothing was sold; the hold was released
    "cancelled",  # given back before an SMS; refunded
    "expired",  # no SMS in its lifetime; refunded
    "finished",  # closed after an SMS
)
TERMINAL: Final = frozenset({"failed", "cancelled", "expired", "finished"})
LIVE: Final = ("waiting", "received", "cancelling")

ATTEMPT_STATES: Final = ("sent", "acquired", "declined", "unknown", "released")

# What became of the number at the provider, and with it of what it cost us.
UPSTREAM_STATES: Final = (
    "none",  # nothing bought
    "open",  # the number is live there
    "closing",  # we want it back: cancelled with patience
    "refunded",  # the provider gave our money back
    "kept",  # a code came: the provider earned it
    "lost",  # our user was refunded, we were not
)

# What came of an event that a provider pushed.
DELIVERY_OUTCOMES: Final = (
    "checking",  # matched with a number; a status call is due
    "waiting",  # no order has this number yet; ours may not be committed
    "applied",  # confirmed: its SMS is stored
    "duplicate",  # its SMS was stored already
    "unconfirmed",  # the provider's status never showed it
    "unknown",  # no order of ours ever had this number
    "ignored",  # no SMS: a ping, a change of state
    "refused",  # no proof, too old, or not to be read
)

# (state, event) -> state. What is not here is refused.
TRANSITIONS: Final[dict[tuple[str, str], str]] = {
    ("buying", "acquired"): "waiting",
    ("buying", "unknown"): "confirming",
    ("buying", "declined"): "failed",
    ("confirming", "acquired"): "waiting",
    ("confirming", "declined"): "failed",
    ("waiting", "sms"): "received",
    ("waiting", "cancel"): "cancelling",
    ("waiting", "cancelled"): "cancelled",
    ("waiting", "expired"): "expired",
    ("cancelling", "sms"): "received",
    ("cancelling", "refused"): "waiting",
    ("cancelling", "cancelled"): "cancelled",
    ("cancelling", "expired"): "expired",
    ("received", "sms"): "received",
    ("received", "finished"): "finished",
    ("received", "expired"): "finished",
}


def after(state: str, event: str) -> str | None:
    """The state that ``event`` leads to, or None where it is refused."""
    return TRANSITIONS.get((state, event))


def sources(event: str) -> tuple[str, ...]:
    """Every state that accepts ``event``; the WHERE clause of a conditional update."""
    return tuple(state for (state, name) in TRANSITIONS if name == event)
