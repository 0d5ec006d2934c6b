"""What a provider's word does to an activation: an SMS, a cancellation, an expiry.

Each effect is one conditional update, so that an SMS and a refund can never both win.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from nexnum_console.activations.attempts import wallet_cost
from nexnum_console.activations.desk import Desk, note, order_ref
from nexnum_console.activations.machine import sources
from nexnum_console.core.actor import SYSTEM
from nexnum_console.core.db import Row, UnitOfWork
from nexnum_console.core.storable import storable
from nexnum_console.providers import otp
from nexnum_console.providers.client import StatusReport
from nexnum_console.wallet import ledger

# How the end of an activation reads, by the provider's own word for it.
ENDED = {"cancelled": "cancelled", "expired": "expired", "finished": "finished"}
# What the columns of a code and of a sender take.
CODE_MOST: Final = 64
SENDER_MOST: Final = 64


@dataclass(frozen=True, slots=True)
class Sms:
    """One message as a provider reports it, made fit to be kept.

    A sender too long for its column is cut, which its last character shows. What is too long for
    a code is a text that somebody took for one: it stands in ``text``, and the code is the one
    that is read in it, or None.
    """

    code: str | None
    text: str
    sender: str

    def __post_init__(self) -> None:
        code, text = _code_and_text(self.code and storable(self.code), storable(self.text))
        sender = storable(self.sender)
        if len(sender) > SENDER_MOST:
            sender = sender[: SENDER_MOST - 1] + "…"
        for name, value in (("code", code), ("text", text), ("sender", sender)):
            object.__setattr__(self, name, value)

    @property
    def content_key(self) -> str:
        """The same message seen twice has the same key."""
        parts = "\x00".join((self.code or "", self.text, self.sender))
        return hashlib.sha256(parts.encode()).hexdigest()


def _code_and_text(code: str | None, text: str) -> tuple[str | None, str]:
    if code is None or len(code) <= CODE_MOST:
        return code, text
    found = otp.extract(code)
    whole = text if code in text else "\n".join(filter(None, (text, code)))
    return (found if found and len(found) <= CODE_MOST else None), whole


def messages_of(report: StatusReport) -> list[Sms]:
    """Every SMS that a status call shows."""
    found = [Sms(m.code or None, m.text or "", m.sender or "") for m in report.messages]
    if not found and report.state == "received" and (report.code or report.text):
        found.append(Sms(report.code or None, report.text or "", report.sender or ""))
    return [sms for sms in found if sms.code or sms.text]


def store_messages(
    unit: UnitOfWork, desk: Desk, activation_id: int, messages: Sequence[Sms], now: datetime
) -> int:
    """Keep messages not seen before and move to ``received``; returns how many were new.

    A message for an activation that ended without one is kept and marked late: it is shown, the
    refund stands.
    """
    row = unit.first("select * from activation where id = :id for update", id=activation_id)
    if row is None:
        return 0
    live = row["state"] in sources("sms")
    new = [
        sms
        for sms in messages
        if not _told_before(unit, activation_id, sms)
        and _insert(unit, activation_id, sms, not live, now)
    ]
    if not new:
        return 0
    if live:
        code = next((sms.code for sms in reversed(new) if sms.code), row["code"])
        unit.run(
            "update activation set state = 'received', sms_count = sms_count + :count,"
            " code = :code where id = :id",
            id=activation_id,
            count=len(new),
            code=code,
        )
    note(unit, activation_id, "sms" if live else "late_sms", now, count=len(new))
    desk.announce(unit, row["user_id"], activation_id)
    return len(new)


def give_back(
    unit: UnitOfWork, desk: Desk, activation_id: int, event: str, *, upstream: str, now: datetime
) -> bool:
    """End an activation without an SMS and refund its charge, unless an SMS came first.

    ``event`` is ``cancelled`` or ``expired``; ``upstream`` what is known of the provider's side:
    ``refunded``, ``lost`` where it keeps our money, or ``closing`` where that is still to be won
    back.
    """
    row = unit.first(
        "update activation set state = :event, reason = :event, closed_at = :now,"
        " next_at = null, lease_until = null, upstream = :upstream,"
        " close_at = cast(:close_at as timestamptz)"
        " where id = :id and sms_count = 0 and state = any(:from_states) returning *",
        id=activation_id,
        event=event,
        upstream=upstream,
        close_at=now if upstream == "closing" else None,
        now=now,
        from_states=list(sources(event)),
    )
    if row is None:
        return False
    cause = ledger.Cause(order_ref(activation_id), SYSTEM, now, event)
    ledger.refund(unit, row["wallet_id"], row["charged"], cause)
    if upstream == "refunded":
        book_provider_refund(unit, desk, row, now)
    note(unit, activation_id, event, now, refunded=row["charged"])
    if upstream == "lost":
        book_provider_loss(unit, desk, row, now)
        note(unit, activation_id, "provider_lost", now)
    desk.announce(unit, row["user_id"], activation_id)
    return True


def finish(unit: UnitOfWork, desk: Desk, activation_id: int, now: datetime) -> bool:
    """Close an activation that received its SMS; the charge is final."""
    row = unit.first(
        "update activation set state = 'finished', upstream = 'kept', closed_at = :now,"
        " next_at = null, lease_until = null where id = :id and state = any(:from_states)"
        " returning user_id",
        id=activation_id,
        now=now,
        from_states=list(sources("finished")),
    )
    if row is None:
        return False
    note(unit, activation_id, "finished", now)
    desk.announce(unit, row["user_id"], activation_id)
    return True


def book_provider_refund(unit: UnitOfWork, desk: Desk, row: Row, now: datetime) -> None:
    """The provider gave back what the number cost: our float grows, the cost is undone."""
    _book_cost(unit, desk, row, "provider_refund", "float", now)


def book_provider_loss(unit: UnitOfWork, desk: Desk, row: Row, now: datetime) -> None:
    """The user was refunded, we were not: the cost moves to the loss account."""
    _book_cost(unit, desk, row, "provider_loss", "refund_loss", now)


def _book_cost(
    unit: UnitOfWork, desk: Desk, row: Row, kind: str, against: str, now: datetime
) -> None:
    amount = wallet_cost(row["cost_micro"], row["cost_rate"])
    if amount == 0:
        return
    # Not from the desk's carriers: they may read the database on another connection, and here the
    # wallet's row is locked already.
    provider = unit.scalar(
        "select p.name from provider_account a join provider p on p.id = a.provider_id"
        " where a.id = :id",
        id=row["account_id"],
    )
    legs = {f"cogs:{provider}": amount, f"{against}:{provider}": -amount}
    cause = ledger.Cause(order_ref(row["id"]), SYSTEM, now)
    ledger.book_house(unit, kind, legs, desk.wallet_currency, cause)


def look_again(
    unit: UnitOfWork, activation_id: int, fence: int, at: datetime, *, failed: bool = False
) -> None:
    """Hand the row back for its next look, unless another worker took it over."""
    unit.run(
        "update activation set next_at = :at, lease_until = null,"
        " status_failures = case when :failed then status_failures + 1 else 0 end"
        " where id = :id and fence = :fence",
        id=activation_id,
        fence=fence,
        at=at,
        failed=failed,
    )


def overdue(row: Row, now: datetime, settle_seconds: int) -> bool:
    """Whether a number is so long past its life that the provider's word is waited for no more."""
    return bool(now >= row["expires_at"] + timedelta(seconds=settle_seconds))


def _told_before(unit: UnitOfWork, activation_id: int, sms: Sms) -> bool:
    """A webhook and a status call show the same message, one of them without text or sender."""
    if sms.code is None:
        return False
    return bool(
        unit.scalar(
            "select exists (select from message where activation_id = :id and code = :code"
            " and (text = :text or '' in (text, :text))"
            " and (sender = :sender or '' in (sender, :sender)))",
            id=activation_id,
            code=sms.code,
            text=sms.text,
            sender=sms.sender,
        )
    )


def _insert(unit: UnitOfWork, activation_id: int, sms: Sms, late: bool, now: datetime) -> bool:
    inserted = unit.scalar(
        "insert into message (activation_id, content_key, code, text, sender, late, received_at)"
        " values (:activation_id, :content_key, :code, :text, :sender, :late, :now)"
        " on conflict (activation_id, content_key) do nothing returning id",
        activation_id=activation_id,
        content_key=sms.content_key,
        code=sms.code,
        text=sms.text,
        sender=sms.sender,
        late=late,
        now=now,
    )
    return inserted is not None
