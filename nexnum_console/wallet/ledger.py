"""Money moves. Each is one SQL statement that touches one wallet row, or nothing at all.

Signs: debits are negative, credits positive; a wallet is owed to its user, so it grows by credits.
All amounts are micro-units of the wallet currency. A journal's ``key`` is derived from its cause
(``commit:activation:42``), so a second try of the same move meets ``AlreadyBooked``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from nexnum_console.core.db import Row, UnitOfWork
from nexnum_console.wallet.errors import (
    AlreadyBooked,
    HoldNotFound,
    HoldResolved,
    InsufficientFunds,
    NothingToRefund,
    WalletFrozen,
    WalletNotFound,
)
from nexnum_console.wallet.statements import OUTGOING, MoveKind, house_sql, leg_parameters, move_sql

REVENUE = "revenue"
_HOUSE_CODE = re.compile(
    r"^(gateway|revenue|cogs|float|orphan_expense|refund_loss|promo|adjustment|penalty_income"
    r"|suspense|dispute|bank|owner|fx_difference)(:[a-z0-9_.-]+)?$"
)
_ONCE = frozenset({"journal_key_key", "journal_refunded_once", "hold_ref_key"})
_APART = "\x1f"


@dataclass(frozen=True, slots=True)
class Posted:
    """A booked journal and the wallet behind it."""

    journal_id: int
    wallet_seq: int
    available: int
    reserved: int


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a move is made: the order it belongs to, who asked, when."""

    ref: str
    actor: str
    now: datetime
    reason: str = ""

    def __post_init__(self) -> None:
        if _APART in self.ref + self.actor + self.reason:
            raise ValueError("a cause has no character 0x1F: it keeps the fields of a hash apart")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a provider took for an order, in wallet currency, and which provider."""

    provider: str
    amount: int

    def legs(self) -> dict[str, int]:
        """Expense against our float with the provider; empty for a free number."""
        if self.amount == 0:
            return {}
        return {f"cogs:{self.provider}": -self.amount, f"float:{self.provider}": self.amount}


@dataclass(frozen=True, slots=True)
class _Move:
    kind: MoveKind
    wallet_id: int
    cause: Cause
    available: int
    reserved: int
    house: Mapping[str, int] = field(default_factory=dict)
    hold_amount: int = 0
    charge: int = 0

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.cause.ref}"


def open_wallet(unit: UnitOfWork, user_id: int, currency: str) -> int:
    """Create the user's wallet with its two ledger accounts; returns the wallet's id."""
    wallet_id = int(
        unit.scalar(
            "insert into wallet (user_id, currency, head) values (:user_id, :currency,"
            " sha256(convert_to('nexnum wallet of user ' || :user_id, 'UTF8'))) returning id",
            user_id=user_id,
            currency=currency,
        )
    )
    unit.many(
        "insert into account (code, wallet_id, kind) values (:code, :wallet_id, 'wallet')",
        [{"code": code, "wallet_id": wallet_id} for code in _wallet_codes(wallet_id)],
    )
    return wallet_id


def deposit(unit: UnitOfWork, wallet_id: int, amount: int, gateway: str, cause: Cause) -> Posted:
    """Money arrived through ``gateway``: clearing account → available."""
    _positive(amount)
    house = {f"gateway:{gateway}": -amount}
    return _book(unit, _Move("deposit", wallet_id, cause, amount, 0, house))


def hold(unit: UnitOfWork, wallet_id: int, amount: int, cause: Cause) -> Posted:
    """Set ``amount`` aside for the order ``cause.ref``: available → reserved.

    Limits are checked here, so that commit and release cannot fail for lack of money.
    """
    _positive(amount)
    return _book(unit, _Move("hold", wallet_id, cause, -amount, amount, hold_amount=amount))


def commit(
    unit: UnitOfWork, wallet_id: int, cause: Cause, *, held: int, charge: int, cost: Cost
) -> Posted:
    """Charge ``charge`` of the hold and give the rest back; books the provider's cost with it."""
    if not 0 < charge <= held:
        raise ValueError("a charge lies between nothing and the hold")
    house = {REVENUE: charge, **cost.legs()}
    return _book(
        unit,
        _Move("commit", wallet_id, cause, held - charge, -held, house, held, charge),
    )


