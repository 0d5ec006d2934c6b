"""Coupons: a gift at once, or a share of a deposit. Limits hold for whoever redeems at once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import BusinessError, InvalidInput
from nexnum_console.core.money import format_micro
from nexnum_console.wallet import ledger

# Without letters and digits that are taken for one another; 31^12 codes cannot be guessed.
ALPHABET: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH: Final = 12
WHOLE: Final = 10_000


class CouponRefused(BusinessError):
    """No such coupon, or not for this wallet now; nothing was credited.

    One code for all reasons that would tell a guesser that a code exists.
    """

    code = "coupon_refused"
    status = 422


@dataclass(frozen=True, slots=True)
class Terms:
    """What a coupon gives: ``amount`` micro-units at once (after a deposit of at least
    ``least_deposit``, where that is not 0), or ``percent`` hundredths of a percent of such a
    deposit, at most ``most_credit``."""

    amount: int | None = None
    percent: int | None = None
    most_credit: int | None = None
    least_deposit: int = 0
    most_uses: int = 1
    most_each: int = 1
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What was credited."""

    amount: int
    journal_id: int


def normal(code: str) -> str:
    """A code as it is stored: letters large, without the spaces and dashes people write."""
    return "".join(code.upper().replace("-", " ").split())


def make(unit: UnitOfWork, terms: Terms, actor: str, now: datetime, code: str = "") -> str:
    """Make a coupon and return its code, a random one where none is given; InvalidInput."""
    _check(terms)
    code = normal(code) or "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    if not 4 <= len(code) <= 32 or not code.isascii() or not code.isalnum():
        raise InvalidInput("A coupon's code has 4 to 32 letters and digits.")
    made = unit.scalar(
        "insert into coupon (code, amount, percent, most_credit, least_deposit, most_uses,"
        " most_each, expires_at, made_by, created_at) values (:code, :amount, :percent,"
        " :most_credit, :least_deposit, :most_uses, :most_each, :expires_at, :actor, :now)"
        " on conflict (code) do nothing returning id",
        code=code,
        amount=terms.amount,
        percent=terms.percent,
        most_credit=terms.most_credit,
        least_deposit=terms.least_deposit,
        most_uses=terms.most_uses,
        most_each=terms.most_each,
        expires_at=terms.expires_at,
        actor=actor,
        now=now,
    )
    if made is None:
        raise InvalidInput("There is a coupon with this code already.")
    return code


def withdraw(unit: UnitOfWork, code: str) -> None:
    """Nobody redeems it any more; what was given stays. CouponRefused for an unknown code."""
    if not unit.scalar(
        "update coupon set active = false where code = :code returning true", code=normal(code)
    ):
        raise _refused()


def redeem(
    unit: UnitOfWork, wallet_id: int, code: str, now: datetime, *, deposit_id: int | None = None
) -> Redeemed:
    """Credit a coupon to a wallet, a deposit's coupon with the deposit it belongs to.

    Raises CouponRefused; callers that go on in this transaction use a savepoint.
    """
    row = unit.first("select * from coupon where code = :code for update", code=normal(code))
    if row is None or not row["active"] or (row["expires_at"] and row["expires_at"] <= now):
        raise _refused()
    if row["used"] >= row["most_uses"]:
        raise CouponRefused("This coupon has been used up. Nothing was credited.")
    number = 1 + _times(unit, row["id"], wallet_id)
    if number > row["most_each"]:
        raise CouponRefused("You have redeemed this coupon before. Nothing was credited.")
    amount = _credit(unit, row, wallet_id, deposit_id)
    unit.run("update coupon set used = used + 1 where id = :id", id=row["id"])
    cause = ledger.Cause(f"coupon:{row['id']}:{wallet_id}:{number}", f"wallet:{wallet_id}", now)
    posted = ledger.credit_coupon(unit, wallet_id, amount, cause)
    unit.run(
        "insert into coupon_use (coupon_id, wallet_id, number, amount, deposit_id, journal_id, at)"
        " values (:coupon_id, :wallet_id, :number, :amount, :deposit_id, :journal_id, :now)",
        coupon_id=row["id"],
        wallet_id=wallet_id,
        number=number,
        amount=amount,
        deposit_id=deposit_id,
        journal_id=posted.journal_id,
        now=now,
    )
    return Redeemed(amount, posted.journal_id)


