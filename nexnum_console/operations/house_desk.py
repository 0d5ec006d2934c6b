"""What the operator tells the books of the outside: payouts, money sent to providers, balances
taken as right. Each is a journal or a row of its own, audited, and made once for its reference."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from nexnum_console.audit import log as audit
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import InvalidInput, NotFound
from nexnum_console.core.money import format_micro
from nexnum_console.operations.people import proper_reason
from nexnum_console.wallet import ledger

_DEEDS: Final = {"payout": "house.payout", "top_up": "house.top_up"}


def payout(
    unit: UnitOfWork,
    actor: Actor,
    gateway: str,
    amount: int,
    currency: str,
    reference: str,
    now: datetime,
) -> int:
    """A gateway paid out ``amount`` micro-units: clearing account → bank; the journal's id.

    The same ``reference`` is booked once. InvalidInput.
    """
    legs = {f"gateway:{gateway}": amount, "bank": -amount}
    return _book(unit, actor, "payout", gateway, legs, amount, currency, reference, now)


def top_up(
    unit: UnitOfWork,
    actor: Actor,
    provider: str,
    amount: int,
    currency: str,
    reference: str,
    now: datetime,
) -> int:
    """Money was sent to a provider: bank → float; the journal's id, once for ``reference``."""
    legs = {f"float:{provider}": -amount, "bank": amount}
    return _book(unit, actor, "top_up", provider, legs, amount, currency, reference, now)


def take_balance_as_right(
    unit: UnitOfWork, actor: Actor, account_id: int, reason: str, now: datetime
) -> int:
    """From now on a provider account's books start at what it said last; the balance, native
    micro-units. What the difference was is kept in the audit log. NotFound, InvalidInput."""
    reason = proper_reason(reason)
    row = unit.first(
        "select balance_micro, balance_at from provider_account where id = :id", id=account_id
    )
    if row is None:
        raise NotFound(f"There is no provider account {account_id}.")
    if row["balance_micro"] is None:
        raise InvalidInput("This provider has not said what it holds; nothing to start from.")
    before = unit.scalar(
        "select balance_micro from float_baseline where account_id = :id order by id desc limit 1",
        id=account_id,
    )
    unit.run(
        "insert into float_baseline (account_id, balance_micro, at, actor, reason)"
        " values (:id, :balance, :at, :actor, :reason)",
        id=account_id,
        balance=row["balance_micro"],
        at=row["balance_at"],
        actor=actor.name,
        reason=reason,
    )
    audit.record(
        unit,
        actor,
        "provider.balance",
        f"account:{account_id}",
        before=None if before is None else {"balance": format_micro(before)},
        after={"balance": format_micro(row["balance_micro"])},
        reason=reason,
        now=now,
    )
    return int(row["balance_micro"])


def _book(
    unit: UnitOfWork,
    actor: Actor,
    kind: str,
    whom: str,
    legs: dict[str, int],
    amount: int,
    currency: str,
    reference: str,
    now: datetime,
) -> int:
    reference = " ".join(reference.split())
    if amount <= 0 or not 3 <= len(reference) <= 80:
        raise InvalidInput("Give an amount above zero and a reference of 3 to 80 characters.")
    cause = ledger.Cause(f"{whom}:{reference}"[:120], actor.name, now, reference)
    known = unit.scalar("select id from journal where key = :key", key=f"{kind}:{cause.ref}")
    if known is not None:
        return int(known)
    journal_id = ledger.book_house(unit, kind, legs, currency, cause)
    audit.record(
        unit,
        actor,
        _DEEDS[kind],
        f"{kind}:{whom}",
        after={"amount": format_micro(amount), "journal": journal_id},
        reason=reference,
        now=now,
    )
    return journal_id
