"""A statement as a page shows it: for the house or for one user, over days."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.money import decimal_of, format_micro
from nexnum_console.reports import statements
from nexnum_console.reports.statements import HouseLine
from nexnum_console.reports.words import count, money, signed_money
from nexnum_console.wallet.reading import balance_of

# The balance that the chain itself kept behind the last line of the days, less what lies before
# that line and belongs to a later day: around midnight the chain's order is not always that of the
# times. The sums of the days must meet it.
_KEPT: Final = """
with last as (
  select max(wallet_seq) as seq from journal
  where wallet_id = :wallet_id and occurred_at < cast(:until as date) + 1
), told as (
  select j.wallet_seq, j.occurred_at, e.amount, e.after
  from last cross join journal j join entry e on e.journal_id = j.id
  join account a on a.id = e.account_id
  where j.wallet_id = :wallet_id and j.wallet_seq <= last.seq and a.code = :account
)
select coalesce((select after from told order by wallet_seq desc limit 1), 0)
  - coalesce((select sum(amount) from told where occurred_at >= cast(:until as date) + 1), 0)
"""


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One line: ``amount`` and, of a wallet, what became of held money; ``strong`` for sums."""

    title: str
    part: str
    note: str
    amount: str
    held: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class StatementView:
    """``rows`` of a wallet, or ``rows`` (result) and ``balances`` of the house. ``off`` says what
    does not add up, in words; empty where all does."""

    kind: str = ""
    title: str = ""
    user_href: str = ""
    rows: list[StatementRow] = field(default_factory=list)
    balances: list[StatementRow] = field(default_factory=list)
    off: str = ""
    file: str = ""


def house_view(unit: UnitOfWork, currency: str, since: date, until: date) -> StatementView:
    """Income, cost and margin, and what the balances grew by; InvalidInput for days that are no
    span."""
    found = statements.of_house(unit, currency, since, until)
    grown = sum(line.amount for line in found.balances)
    off = "" if grown == found.margin else f"The balances grew by {money(grown, currency)}."
    return StatementView(
        kind="house",
        title="The house",
        rows=[
            *(_house_row(line, currency) for line in found.result),
            StatementRow("Margin", "", "", signed_money(found.margin, currency), "", strong=True),
        ],
        balances=[
            *(_house_row(line, currency) for line in found.balances),
            StatementRow("Grown by", "", "", signed_money(grown, currency), "", strong=True),
        ],
        off=off,
        file=f"/api/admin/statement.csv?since={since}&until={until}",
    )


def user_view(unit: UnitOfWork, user: Any, since: date, until: date) -> StatementView:
    """One wallet's days; ``user`` is a person with ``id`` and ``email``. InvalidInput."""
    found = statements.of_user(unit, user.id, since, until)
    rows = [
        _row("Opening", found.opening_available, found.opening_reserved, found.currency),
        *(
            StatementRow(
                line.title,
                "",
                f"{count(line.count)} ×",
                _signed(line.available, found.currency),
                _signed(line.reserved, found.currency),
            )
            for line in found.lines
        ),
        _row("Closing", found.closing_available, found.closing_reserved, found.currency),
    ]
    closing = found.closing_available, found.closing_reserved
    return StatementView(
        kind="user",
        title=user.email,
        user_href=f"/console/users/{user.id}",
        rows=rows,
        off=_missed(unit, user.id, until, closing),
        file=f"/api/admin/users/{user.id}/statement.csv?since={since}&until={until}",
    )


def _missed(unit: UnitOfWork, user_id: int, until: date, closing: tuple[str, str]) -> str:
    wallet = balance_of(unit, user_id)
    kept = tuple(
        format_micro(
            int(unit.scalar(_KEPT, wallet_id=wallet.wallet_id, account=account, until=until))
        )
        for account in (f"wallet:{wallet.wallet_id}:{side}" for side in ("available", "reserved"))
    )
    if kept == closing:
        return ""
    return f"The chain says {kept[0]} available and {kept[1]} held behind the last line."


def _house_row(line: HouseLine, currency: str) -> StatementRow:
    return StatementRow(line.title, line.part, "", signed_money(line.amount, currency), "")


def _row(title: str, available: str, reserved: str, currency: str) -> StatementRow:
    shown = [money(_micro(text), currency) for text in (available, reserved)]
    return StatementRow(title, "", "", shown[0], shown[1], strong=True)


def _signed(text: str, currency: str) -> str:
    amount = _micro(text)
    return signed_money(amount, currency) if amount else "–"


def _micro(text: str) -> int:
    return int(decimal_of(text).scaleb(6))
