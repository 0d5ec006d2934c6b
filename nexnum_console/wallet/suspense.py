"""Suspense: money that arrived and fits nothing, until a person says whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import BusinessError, InvalidInput, NotFound
from nexnum_console.core.money import format_micro
from nexnum_console.notifications.alerts import close_alert, raise_alert
from nexnum_console.wallet import ledger
from nexnum_console.wallet.gateways.port import Notice

ALERT: Final = "suspense"


class AlreadyResolved(BusinessError):
    """The money was assigned or returned before."""

    code = "already_resolved"
    status = 409


class BeingReturned(BusinessError):
    """Its gateway was asked to pay the money back, and nobody knows yet whether it did."""

    code = "being_returned"
    status = 409


@dataclass(frozen=True, slots=True)
class Parked:
    """Money in suspense; ``amount`` in micro-units of ``currency``. ``failed`` refunds of it came
    to nothing."""

    id: int
    gateway: str
    payment_id: str
    amount: int
    currency: str
    why: str
    state: str
    arrived_at: datetime
    failed: int

    @property
    def ticket(self) -> str:
        """What its gateway is asked to pay it back with, which pays once; another one after a
        refund that failed, for the gateway would repeat that answer."""
        again = f":{self.failed}" if self.failed else ""
        return f"suspense:{self.id}{again}"


@dataclass(frozen=True, slots=True)
class Worth:
    """What a wallet is credited with, in micro-units of its ``currency``; ``said`` is the amount
    where a person decided it, None for money of the wallet's own currency."""

    amount: int
    currency: str
    said: int | None


_COLUMNS: Final = (
    "select id, gateway, payment_id, amount, currency, why, state, arrived_at, failed from suspense"
)


def clearing(unit: UnitOfWork, gateway: str, currency: str) -> str:
    """The account of a gateway's money in ``currency``; another one for a foreign currency."""
    foreign = not unit.scalar(
        "select exists (select from wallet where currency = :currency)", currency=currency
    )
    return f"gateway:{gateway}.{currency.lower()}" if foreign else f"gateway:{gateway}"


def knows(unit: UnitOfWork, gateway: str, payment_id: str) -> bool:
    """Whether this payment is or was in suspense."""
    return bool(
        unit.scalar(
            "select exists (select from suspense where gateway = :gateway"
            " and payment_id = :payment)",
            gateway=gateway,
            payment=payment_id,
        )
    )


def park(
    unit: UnitOfWork,
    gateway: str,
    payment_id: str,
    notice: Notice,
    why: str,
    intent_id: int | None,
    now: datetime,
) -> int | None:
    """Book money into suspense, once for each payment, and raise an alert; the row's id.

    None where there is nothing to book: no amount, or no currency that could be one.
    """
    currency = notice.currency.upper()
    if notice.amount <= 0 or not (currency.isascii() and currency.isalpha() and len(currency) == 3):
        alert(unit, gateway, payment_id, f"a payment without a readable amount: {why}", now)
        return None
    parked = unit.scalar(
        "insert into suspense (gateway, payment_id, amount, currency, why, intent_id, arrived_at)"
        " values (:gateway, :payment, :amount, :currency, :why, :intent_id, :now)"
        " on conflict (gateway, payment_id) do nothing returning id",
        gateway=gateway,
        payment=payment_id[:200],
        amount=notice.amount,
        currency=currency,
        why=why[:300],
        intent_id=intent_id,
        now=now,
    )
    if parked is None:
        return None
    legs = {
        clearing(unit, gateway, currency): -notice.amount,
        f"suspense:{currency.lower()}": notice.amount,
    }
    cause = ledger.Cause(f"suspense:{parked}", f"gateway:{gateway}", now, why)
    ledger.book_house(unit, "suspense", legs, currency, cause)
    text = f"{format_micro(notice.amount)} {currency} arrived and fits nothing: {why}"
    alert(unit, gateway, payment_id, text, now)
    return int(parked)


def parked(unit: UnitOfWork) -> list[Parked]:
    """What is open, oldest first."""
    return [Parked(**row) for row in unit.all(f"{_COLUMNS} where state = 'open' order by id")]


def get(unit: UnitOfWork, suspense_id: int) -> Parked:
    """NotFound."""
    row = unit.first(f"{_COLUMNS} where id = :id", id=suspense_id)
    if row is None:
        raise NotFound(f"There is nothing in suspense under {suspense_id}.")
    return Parked(**row)


