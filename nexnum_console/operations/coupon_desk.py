"""Coupons as staff make and withdraw them; each act is audited with its reason."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from nexnum_console.audit import log as audit
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import InvalidInput, NotFound
from nexnum_console.core.known_settings import Rules
from nexnum_console.core.money import decimal_of, format_micro, to_micro
from nexnum_console.core.runtime_settings import rules
from nexnum_console.operations.people import proper_reason
from nexnum_console.wallet import coupons
from nexnum_console.wallet.coupons import Terms

_NUMBER: Final = re.compile(r"[0-9]{1,7}")


def terms_of(
    *,
    amount: str = "",
    percent: str = "",
    most_credit: str = "",
    least_deposit: str = "",
    most_uses: str = "1",
    most_each: str = "1",
    last_day: str = "",
) -> Terms:
    """Terms as people write them: amounts and per cent as decimals, ``last_day`` as an ISO date
    with the day itself (UTC); empty for none. InvalidInput."""
    return Terms(
        amount=_money(amount),
        percent=_percent(percent),
        most_credit=_money(most_credit),
        least_deposit=_money(least_deposit) or 0,
        most_uses=_number(most_uses, "How often a coupon may be redeemed"),
        most_each=_number(most_each, "How often one user may redeem it"),
        expires_at=_after(last_day),
    )


def make(
    unit: UnitOfWork, actor: Actor, terms: Terms, reason: str, now: datetime, code: str = ""
) -> str:
    """Make a coupon, with a random code where none is given; returns the code. InvalidInput.

    What it gives one user is at most what one person may correct alone: a coupon is no way round
    the second person. The most that a share credits is kept with it, so that larger deposits
    allowed later make it no larger.
    """
    reason = proper_reason(reason)
    if terms.expires_at is not None and terms.expires_at <= now:
        raise InvalidInput("The last day of a coupon is today or later. Nothing was made.")
    terms = _within(terms, rules(unit))
    made = coupons.make(unit, terms, actor.name, now, code)
    audit.record(
        unit, actor, "coupon.make", f"coupon:{made}", after=_told(terms), reason=reason, now=now
    )
    return made


def withdraw(unit: UnitOfWork, actor: Actor, code: str, reason: str, now: datetime) -> None:
    """Nobody redeems it any more; what was given stays. NotFound, InvalidInput."""
    reason, code = proper_reason(reason), coupons.normal(code)
    row = unit.first("select active, used from coupon where code = :code for update", code=code)
    if row is None:
        raise NotFound("There is no such coupon.")
    if not row["active"]:
        raise InvalidInput("This coupon was withdrawn before. Nothing was changed.")
    coupons.withdraw(unit, code)
    audit.record(
        unit,
        actor,
        "coupon.withdraw",
        f"coupon:{code}",
        before={"redeemed": row["used"]},
        reason=reason,
        now=now,
    )


def _within(terms: Terms, ruling: Rules) -> Terms:
    """The terms, of a share with the most that it credits at once; InvalidInput above the limit of
    one person."""
    limit, most, why = ruling.adjustment_alone, terms.amount, ""
    if terms.percent is not None and terms.amount is None:
        most = ruling.deposit_most * terms.percent // coupons.WHOLE
        if terms.most_credit is None:
            why = (
                f" {terms.percent / 100:g} % of the largest deposit are {format_micro(most)}: say"
                " the most that it credits."
            )
        else:
            most = min(most, terms.most_credit)
        terms = replace(terms, most_credit=most)
    if most is not None and most * terms.most_each > limit:
        raise InvalidInput(
            f"A coupon gives one user at most {format_micro(limit)}, what one person may correct"
            f" alone.{why} Nothing was made."
        )
    return terms


def _told(terms: Terms) -> dict[str, str | int]:
    told: dict[str, str | int] = {"most_uses": terms.most_uses, "most_each": terms.most_each}
    if terms.amount is not None:
        told["amount"] = format_micro(terms.amount)
    if terms.percent is not None:
        told["percent"] = f"{terms.percent / 100:g}"
    if terms.most_credit is not None:
        told["most_credit"] = format_micro(terms.most_credit)
    if terms.least_deposit:
        told["least_deposit"] = format_micro(terms.least_deposit)
    if terms.expires_at is not None:
        told["expires_at"] = terms.expires_at.isoformat()
    return told


def _money(text: str) -> int | None:
    return to_micro(text) if text.strip() else None


def _percent(text: str) -> int | None:
    if not text.strip():
        return None
    hundredths = decimal_of(text) * 100
    if hundredths != hundredths.to_integral_value():
        raise InvalidInput("A percentage has at most two decimals.")
    return int(hundredths)


def _number(text: str, what: str) -> int:
    if not _NUMBER.fullmatch(text.strip()):
        raise InvalidInput(f"{what} is a whole number from 1 on.")
    return int(text)


def _after(day: str) -> datetime | None:
    if not day.strip():
        return None
    try:
        last = date.fromisoformat(day.strip())
    except ValueError:
        raise InvalidInput("Write the last day like 2026-11-30.") from None
    return datetime.combine(last, time(), UTC) + timedelta(days=1)
