"""Statements that add up: a user's wallet, and the house, over days. Reads only."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import InvalidInput
from nexnum_console.core.money import format_micro
from nexnum_console.reports.accounts import BALANCES, RESULT
from nexnum_console.reports.csv_file import safe
from nexnum_console.reports.store import LINE_TITLES
from nexnum_console.wallet.reading import balance_of

DAYS_MAX: Final = 3660

_MOVES: Final = """
select j.kind, count(*) as count,
  coalesce(sum(m.available), 0) as available, coalesce(sum(m.reserved), 0) as reserved
from journal j cross join lateral (
  select sum(e.amount) filter (where split_part(a.code, chr(58), 3) = 'available') as available,
    sum(e.amount) filter (where split_part(a.code, chr(58), 3) = 'reserved') as reserved
  from entry e join account a on a.id = e.account_id where e.journal_id = j.id
) m
where j.wallet_id = :wallet_id and j.occurred_at >= :since and j.occurred_at < :until
group by j.kind order by j.kind
"""
_LINES: Final = """
select j.wallet_seq, j.occurred_at, j.kind, j.ref, j.reason, j.currency,
  coalesce(m.available, 0) as available, coalesce(m.reserved, 0) as reserved
from journal j cross join lateral (
  select sum(e.amount) filter (where split_part(a.code, chr(58), 3) = 'available') as available,
    sum(e.amount) filter (where split_part(a.code, chr(58), 3) = 'reserved') as reserved
  from entry e join account a on a.id = e.account_id where e.journal_id = j.id
) m
where j.wallet_id = :wallet_id and j.occurred_at >= :since and j.occurred_at < :until
order by j.wallet_seq
"""
_HOUSE: Final = """
select case when a.wallet_id is null then split_part(a.code, chr(58), 1) else 'wallets' end
    as account,
  case when a.wallet_id is null then split_part(a.code, chr(58), 2) else '' end as part,
  sum(e.amount) as amount
from entry e join account a on a.id = e.account_id join journal j on j.id = e.journal_id
where j.currency = :currency and j.occurred_at >= :since and j.occurred_at < :until
group by 1, 2 having sum(e.amount) <> 0 order by 1, 2
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A kind of move and its sum over the days, as decimal texts."""

    kind: str
    title: str
    count: int
    available: str
    reserved: str


@dataclass(frozen=True, slots=True)
class Statement:
    """``opening`` + the lines = ``closing``; amounts are decimal texts in ``currency``."""

    currency: str
    since: date
    until: date
    opening_available: str
    opening_reserved: str
    lines: tuple[Line, ...]
    closing_available: str
    closing_reserved: str


@dataclass(frozen=True, slots=True)
class HouseLine:
    """An account of the house over the days, micro-units; ``part`` is a provider or a gateway.

    Earnings are positive, costs negative; of balances, what grew for the house is positive.
    """

    account: str
    part: str
    title: str
    amount: int


@dataclass(frozen=True, slots=True)
class HouseStatement:
    """``margin`` is the sum of ``result``, and what the balances grew by; micro-units."""

    currency: str
    since: date
    until: date
    result: tuple[HouseLine, ...]
    balances: tuple[HouseLine, ...]
    margin: int


def of_user(unit: UnitOfWork, user_id: int, since: date, until: date) -> Statement:
    """A user's wallet from the start of ``since`` to the end of ``until`` (UTC); InvalidInput."""
    wallet = balance_of(unit, user_id)
    begin, end = _moments(since, until)
    asked: dict[str, Any] = {"wallet_id": wallet.wallet_id, "since": begin, "until": end}
    moved = unit.all(_MOVES, **asked)
    before = unit.all(_MOVES, **{**asked, "since": datetime(1, 1, 1, tzinfo=UTC), "until": begin})
    opening, change = _sums(before), _sums(moved)
    return Statement(
        wallet.currency,
        since,
        until,
        format_micro(opening[0]),
        format_micro(opening[1]),
        tuple(_line(row) for row in moved),
        format_micro(opening[0] + change[0]),
        format_micro(opening[1] + change[1]),
    )