def release(unit: UnitOfWork, wallet_id: int, held: int, cause: Cause) -> Posted:
    """Give the whole hold back: reserved → available."""
    return _book(unit, _Move("release", wallet_id, cause, held, -held, hold_amount=held))


def refund(unit: UnitOfWork, wallet_id: int, amount: int, cause: Cause) -> Posted:
    """Return a committed charge, once per order: revenue → available."""
    _positive(amount)
    return _book(unit, _Move("refund", wallet_id, cause, amount, 0, {REVENUE: -amount}))


def adjust(unit: UnitOfWork, wallet_id: int, amount: int, cause: Cause) -> Posted:
    """A correction by staff, up or down: the adjustment account ↔ available."""
    if amount == 0:
        raise ValueError("an adjustment moves something")
    return _book(unit, _Move("adjustment", wallet_id, cause, amount, 0, {"adjustment": -amount}))


def penalise(unit: UnitOfWork, wallet_id: int, amount: int, cause: Cause) -> Posted:
    """Charge for a broken rule: available → penalty income; never below zero."""
    _positive(amount)
    return _book(unit, _Move("penalty", wallet_id, cause, -amount, 0, {"penalty_income": amount}))


def reverse_penalty(unit: UnitOfWork, wallet_id: int, amount: int, cause: Cause) -> Posted:
    """Give a penalty back, by a journal of its own: penalty income → available."""
    _positive(amount)
    return _book(
        unit, _Move("penalty_reversal", wallet_id, cause, amount, 0, {"penalty_income": -amount})
    )


def credit_coupon(unit: UnitOfWork, wallet_id: int, amount: int, cause: Cause) -> Posted:
    """A gift of the house: promotions → available."""
    _positive(amount)
    return _book(unit, _Move("coupon", wallet_id, cause, amount, 0, {"promo": -amount}))


def return_deposit(
    unit: UnitOfWork, wallet_id: int, amount: int, gateway: str, cause: Cause, *, gift: int = 0
) -> Posted:
    """Money goes back the way it came: available → clearing account; with it the ``gift`` that was
    given for it: available → promotions."""
    _positive(amount)
    house = _returned(gateway, amount, gift)
    return _book(unit, _Move("deposit_refund", wallet_id, cause, -amount - gift, 0, house))


def undo_return(
    unit: UnitOfWork, wallet_id: int, amount: int, gateway: str, cause: Cause
) -> Posted:
    """The gateway refused to pay it back: clearing account → available, and the gift that went
    with it."""
    _positive(amount)
    gift = unit.scalar(
        "select e.amount from journal j join entry e on e.journal_id = j.id"
        " join account a on a.id = e.account_id"
        " where j.key = :key and a.code = 'promo'",
        key=f"deposit_refund:{cause.ref}",
    )
    gift = int(gift or 0)
    house = _returned(gateway, -amount, -gift)
    return _book(unit, _Move("deposit_refund_undone", wallet_id, cause, amount + gift, 0, house))


def assign_suspense(
    unit: UnitOfWork, wallet_id: int, amount: int, account: str, cause: Cause
) -> Posted:
    """Money whose owner is known now: ``account`` (suspense, or what was exchanged for it) →
    available."""
    _positive(amount)
    return _book(unit, _Move("suspense_release", wallet_id, cause, amount, 0, {account: -amount}))


def book_house(
    unit: UnitOfWork, kind: str, legs: Mapping[str, int], currency: str, cause: Cause
) -> int:
    """A journal between house accounts only (a provider's refund, an orphan's cost).

    Returns the journal id, also when the same move was booked before.
    """
    return book_house_once(unit, kind, legs, currency, cause)[0]


def book_house_once(
    unit: UnitOfWork, kind: str, legs: Mapping[str, int], currency: str, cause: Cause
) -> tuple[int, bool]:
    """As ``book_house``, and whether the journal is new: what goes with it is done only then."""
    if sum(legs.values()) != 0:
        raise ValueError("the legs of a journal sum to zero")
    _ensure_house_accounts(unit, legs)
    key = f"{kind}:{cause.ref}"
    parameters = _parameters(key, kind, legs, cause) | {"currency": currency}
    row = unit.first(house_sql(len(legs)), **parameters)
    if row is not None:
        return int(row["id"]), True
    return int(unit.scalar("select id from journal where key = :k", k=key)), False


def is_booked(unit: UnitOfWork, kind: str, ref: str) -> bool:
    """Whether a journal of this kind and cause exists."""
    return bool(
        unit.scalar("select exists (select from journal where key = :k)", k=f"{kind}:{ref}")
    )


