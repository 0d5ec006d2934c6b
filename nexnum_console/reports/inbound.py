"""What a provider pushed to us lately, and what came of it, as staff see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports.words import count, millis

# outcome: (tone, icon, word, what it means)
_OUTCOMES: Final = {
    "checking": ("info", "clock", "Being confirmed", "The provider's status is asked for."),
    "waiting": ("info", "clock", "Waiting for our order", "No order has this number yet."),
    "applied": ("ok", "check", "Applied", "The SMS is stored."),
    "duplicate": ("", "check", "Known already", "The SMS was stored before."),
    "unconfirmed": ("warn", "alert", "Not confirmed", ""),
    "unknown": ("warn", "alert", "Unknown number", "No order of ours had this number."),
    "ignored": ("", "info", "No SMS", "A ping, or a change of state."),
    "refused": ("danger", "ban", "Refused", ""),
}
NEWEST: Final = 20
# A page carries a part of what came; the whole start stays in its row.
BODY_SHOWN: Final = 300
_NEWEST: Final = """
select d.* from inbound_delivery d
join provider_account a on a.id = d.account_id join provider p on p.id = a.provider_id
where p.name = :provider order by d.id desc limit :limit
"""


@dataclass(frozen=True, slots=True)
class InboundLine:
    """One event: when, what came of it and why, how often it came, and the start of its body.

    ``verified``: how it proved itself; ``address`` where only its address was secret. ``href``
    leads to the activation, empty where there is none.
    """

    id: int
    at_ms: int
    tone: str
    icon: str
    word: str
    why: str
    number: str
    verified: str
    times: str
    sender: str
    href: str
    body: str


def inbound_deliveries(unit: UnitOfWork, provider: str, limit: int = NEWEST) -> list[InboundLine]:
    """The newest events that the provider of this name pushed, the newest first."""
    return [_line(row) for row in unit.all(_NEWEST, provider=provider, limit=limit)]


def _line(row: Any) -> InboundLine:
    tone, icon, word, meaning = _OUTCOMES[row["outcome"]]
    return InboundLine(
        id=row["id"],
        at_ms=millis(row["received_at"]),
        tone=tone,
        icon=icon,
        word=word,
        why=row["reason"] or meaning,
        number=row["upstream_id"] or row["phone"] or "–",
        verified=row["verified"] or "nothing",
        times="once" if row["times"] == 1 else f"{count(row['times'])} times",
        sender=row["sender"],
        href=f"/console/activations/{row['activation_id']}" if row["activation_id"] else "",
        body=row["body"][:BODY_SHOWN],
    )
