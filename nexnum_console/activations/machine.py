"""The life of an activation as one table, and nothing else: pure."""

from __future__ import annotations

from dataclasses import dataclass
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
OPEN_ATTEMPTS: Final = ("sent", "unknown")  # nobody has said yet what became of them

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


@dataclass(frozen=True, slots=True)
class Step:
    """A row of the table: ``moves`` are the ledger's kinds that the step books, and no others."""

    state: str
    event: str
    to: str
    moves: tuple[str, ...] = ()


NEW: Final = "new"  # before the order's own transaction commits

# What is not here is refused. A provider's own refund is booked when its word comes, after the
# buyer's: see UPSTREAM_STATES.
TABLE: Final = (
    Step(NEW, "ordered", "buying", ("hold",)),
    Step("buying", "acquired", "waiting", ("commit",)),
    Step("buying", "unknown", "confirming"),
    Step("buying", "declined", "failed", ("release",)),
    Step("confirming", "acquired", "waiting", ("commit",)),
    Step("confirming", "declined", "failed", ("release",)),
    Step("waiting", "sms", "received"),
    Step("waiting", "cancel", "cancelling"),
    Step("waiting", "cancelled", "cancelled", ("refund",)),
    Step("waiting", "expired", "expired", ("refund",)),
    Step("cancelling", "sms", "received"),
    Step("cancelling", "refused", "waiting"),
    Step("cancelling", "cancelled", "cancelled", ("refund",)),
    Step("cancelling", "expired", "expired", ("refund",)),
    Step("received", "sms", "received"),
    Step("received", "finished", "finished"),
    Step("received", "expired", "finished"),
)
_STEPS: Final = {(step.state, step.event): step for step in TABLE}


def after(state: str, event: str) -> str | None:
    """The state that ``event`` leads to, or None where it is refused."""
    step = _STEPS.get((state, event))
    return step.to if step else None


def sources(event: str) -> tuple[str, ...]:
    """Every state that accepts ``event``; the WHERE clause of a conditional update."""
    return tuple(step.state for step in TABLE if step.event == event)


def diagram() -> str:
    """The table as a Mermaid state diagram; the docs show it, a test holds them to it."""
    lines = ["stateDiagram-v2"]
    for step in TABLE:
        start = "[*]" if step.state == NEW else step.state
        told = f"{step.event} / {', '.join(step.moves)}" if step.moves else step.event
        lines.append(f"  {start} --> {step.to}: {told}")
    return "\n".join([*lines, *(f"  {end} --> [*]" for end in STATES if end in TERMINAL)])