def _book(unit: UnitOfWork, move: _Move) -> Posted:
    legs = _legs(move)
    parameters = _parameters(move.key, move.kind, legs, move.cause) | {
        "wallet_id": move.wallet_id,
        "available": move.available,
        "reserved": move.reserved,
        "available_code": _wallet_codes(move.wallet_id)[0],
        "reserved_code": _wallet_codes(move.wallet_id)[1],
        "hold_amount": move.hold_amount,
        "charge": move.charge,
    }
    statement = move_sql(move.kind, len(legs))
    row = _run(unit, move, statement, parameters)
    if row is None and move.house:
        _ensure_house_accounts(unit, move.house)
        row = _run(unit, move, statement, parameters)
    if row is None:
        raise _why_refused(unit, move)
    return Posted(row["journal_id"], row["wallet_seq"], row["available"], row["reserved"])


def _run(
    unit: UnitOfWork, move: _Move, statement: str, parameters: Mapping[str, Any]
) -> Row | None:
    try:
        return unit.first(statement, **parameters)
    except IntegrityError as error:
        # Two of the same at once: the second waited for the wallet and meets the first's journal.
        broken = getattr(getattr(error.orig, "diag", None), "constraint_name", "")
        if broken in _ONCE:
            raise AlreadyBooked(f"{move.key} was booked at the same moment") from error
        raise


def _legs(move: _Move) -> dict[str, int]:
    available_code, reserved_code = _wallet_codes(move.wallet_id)
    legs = {available_code: move.available, reserved_code: move.reserved, **move.house}
    legs = {code: amount for code, amount in legs.items() if amount != 0}
    if sum(legs.values()) != 0:
        raise ValueError("the legs of a journal sum to zero")
    return legs


def _parameters(key: str, kind: str, legs: Mapping[str, int], cause: Cause) -> dict[str, Any]:
    return {
        "key": key,
        "kind": kind,
        "ref": cause.ref,
        "actor": cause.actor,
        "reason": cause.reason,
        "now": cause.now,
        **leg_parameters(legs),
    }


def _ensure_house_accounts(unit: UnitOfWork, legs: Mapping[str, int]) -> None:
    for code in legs:
        if not _HOUSE_CODE.match(code):
            raise ValueError(f"{code!r} is not a house account")
    unit.many(
        "insert into account (code, kind) values (:code, 'house') on conflict (code) do nothing",
        [{"code": code} for code in legs],
    )


def _why_refused(unit: UnitOfWork, move: _Move) -> Exception:
    booked = unit.scalar("select id from journal where key = :key", key=move.key)
    if booked is not None:
        return AlreadyBooked(f"{move.key} was booked before", journal_id=booked)
    wallet = unit.first("select * from wallet where id = :id", id=move.wallet_id)
    if wallet is None:
        return WalletNotFound(f"there is no wallet {move.wallet_id}")
    if wallet["frozen_reason"] and move.kind in OUTGOING:
        return WalletFrozen("this wallet is frozen; support has been told")
    if move.kind in {"commit", "release"}:
        return _why_hold_refused(unit, move)
    if move.kind == "refund":
        return NothingToRefund(f"{move.cause.ref} was not charged that much")
    return InsufficientFunds(
        "your balance does not cover this; nothing was bought. Deposit and try again",
        available_micro=wallet["available"],
        needed_micro=-move.available,
    )


def _why_hold_refused(unit: UnitOfWork, move: _Move) -> Exception:
    row = unit.first("select state, amount from hold where ref = :ref", ref=move.cause.ref)
    if row is None or (row["state"] == "open" and row["amount"] != move.hold_amount):
        return HoldNotFound(f"no open hold {move.cause.ref} of that amount")
    return HoldResolved(f"the hold {move.cause.ref} was already {row['state']}", state=row["state"])


def _returned(gateway: str, amount: int, gift: int) -> dict[str, int]:
    return {f"gateway:{gateway}": amount, **({"promo": gift} if gift else {})}


def _wallet_codes(wallet_id: int) -> tuple[str, str]:
    return f"wallet:{wallet_id}:available", f"wallet:{wallet_id}:reserved"


def _positive(amount: int) -> None:
    if amount <= 0:
        raise ValueError("a money move needs a positive amount")