def worth(unit: UnitOfWork, suspense_id: int, wallet_id: int, credit: int | None) -> Worth:
    """What a wallet would be credited; the money stays as it is until this transaction ends.

    Foreign money is worth the ``credit`` that a person says, in the wallet's currency. NotFound,
    AlreadyResolved, BeingReturned, InvalidInput.
    """
    return _worth(unit, _lock_still_here(unit, suspense_id), wallet_id, credit)


def _worth(unit: UnitOfWork, row: Any, wallet_id: int, credit: int | None) -> Worth:
    own = unit.scalar("select currency from wallet where id = :id", id=wallet_id)
    if own is None:
        raise NotFound(f"There is no wallet {wallet_id}.")
    if own == row["currency"]:
        if credit not in {None, row["amount"]}:
            raise InvalidInput("Money of the wallet's own currency is credited as it arrived.")
        return Worth(int(row["amount"]), own, None)
    if credit is None or credit <= 0:
        raise InvalidInput(f"Say what {row['currency']} money is worth in {own}.")
    return Worth(credit, own, credit)


def assign(
    unit: UnitOfWork,
    suspense_id: int,
    wallet_id: int,
    actor: str,
    note: str,
    now: datetime,
    *,
    credit: int | None = None,
) -> int:
    """Give the money to a wallet; returns the journal that credits it with what ``worth`` says.

    What foreign money differs by is an exchange. NotFound, AlreadyResolved, BeingReturned,
    InvalidInput.
    """
    row = _lock_still_here(unit, suspense_id)
    valued = _worth(unit, row, wallet_id, credit)
    account, amount = f"suspense:{row['currency'].lower()}", int(row["amount"])
    cause = ledger.Cause(f"suspense:{suspense_id}", actor, now, note)
    if valued.currency != row["currency"]:
        exchange = {account: -amount, f"fx_difference:{row['currency'].lower()}": amount}
        ledger.book_house(unit, "suspense_exchange", exchange, row["currency"], cause)
        account = f"fx_difference:{valued.currency.lower()}"
    posted = ledger.assign_suspense(unit, wallet_id, valued.amount, account, cause)
    close(unit, get(unit, suspense_id), "assigned", wallet_id, actor, note, now)
    return posted.journal_id


def of_payment(unit: UnitOfWork, gateway: str, payment_id: str) -> Parked | None:
    """The payment, where it is or was in suspense; it stays so until this transaction ends."""
    row = unit.first(
        f"{_COLUMNS} where gateway = :gateway and payment_id = :payment for update",
        gateway=gateway,
        payment=payment_id[:200],
    )
    return None if row is None else Parked(**row)


def lock(unit: UnitOfWork, suspense_id: int) -> Any:
    """The open row, which nobody else moves before this transaction ends; NotFound,
    AlreadyResolved."""
    row = unit.first("select * from suspense where id = :id for update", id=suspense_id)
    if row is None:
        raise NotFound(f"There is nothing in suspense under {suspense_id}.")
    if row["state"] != "open":
        raise AlreadyResolved(f"This money was {row['state']} before. Nothing was changed.")
    return row


def _lock_still_here(unit: UnitOfWork, suspense_id: int) -> Any:
    row = lock(unit, suspense_id)
    if row["returning_at"] is not None:
        raise BeingReturned(
            f"{row['gateway']} was asked to pay this money back, and it is not known yet whether it"
            " did. Nothing was changed; send it back once more to learn it."
        )
    return row


def close(
    unit: UnitOfWork,
    row: Parked,
    state: str,
    wallet_id: int | None,
    actor: str,
    note: str,
    now: datetime,
) -> None:
    """It is ``assigned`` or ``returned``, whose journal the caller has booked."""
    unit.run(
        "update suspense set state = :state, wallet_id = :wallet_id, closed_by = :actor,"
        " closed_at = :now, note = :note where id = :id",
        id=row.id,
        state=state,
        wallet_id=wallet_id,
        actor=actor,
        now=now,
        note=note,
    )
    close_alert(unit, ALERT, f"{row.gateway} {row.payment_id}", now)


def alert(unit: UnitOfWork, gateway: str, payment_id: str, text: str, now: datetime) -> None:
    """Tell of money that a person must decide on."""
    where = f"Payment {payment_id} at {gateway}. Assign it to a wallet or return it."
    raise_alert(unit, ALERT, f"{gateway} {payment_id}", f"{text}. {where}", now)
