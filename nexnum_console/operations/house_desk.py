"""What the operator tells the books of the outside: payouts, money sent to providers, balances
taken as right. Each is a journal or a row of its own, audited, and made once for its reference."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from nexnum_console.audit import log as audit
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import InvalidInput, NotFound
from nexnum_console.core.money import format_micro
from nexnum_console.operations.people import proper_reason
from nexnum_console.wallet import ledger

_DEEDS: Final = {"payout": "house.payout", "top_up": "house.top_up"}


@dataclass(frozen=True, slots=True)
class Entered:
    """The journal that tells of it; ``before`` where the same was told before and nothing was
    booked now."""

    journal_id: int
    before: bool


def payout(
    unit: UnitOfWork,
    actor: Actor,
    gateway: str,
    amount: int,
    currency: str,
    reference: str,
    now: datetime,
) -> Entered:
    """A gateway paid out ``amount`` micro-units: clearing account → bank.

    The same ``reference`` is booked once; InvalidInput for another payout under it.
    """
    legs = {f"gateway:{gateway}": amount, "bank": -amount}
    return _book(unit, actor, "payout", gateway, legs, amount, currency, reference, now)


def top_up(
    unit: UnitOfWork,
    actor: Actor,
    account_id: int,
    amount: int,
    currency: str,
    reference: str,
    now: datetime,
    *,
    arrived: int | None = None,
) -> Entered:
    """Money was sent to a provider account: bank → float, once for ``reference``.

    ``arrived``: micro-units of the account's own currency, which its balance grew by; may be left
    out where that is ``currency``. NotFound; InvalidInput, also for another top-up under the same
    reference.
    """
    account = unit.first(
        "select pa.id, p.name, p.currency, pa.label from provider_account pa"
        " join provider p on p.id = pa.provider_id where pa.id = :id",
        id=account_id,
    )
    if account is None:
        raise NotFound(f"There is no provider account {account_id}.")
    native = _native(account, amount, currency, arrived)
    legs = {f"float:{account['name']}": -amount, "bank": amount}
    entered = _book(unit, actor, "top_up", account["name"], legs, amount, currency, reference, now)
    if entered.before:
        _refuse_other_account(unit, entered.journal_id, account_id, native)
        return entered
    unit.run(
        "insert into float_top_up (account_id, journal_id, amount_micro, at, actor)"
        " values (:account, :journal, :native, :now, :actor)",
        account=account_id,
        journal=entered.journal_id,
        native=native,
        now=now,
        actor=actor.name,
    )
    return entered


def _native(account: Any, amount: int, currency: str, arrived: int | None) -> int:
    """What the account's balance grew by, in its own currency; InvalidInput."""
    whose = f"{account['name']} ({account['label']}) counts in {account['currency']}"
    if account["currency"] == currency:
        if arrived not in {None, amount}:
            raise InvalidInput(
                f"{whose}, as our books do: the amount is what arrived there, once. Nothing was"
                " booked."
            )
        return amount
    if arrived is None or arrived <= 0:
        raise InvalidInput(f"{whose}: say how much of that arrived there. Nothing was booked.")
    return arrived


def _refuse_other_account(unit: UnitOfWork, journal_id: int, account_id: int, native: int) -> None:
    """InvalidInput where the journal tells of another account, or of another amount there."""
    row = unit.first(
        "select t.account_id, t.amount_micro, pa.label, p.name, p.currency from float_top_up t"
        " join provider_account pa on pa.id = t.account_id join provider p on p.id = pa.provider_id"
        " where t.journal_id = :id",
        id=journal_id,
    )
    # A top-up from before accounts were told apart has no row; its journal agreed.
    if row is not None and (row["account_id"], row["amount_micro"]) != (account_id, native):
        raise InvalidInput(
            f"This reference is journal {journal_id} already, of which"
            f" {format_micro(row['amount_micro'])} {row['currency']} arrived at {row['name']}"
            f" ({row['label']}). Nothing was booked; give this transfer a reference of its own."
        )


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
) -> Entered:
    reference = " ".join(reference.split())
    if amount <= 0 or not 3 <= len(reference) <= 80:
        raise InvalidInput("Give an amount above zero and a reference of 3 to 80 characters.")
    cause = ledger.Cause(f"{whom}:{reference}"[:120], actor.name, now, reference)
    known = unit.scalar("select id from journal where key = :key", key=f"{kind}:{cause.ref}")
    journal_id = known or ledger.book_house(unit, kind, legs, currency, cause)
    # Asked after booking, too: another one may have booked under this reference meanwhile.
    _refuse_another(unit, int(journal_id), legs, currency, reference)
    if known is None:
        audit.record(
            unit,
            actor,
            _DEEDS[kind],
            f"{kind}:{whom}",
            after={"amount": format_micro(amount), "journal": journal_id},
            reason=reference,
            now=now,
        )
    return Entered(int(journal_id), before=known is not None)


def _refuse_another(
    unit: UnitOfWork, journal_id: int, legs: dict[str, int], currency: str, reference: str
) -> None:
    """InvalidInput where the journal under this reference tells of something else."""
    rows = unit.all(
        "select a.code, e.amount, j.currency, j.reason from journal j"
        " join entry e on e.journal_id = j.id join account a on a.id = e.account_id"
        " where j.id = :id",
        id=journal_id,
    )
    booked = {row["code"]: row["amount"] for row in rows}, rows[0]["currency"], rows[0]["reason"]
    if booked != (legs, currency, reference):
        amount = format_micro(max(booked[0].values()))
        raise InvalidInput(
            f"{booked[2]} is journal {journal_id} already, about {amount} {booked[1]}, not"
            f" {format_micro(max(legs.values()))} {currency} under {reference}. Nothing was booked;"
            " give this transfer a reference of its own."
        )
