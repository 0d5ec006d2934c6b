"""Coupons: what they give, their limits, how often they were redeemed and by whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.money import format_micro
from nexnum_console.reports.activation_story import Fact
from nexnum_console.reports.called import by
from nexnum_console.reports.listing import (
    Cell,
    Choice,
    Column,
    Filter,
    Listing,
    Row,
    like,
    whole_number,
)
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
class CouponRecord:
    """One coupon; ``open`` while somebody may redeem it."""

    id: int = 0
    code: str = ""
    title: str = ""
    tone: str = ""
    icon: str = ""
    word: str = ""
    open: bool = False
    facts: list[Fact] = field(default_factory=list)
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


def coupon_record(unit: UnitOfWork, number: int) -> CouponRecord | None:
    """The coupon of that number with its newest redemptions; None where there is none."""
    row = unit.first(f"select * {_SOURCE} where c.id = :id", id=number)
    if row is None:
        return None
    tone, icon, word = _STATES[row["state"]]
    uses = unit.all(
        "select x.amount, x.at, x.journal_id, u.email, u.id as user_id, w.currency"
        " from coupon_use x join wallet w on w.id = x.wallet_id"
        " join app_user u on u.id = w.user_id where x.coupon_id = :id"
        " order by x.id desc limit :most",
        id=number,
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


def _state(row: Row) -> Cell:
    tone, icon, word = _STATES[row["state"]]
    return Cell(text=word, icon=icon, tone=tone)


COUPONS: Final = Listing(
    name="coupons",
    title="Coupons",
    path=PATH,
    capability="ledger.view",
    fields="c.*",
    source=_SOURCE,
    columns=(
        Column(
            "code",
            "Coupon",
            lambda row: Cell(text=row["code"]),
            lambda row: row["code"],
            sort="c.code",
        ),
        Column("state", "State", _state, lambda row: row["state"], kind="chip", sort="c.state"),
        Column("gives", "Gives", lambda row: Cell(text=gives(row)), gives),
        Column(
            "used",
            "Redeemed",
            lambda row: Cell(text=f"{count(row['used'])} of {count(row['most_uses'])}"),
            lambda row: row["used"],
            kind="number",
            sort="c.used",
            right=True,
        ),
        Column(
            "each",
            "Each user",
            lambda row: Cell(text=f"{count(row['most_each'])} ×"),
            lambda row: row["most_each"],
            kind="number",
            right=True,
            wide=True,
        ),
        Column(
            "given",
            "Given so far",
            lambda row: Cell(text=money(int(row["given"]), row["currency"] or "")),
            lambda row: format_micro(int(row["given"])),
            kind="number",
            right=True,
            wide=True,
        ),
        Column(
            "ends",
            "Ends",
            lambda row: Cell(ms=millis(row["expires_at"])),
            lambda row: row["expires_at"],
            kind="time",
            sort="c.expires_at",
            wide=True,
        ),
        Column(
            "time",
            "Made",
            lambda row: Cell(ms=millis(row["created_at"])),
            lambda row: row["created_at"],
            kind="time",
            sort="c.created_at",
        ),
    ),
    tie="c.id desc",
    order="-time",
    filters=(
        Filter("q", "Search", "c.code ilike :f_q", "text", prepare=like, hint="Code"),
        Filter(
            "state",
            "State",
            "c.state = :f_state",
            choices=tuple(Choice(state, words[2]) for state, words in _STATES.items()),
        ),
        Filter("no", "No.", "c.id = :f_no", "text", prepare=whole_number),
    ),
    href=lambda row: f"{PATH}?no={row['id']}",
    none_yet="No coupon yet",
    nothing="A coupon gives an amount at once or a share of a deposit, as often as its limits say.",
)
