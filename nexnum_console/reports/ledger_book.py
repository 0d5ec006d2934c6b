"""The ledger's accounts with what is on them now: the house's, and every user's wallet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports import filters
from nexnum_console.reports.accounts import named
from nexnum_console.reports.activation_story import Fact
from nexnum_console.reports.columns import count_column, money_column, time_column
from nexnum_console.reports.listing import Cell, Choice, Column, Filter, Listing, Row
from nexnum_console.reports.words import count, money

LINES_PATH: Final = "/console/ledger/lines"
# Sums up to the last seal are kept; only what came after them is added up here.
_HOUSE: Final = """
select a.id, a.code, coalesce(r.amount, 0) + coalesce(t.amount, 0) as amount,
  coalesce(r.entries, 0) + coalesce(t.entries, 0) as entries,
  (select j.currency from entry e join journal j on j.id = e.journal_id
    where e.account_id = a.id limit 1) as currency
from account a left join account_rollup r on r.account_id = a.id
left join (select account_id, sum(amount) as amount, count(*) as entries from entry
  where journal_id > coalesce((select journal_id from ledger_mark where name = 'rollup'), 0)
  group by account_id) t on t.account_id = a.id
where a.wallet_id is null order by a.code
"""
_WALLETS: Final = (
    "select currency, coalesce(sum(available), 0) as available,"
    " coalesce(sum(reserved), 0) as reserved, count(*) as wallets,"
    " count(*) filter (where frozen_reason is not null) as frozen from wallet group by currency"
)
_BROKEN: Final = "select name from invariant_state where breaks > 0 order by length(name), name"


@dataclass(frozen=True, slots=True)
class AccountLine:
    """A house account; ``amount`` as people read it, ``href`` leads to the lines that make it."""

    title: str
    part: str
    amount: str
    tone: str
    moves: str
    href: str


@dataclass(frozen=True, slots=True)
class Book:
    """The house's accounts and the sum of each side, which are one amount in a sound ledger.

    ``off`` says by how much all accounts together miss zero, ``broken`` which promises did not hold
    when they were last looked at.
    """

    facts: list[Fact] = field(default_factory=list)
    balances: list[AccountLine] = field(default_factory=list)
    result: list[AccountLine] = field(default_factory=list)
    standing: str = ""
    earned: str = ""
    off: str = ""
    broken: str = ""


def house_balances(unit: UnitOfWork) -> dict[str, int]:
    """Every house account's balance now, credits positive; reads what came since the last seal."""
    return {row["code"]: int(row["amount"]) for row in unit.all(_HOUSE)}


def book(unit: UnitOfWork, currency: str) -> Book:
    """Every house account that ever moved, and what all wallets hold together."""
    rows = [row for row in unit.all(_HOUSE) if row["entries"]]
    wallets = {row["currency"]: row for row in unit.all(_WALLETS)}
    lines = [(named(row["code"]), _line(row, currency)) for row in rows]
    owed = _owed(wallets.get(currency))
    sides = {True: 0, False: -owed}
    for row in rows:
        if (row["currency"] or currency) == currency:
            name = named(row["code"])
            sides[name.result] += name.sign * int(row["amount"])
    return Book(
        facts=_facts(rows, wallets.get(currency), currency, sides[True]),
        balances=[
            *(line for name, line in lines if not name.result),
            AccountLine("Owed to users", "", money(-owed, currency), "", "", "#wallets"),
        ],
        result=[line for name, line in lines if name.result],
        standing=money(sides[False], currency),
        earned=money(sides[True], currency),
        off=_off(rows, wallets, currency),
        broken=", ".join(broken_promises(unit)),
    )


def broken_promises(unit: UnitOfWork) -> list[str]:
    """Names of the invariants that did not hold when they were last looked at."""
    return list(unit.run(_BROKEN).scalars())


def _owed(wallets: Any) -> int:
    return int(wallets["available"] + wallets["reserved"]) if wallets else 0


def _line(row: Any, currency: str) -> AccountLine:
    name = named(row["code"])
    amount = name.sign * int(row["amount"])
    return AccountLine(
        title=name.title,
        part=name.part,
        amount=money(amount, row["currency"] or currency),
        tone="low" if amount == 0 else "",
        moves=count(row["entries"]),
        href=f"{LINES_PATH}?account={row['id']}",
    )


