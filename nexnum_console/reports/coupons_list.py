"""Coupons: what they give, their limits, how often they were redeemed and by whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports import filters
from nexnum_console.reports.activation_story import Fact
from nexnum_console.reports.called import by
from nexnum_console.reports.columns import (
    count_column,
    money_column,
    state_column,
    text_column,
    time_column,
)
from nexnum_console.reports.listing import (
    Cell,
    Column,
    Listing,
    Row,
)
from nexnum_console.reports.record import Record, row_of
from nexnum_console.reports.words import count, millis, money

PATH: Final = "/console/deposits/coupons"
USES_SHOWN: Final = 20
_STATES: Final = {
    "open": ("ok", "check", "Open"),
    "used_up": ("info", "check", "Used up"),
    "ended": ("low", "clock", "Ended"),
    "withdrawn": ("warn", "ban", "Withdrawn"),
}
_SOURCE: Final = (
    "from (select c.*, (select currency from wallet limit 1) as currency,"
    " (select coalesce(sum(x.amount), 0) from coupon_use x where x.coupon_id = c.id) as given,"
    " case when not c.active then 'withdrawn' when c.expires_at <= now() then 'ended'"
    " when c.used >= c.most_uses then 'used_up' else 'open' end as state from coupon c) c"
)


@dataclass(frozen=True, slots=True)
class CouponUse:
    """One redemption and the journal that booked it."""

    email: str
    user_href: str
    amount: str
    journal: str
    journal_href: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class CouponRecord(Record):
    """One coupon; ``open`` while somebody may redeem it."""

    id: int = 0
    code: str = ""
    uses: list[CouponUse] = field(default_factory=list)


def gives(row: Row) -> str:
    """``$5.00``, or ``10 % of a deposit, at most $20.00``."""
    currency = row["currency"] or ""
    if row["amount"] is not None:
        words = money(int(row["amount"]), currency)
    else:
        words = f"{row['percent'] / 100:g} % of a deposit"
    if row["most_credit"] is not None:
        words += f", at most {money(int(row['most_credit']), currency)}"
    if row["least_deposit"]:
        words += f", from a deposit of {money(int(row['least_deposit']), currency)}"
    return words


def coupon_record(unit: UnitOfWork, no: int | str) -> CouponRecord | None:
    """The coupon of that number with its newest redemptions; None where there is none."""
    row = row_of(unit, COUPONS, "c.id", no)
    if row is None:
        return None
    tone, icon, word = _STATES[row["state"]]
    uses = unit.all(
        "select x.amount, x.at, x.journal_id, u.email, u.id as user_id, w.currency"
        " from coupon_use x join wallet w on w.id = x.wallet_id"
        " join app_user u on u.id = w.user_id where x.coupon_id = :id"
        " order by x.id desc limit :most",
        id=row["id"],
        most=USES_SHOWN,
    )
    return CouponRecord(
        id=row["id"],
        code=row["code"],
        title=f"{row['code']} gives {gives(row)}",
        tone=tone,
        icon=icon,
        word=word,
        open=row["state"] == "open",
        facts=[
            Fact("Redeemed", f"{count(row['used'])} of {count(row['most_uses'])}"),
            Fact("Each user", f"{count(row['most_each'])} ×"),
            Fact("Given so far", money(int(row["given"]), row["currency"] or "")),
            Fact("Ends", _ends(row)),
            by(unit, "Made by", row["made_by"]),
        ],
        uses=[_use(use) for use in uses],
    )


def _ends(row: Row) -> str:
    return row["expires_at"].strftime("%d %b %Y %H:%M UTC") if row["expires_at"] else "never"


def _use(row: Row) -> CouponUse:
    return CouponUse(
        email=row["email"],
        user_href=f"/console/users/{row['user_id']}",
        amount=money(int(row["amount"]), row["currency"]),
        journal=str(row["journal_id"]),
        journal_href=f"/console/ledger/journals/{row['journal_id']}",
        at_ms=millis(row["at"]),
    )


def _redeemed(row: Row) -> Cell:
    return Cell(text=f"{count(row['used'])} of {count(row['most_uses'])}")


COUPONS: Final = Listing(
    name="coupons",
    title="Coupons",
    path=PATH,
    capability="ledger.view",
    fields="c.*",
    source=_SOURCE,
    columns=(
        text_column("code", "Coupon", "code", sort="c.code"),
        state_column(_STATES, "c.state"),
        Column("gives", "Gives", lambda row: Cell(text=gives(row)), gives),
        count_column("used", "Redeemed", "used", _redeemed, sort="c.used"),
        count_column("each", "Each user", "most_each", unit=" ×", wide=True),
        money_column("given", "Given so far", "given", wide=True),
        time_column("ends", "Ends", "expires_at", sort="c.expires_at", wide=True),
        time_column("time", "Made", "created_at", sort="c.created_at"),
    ),
    tie="c.id desc",
    order="-time",
    filters=(
        filters.search("c.code ilike :f_q", "Code"),
        filters.states(_STATES, "c.state"),
        filters.number("c.id"),
    ),
    href=lambda row: f"{PATH}?no={row['id']}",
    none_yet="No coupon yet",
    nothing="A coupon gives an amount at once or a share of a deposit, as often as its limits say.",
)