def user_csv(unit: UnitOfWork, user_id: int, since: date, until: date) -> str:
    """Every line of the statement with the balance after it, opening and closing around them."""
    wallet = balance_of(unit, user_id)
    begin, end = _moments(since, until)
    found = of_user(unit, user_id, since, until)
    available = _micro(found.opening_available)
    reserved = _micro(found.opening_reserved)
    rows: list[Sequence[object]] = [
        ["", begin, "Opening", "", "", "", "", *_texts(available, reserved)]
    ]
    for row in unit.all(_LINES, wallet_id=wallet.wallet_id, since=begin, until=end):
        moved = int(row["available"]), int(row["reserved"])
        available, reserved = available + moved[0], reserved + moved[1]
        title = LINE_TITLES.get(row["kind"], row["kind"])
        rows.append(
            [
                row["wallet_seq"],
                row["occurred_at"],
                title,
                row["ref"],
                row["reason"],
                *_texts(*moved),
                *_texts(available, reserved),
            ]
        )
    rows.append(["", end, "Closing", "", "", "", "", *_texts(available, reserved)])
    titles = ("Sequence", "Time", "What", "Order", "Note", "Available", "Held")
    return _file([*titles, f"Available after ({wallet.currency})", "Held after"], rows)


def of_house(unit: UnitOfWork, currency: str, since: date, until: date) -> HouseStatement:
    """Income, cost, promotions and margin, and where the money is; it adds up to the micro-unit."""
    begin, end = _moments(since, until)
    rows = unit.all(_HOUSE, currency=currency, since=begin, until=end)
    result = [_house_line(row, 1) for row in rows if row["account"] in RESULT]
    # Credits are what the house owes; seen from the house they count the other way round.
    balances = [_house_line(row, -1) for row in rows if row["account"] not in RESULT]
    margin = sum(line.amount for line in result)
    return HouseStatement(currency, since, until, tuple(result), tuple(balances), margin)


def house_csv(unit: UnitOfWork, currency: str, since: date, until: date) -> str:
    """The house's statement: a line for each account, provider and gateway."""
    found = of_house(unit, currency, since, until)
    rows: list[Sequence[object]] = [
        [section, line.title, line.part, format_micro(line.amount)]
        for section, lines in (("Result", found.result), ("Balances", found.balances))
        for line in lines
    ]
    rows.append(["Result", "Margin", "", format_micro(found.margin)])
    grown = sum(line.amount for line in found.balances)
    rows.append(["Balances", "Grown by", "", format_micro(grown)])
    return _file(["Part", "What", "With", f"Amount ({currency})"], rows)


def _house_line(row: Any, sign: int) -> HouseLine:
    title = (RESULT | BALANCES).get(row["account"], row["account"])
    return HouseLine(row["account"], row["part"], title, sign * int(row["amount"]))


def _line(row: Any) -> Line:
    return Line(
        row["kind"],
        LINE_TITLES.get(row["kind"], row["kind"].replace("_", " ").capitalize()),
        int(row["count"]),
        format_micro(int(row["available"])),
        format_micro(int(row["reserved"])),
    )


def _moments(since: date, until: date) -> tuple[datetime, datetime]:
    if until < since or (until - since).days > DAYS_MAX:
        raise InvalidInput("A statement runs from a day to the same or a later one, ten years on.")
    begin = datetime.combine(since, time(), UTC)
    return begin, datetime.combine(until, time(), UTC) + timedelta(days=1)


def _sums(rows: Iterable[Any]) -> tuple[int, int]:
    found = list(rows)
    return sum(int(row["available"]) for row in found), sum(int(row["reserved"]) for row in found)


def _texts(*amounts: int) -> tuple[str, ...]:
    return tuple(format_micro(amount) for amount in amounts)


def _micro(text: str) -> int:
    units, _, rest = text.partition(".")
    sign = -1 if units.startswith("-") else 1
    return sign * (abs(int(units)) * 1_000_000 + int(rest.ljust(6, "0")))


def _file(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(titles)
    writer.writerows([safe(value) for value in row] for row in rows)
    return buffer.getvalue()
