"""Lists of money moves: every journal for staff, one's own wallet for its owner."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from nexnum_console.reports import filters
from nexnum_console.reports.columns import money_column, text_column, time_column, user_column
from nexnum_console.reports.listing import Cell, Column, Filter, Listing, Row
from nexnum_console.reports.store import HOUSE_WORDS, LINE_TITLES, line_of, order_of
from nexnum_console.reports.words import signed_money

_FELT: Final = (
    "(select coalesce(sum(e.amount), 0) from entry e join account ac on ac.id = e.account_id"
    " where e.journal_id = j.id and split_part(ac.code, chr(58), 3) = '{part}')"
)
_TURNOVER: Final = (
    "(select coalesce(sum(e.amount), 0) from entry e where e.journal_id = j.id and e.amount > 0)"
)


def _what(row: Row) -> Cell:
    line = line_of(row)
    return Cell(text=line.title, sub=line.detail, icon=line.icon, tone=line.tone)


def _felt(row: Row, part: str) -> Cell:
    amount = int(row[part])
    tone = "ok" if amount > 0 else "hi" if amount else "low"
    return Cell(text=signed_money(amount, row["currency"]), tone=tone)


def _order(row: Row) -> Cell:
    number = _activation(row)
    if not number:
        return Cell(text="–", tone="low")
    return Cell(text=f"No. {number}", href=f"/console/activations/{number}")


def _activation(row: Row) -> str:
    kind, _, number = row["ref"].partition(":")
    return str(number) if kind == "activation" else ""


_WHAT: Final = Column("what", "What", _what, lambda row: row["kind"], sort="j.kind")
_AMOUNT: Final = money_column("amount", "Balance", "available", lambda row: _felt(row, "available"))
_RESERVED: Final = money_column(
    "held", "Held", "reserved", lambda row: _felt(row, "reserved"), wide=True
)
_TIME: Final = time_column("time", "When", "occurred_at", sort="j.id")
_KIND: Final = Filter(
    "kind",
    "Kind",
    "j.kind = :f_kind",
    choices=filters.choices(LINE_TITLES),
)
_DAYS: Final = filters.days("j.occurred_at")
_FIELDS: Final = (
    "j.id, j.kind, j.ref, j.reason, j.actor, j.currency, j.occurred_at, s.name as service,"
    f" c.name as country, {_FELT.format(part='available')} as available,"
    f" {_FELT.format(part='reserved')} as reserved"
)
_SOURCE: Final = (
    "from journal j left join wallet w on w.id = j.wallet_id"
    f" {order_of('j.ref')}"
    " left join service s on s.code = a.service left join country c on c.iso2 = a.country"
)

TRANSACTIONS: Final = Listing(
    name="transactions",
    title="Transactions",
    path="/console/transactions",
    capability="ledger.view",
    fields=f"{_FIELDS}, u.email, u.id as user_id, {_TURNOVER} as turnover",
    source=f"{_SOURCE} left join app_user u on u.id = w.user_id",
    columns=(
        _WHAT,
        user_column(sort="u.email"),
        Column("order", "Order", _order, _activation),
        replace(_AMOUNT, title="Available"),
        _RESERVED,
        money_column("turnover", "Moved", "turnover", wide=True),
        text_column("actor", "By", "actor", sort="j.actor", wide=True),
        Column(
            "journal",
            "Journal",
            lambda row: Cell(text=str(row["id"])),
            lambda row: row["id"],
            kind="number",
            sort="j.id",
            right=True,
            shown=False,
        ),
        _TIME,
    ),
    tie="j.id desc",
    order="-time",
    filters=(
        filters.search(
            "u.email ilike :f_q or j.ref = trim(both '%' from :f_q)"
            " or j.ref = 'activation:' || trim(both '%' from :f_q)"
            " or cast(j.id as text) = trim(both '%' from :f_q)",
            "E-mail, order or journal",
        ),
        _KIND,
        *_DAYS,
    ),
    href=lambda row: f"/console/ledger/journals/{row['id']}",
    none_yet="No money has moved yet",
    nothing="Every deposit, hold, charge and refund of every wallet gets a line here.",
)

LEDGER: Final = Listing(
    name="ledger",
    title="Ledger",
    path="/store/wallet",
    capability="wallet.view",
    fields=_FIELDS,
    source=_SOURCE,
    mine="w.user_id = :user_id",
    columns=(_WHAT, _AMOUNT, _RESERVED, _TIME),
    tie="j.id desc",
    order="-time",
    filters=(
        replace(_KIND, choices=tuple(c for c in _KIND.choices if c.value not in HOUSE_WORDS)),
        *_DAYS,
    ),
    none_yet="No money has moved yet",
    nothing="Every deposit, hold, charge and refund gets a line here.",
)