def _facts(rows: list[Any], wallets: Any, currency: str, earned: int) -> list[Fact]:
    def total(*kinds: str) -> str:
        found = [r for r in rows if r["code"].partition(":")[0] in kinds]
        mine = [r for r in found if (r["currency"] or currency) == currency]
        return money(sum(named(r["code"]).sign * int(r["amount"]) for r in mine), currency)

    return [
        Fact("Users may spend", money(int(wallets["available"]) if wallets else 0, currency)),
        Fact(
            "Held for orders",
            money(int(wallets["reserved"]) if wallets else 0, currency),
            "/console/ledger/holds?state=open",
        ),
        Fact("With gateways", total("gateway"), "/console/ledger/reconciliation"),
        Fact("With providers", total("float"), "/console/ledger/reconciliation"),
        Fact("In suspense", total("suspense"), "/console/deposits/suspense?state=open"),
        Fact("Earned so far", money(earned, currency), "/console/ledger/statement"),
    ]


def _off(rows: list[Any], wallets: dict[str, Any], currency: str) -> str:
    sums = {code: int(row["available"] + row["reserved"]) for code, row in wallets.items()}
    for row in rows:
        code = row["currency"] or currency
        sums[code] = sums.get(code, 0) + int(row["amount"])
    return ", ".join(money(amount, code) for code, amount in sorted(sums.items()) if amount)


def _held(row: Row) -> Cell:
    amount = int(row["reserved"])
    text = money(amount, row["currency"])
    return Cell(text=text, tone="hi" if amount else "low", href=_lines(row, "held"))


def _lines(row: Row, side: str) -> str:
    return f"{LINES_PATH}?account={row[f'{side}_account']}"


def _state(row: Row) -> Cell:
    if row["frozen_reason"]:
        return Cell(text="Frozen", icon="lock", tone="danger")
    return Cell(text="In order", icon="check", tone="ok")


WALLETS: Final = Listing(
    name="wallets",
    title="Wallets",
    path="/console/ledger",
    capability="ledger.view",
    fields="w.id, w.user_id, u.email, w.currency, w.available, w.reserved, w.version,"
    " w.frozen_reason, w.created_at, fa.id as free_account, ha.id as held_account,"
    " (select max(j.occurred_at) from journal j where j.wallet_id = w.id"
    "  and j.wallet_seq = w.version) as moved_at",
    source="from wallet w join app_user u on u.id = w.user_id"
    " join account fa on fa.code = 'wallet:' || w.id || chr(58) || 'available'"
    " join account ha on ha.code = 'wallet:' || w.id || chr(58) || 'reserved'",
    columns=(
        Column(
            "user",
            "User",
            lambda row: Cell(text=row["email"], sub=f"wallet {row['id']}"),
            lambda row: row["email"],
            sort="u.email",
        ),
        money_column(
            "available",
            "Available",
            "available",
            lambda row: Cell(
                text=money(int(row["available"]), row["currency"]),
                tone="hi" if row["available"] else "low",
                href=_lines(row, "free"),
            ),
            sort="w.available",
        ),
        money_column("held", "Held", "reserved", _held, sort="w.reserved"),
        count_column("moves", "Moves", "version", sort="w.version", wide=True),
        Column("state", "State", _state, lambda row: row["frozen_reason"], kind="chip"),
        time_column("moved", "Last move", "moved_at", wide=True),
    ),
    tie="w.id desc",
    order="-available",
    filters=(
        filters.search(
            "u.email ilike :f_q or cast(w.id as text) = trim(both '%' from :f_q)",
            "E-mail or wallet",
        ),
        Filter(
            "state",
            "State",
            "case :f_state when 'frozen' then w.frozen_reason is not null"
            " when 'held' then w.reserved > 0 else w.available + w.reserved > 0 end",
            choices=(
                Choice("frozen", "Frozen"),
                Choice("held", "Money held"),
                Choice("full", "Not empty"),
            ),
        ),
    ),
    href=lambda row: f"/console/users/{row['user_id']}",
    none_yet="No wallet yet",
    nothing="Each user has one from the moment they register.",
)