def given_for(unit: UnitOfWork, deposit_id: int) -> int:
    """What was credited because of this deposit, micro-units; 0 for a gift that needed none."""
    return int(
        unit.scalar(
            "select u.amount from coupon_use u join coupon c on c.id = u.coupon_id"
            " where u.deposit_id = :id and (c.percent is not null or c.least_deposit > 0)",
            id=deposit_id,
        )
        or 0
    )


def to_take_back(unit: UnitOfWork, deposit_id: int, deposit: int, paid_back: int) -> int:
    """What is still to be taken of a deposit's gift once ``paid_back`` of the ``deposit`` went
    back: the same share of it, rounded down; micro-units."""
    given = given_for(unit, deposit_id)
    taken = unit.scalar(
        "select coalesce(sum(e.amount), 0) from deposit_refund r"
        " join journal j on j.key in ('deposit_refund:deposit_refund:' || r.id,"
        "  'deposit_refund_undone:deposit_refund:' || r.id)"
        " join entry e on e.journal_id = j.id join account a on a.id = e.account_id"
        " where r.deposit_id = :id and a.code = 'promo'",
        id=deposit_id,
    )
    # Where a refund was undone, rounding may have taken a micro-unit of the next one's share.
    return max(0, given * paid_back // deposit - int(taken))


def _check(terms: Terms) -> None:
    if (terms.amount is None) == (terms.percent is None):
        raise InvalidInput("A coupon gives an amount or a percentage, one of them.")
    if terms.amount is not None and terms.amount <= 0:
        raise InvalidInput("A coupon gives more than nothing.")
    if terms.percent is not None and not 0 < terms.percent <= WHOLE:
        raise InvalidInput("A percentage lies between 0.01 and 100.")
    if terms.most_uses < 1 or terms.most_each < 1 or terms.least_deposit < 0:
        raise InvalidInput("Limits of a coupon are at least 1, its least deposit at least 0.")
    if terms.most_credit is not None and terms.most_credit <= 0:
        raise InvalidInput("The most a coupon credits is more than nothing.")


def _times(unit: UnitOfWork, coupon_id: int, wallet_id: int) -> int:
    return int(
        unit.scalar(
            "select count(*) from coupon_use where coupon_id = :coupon and wallet_id = :wallet",
            coupon=coupon_id,
            wallet=wallet_id,
        )
    )


def _credit(unit: UnitOfWork, row: Any, wallet_id: int, deposit_id: int | None) -> int:
    """Micro-units to credit; for a share of a deposit, rounded down."""
    if row["amount"] is not None and not row["least_deposit"]:
        return int(row["amount"])
    deposit = deposit_id and unit.scalar(
        "select amount from deposit where id = :id and wallet_id = :wallet_id"
        " and not exists (select from coupon_use where deposit_id = :id)",
        id=deposit_id,
        wallet_id=wallet_id,
    )
    if not deposit or deposit < row["least_deposit"]:
        least = format_micro(row["least_deposit"])
        raise CouponRefused(
            f"This coupon goes with a deposit of at least {least}: enter it there."
            " Nothing was credited."
        )
    if row["amount"] is not None:
        return int(row["amount"])
    share = int(deposit) * int(row["percent"]) // WHOLE
    credit = min(share, row["most_credit"] or share)
    if credit <= 0:
        raise CouponRefused("This deposit is too small for the coupon. Nothing was credited.")
    return int(credit)


def _refused() -> CouponRefused:
    return CouponRefused("There is no such coupon now. Nothing was credited.")
