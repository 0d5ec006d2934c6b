"""The lines that make a balance: an account's entries with the balance after each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import NotFound
from nexnum_console.core.money import format_micro
from nexnum_console.reports import filters
from nexnum_console.reports.accounts import named
from nexnum_console.reports.activation_story import Fact
from nexnum_console.reports.columns import text_column, time_column, user_column
from nexnum_console.reports.ledger_book import LINES_PATH
from nexnum_console.reports.listing import (
    Cell,
    Column,
    Filter,
    Listing,
    Row,
    whole_number,
)
from nexnum_console.reports.store import LINE_TITLES, line_of, order_of
from nexnum_console.reports.words import count, money, signed_money


@dataclass(frozen=True, slots=True)
class AccountHead:
    """The account whose lines are shown: its name, whose it is, what is on it."""

    title: str
    code: str
    facts: tuple[Fact, ...]


def account_head(unit: UnitOfWork, account_id: int) -> AccountHead:
    """The account's balance now, counted from its entries; NotFound."""
    row = unit.first(
        "select a.code, a.wallet_id, w.user_id, u.email, w.frozen_reason,"
        " coalesce(s.amount, 0) as amount, s.entries, s.first, s.currency"
        " from account a left join wallet w on w.id = a.wallet_id"
        " left join app_user u on u.id = w.user_id"
        " cross join lateral (select sum(e.amount) as amount, count(*) as entries,"
        "  min(j.occurred_at) as first, min(j.currency) as currency from entry e"
        "  join journal j on j.id = e.journal_id where e.account_id = a.id) s"
        " where a.id = :id",
        id=account_id,
    )
    if row is None:
        raise NotFound(f"There is no account {account_id}.")
    name = named(row["code"])
    amount = name.sign * int(row["amount"])
    facts = [
        Fact("Balance now", money(amount, row["currency"]) if row["currency"] else "0.00"),
        Fact("Lines", count(row["entries"])),
        Fact("First line", row["first"].strftime("%d %b %Y") if row["first"] else "none yet"),
    ]
    if row["email"]:
        facts.insert(0, Fact("User", row["email"], f"/console/users/{row['user_id']}"))
    if row["frozen_reason"]:
        facts.append(Fact("Frozen", row["frozen_reason"], "/console/ledger/proof"))
    title = f"{name.title} · {row['email']}" if row["email"] else name.whole
    return AccountHead(title, row["code"], tuple(facts))


def _what(row: Row) -> Cell:
    line = line_of(row)
    return Cell(text=line.title, sub=line.detail, icon=line.icon, tone=line.tone)


def read_as(row: Row, name: str) -> int:
    """An amount of the row as people read the account's balance, micro-units."""
    return named(row["code"]).sign * int(row[name])


def _amount(row: Row) -> Cell:
    amount = read_as(row, "amount")
    return Cell(text=signed_money(amount, row["currency"]), tone="ok" if amount > 0 else "hi")


def cause_of(ref: str, user_id: int | None = None) -> tuple[str, str]:
    """What a journal was booked for, and where that is shown: ``("No. 7", …)``; empty for none."""
    kind, _, rest = ref.partition(":")
    number = rest.partition(":")[0]
    if kind == "activation" and number.isdigit():
        return f"No. {number}", f"/console/activations/{number}"
    if kind == "deposit" and number.isdigit():
        return f"Deposit {number}", f"/console/deposits?no=d{number}"
    if kind == "suspense" and number.isdigit():
        return f"Suspense {number}", f"/console/deposits/suspense?no={number}"
    if kind == "penalty":
        return "Penalty", "/console/deposits/penalties"
    if kind in {"user", "wallet"} and user_id:
        return "User", f"/console/users/{user_id}"
    return f"{kind.replace('_', ' ')} {rest}".strip(), ""


def _cause(row: Row) -> Cell:
    text, href = cause_of(row["ref"], row["user_id"])
    return Cell(text=text, href=href) if text else Cell(text="–", tone="low")


# The sum runs over all of the account's entries before any other filter takes some away: a
# condition on what the window is divided by is the only one that PostgreSQL moves below it.
_RUNNING: Final = (
    "from (select e.id, e.journal_id, e.account_id, e.amount,"  # noqa: S608  composed of constants
    " sum(e.amount) over (partition by e.account_id order by e.id) as balance from entry e) e"
    " join journal j on j.id = e.journal_id join account ac on ac.id = e.account_id"
    " left join wallet w on w.id = j.wallet_id left join app_user u on u.id = w.user_id"
    f" {order_of('j.ref')}"
    " left join service s on s.code = a.service left join country c on c.iso2 = a.country"
)
# What a journal did to its wallet, for the words that tell of it.
_FELT: Final = (
    "(select coalesce(sum(x.amount), 0) from entry x join account xa on xa.id = x.account_id"
    " where x.journal_id = j.id and split_part(xa.code, chr(58), 3) = '{part}')"
)

LINES: Final = Listing(
    name="ledger_lines",
    title="Lines",
    path=LINES_PATH,
    capability="ledger.view",
    fields="e.id, e.journal_id, e.amount, e.balance, ac.code, j.kind, j.ref, j.reason, j.actor,"
    " j.currency, j.occurred_at, j.key, w.user_id, u.email, s.name as service, c.name as country,"
    f" {_FELT.format(part='available')} as available, {_FELT.format(part='reserved')} as reserved",
    source=_RUNNING,
    columns=(
        Column("what", "What", _what, lambda row: LINE_TITLES.get(row["kind"], row["kind"])),
        Column("cause", "For", _cause, lambda row: row["ref"]),
        user_column(wide=True),
        Column(
            "amount",
            "Amount",
            _amount,
            lambda row: format_micro(read_as(row, "amount")),
            kind="number",
            right=True,
        ),
        Column(
            "balance",
            "Balance after",
            lambda row: Cell(text=money(read_as(row, "balance"), row["currency"]), tone="hi"),
            lambda row: format_micro(read_as(row, "balance")),
            kind="number",
            right=True,
        ),
        Column(
            "journal",
            "Journal",
            lambda row: Cell(text=str(row["journal_id"])),
            lambda row: row["journal_id"],
            kind="number",
            right=True,
            wide=True,
        ),
        text_column("actor", "By", "actor", shown=False, wide=True),
        time_column("time", "When", "occurred_at", sort="e.id"),
    ),
    tie="e.id desc",
    order="-time",
    filters=(
        Filter(
            "account",
            "Account",
            "e.account_id = :f_account",
            options="select id as value, code as label from account where wallet_id is null"
            " order by code",
            prepare=whole_number,
        ),
        Filter(
            "kind",
            "Kind",
            "j.kind = :f_kind",
            choices=filters.choices(LINE_TITLES),
        ),
        *filters.days("j.occurred_at"),
    ),
    href=lambda row: f"/console/ledger/journals/{row['journal_id']}",
    none_yet="No money has moved here yet",
    nothing="Every entry of the account gets a line here, with the balance after it.",
)
