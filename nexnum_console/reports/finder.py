"""Finds single records by what people have at hand: an id, digits of a number, an address.

A first character narrows the search: ``#`` numbers, ``@`` users, ``$`` ledger lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports.words import money

MOST: Final = 6
FEWEST_DIGITS: Final = 4
FEWEST_LETTERS: Final = 2
_BIGGEST: Final = 2**63 - 1
_PREFIXES: Final = {"#": "number", "@": "user", "$": "ledger", ">": "action"}


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose search it is and what they may see."""

    user_id: int
    capabilities: frozenset[str]


@dataclass(frozen=True, slots=True)
class Found:
    """A record: ``ref`` names it in an address, ``user_id`` is who it belongs to (0: no one)."""

    kind: str
    id: int
    ref: str
    icon: str
    title: str
    detail: str
    user_id: int = 0


def find(unit: UnitOfWork, scope: Scope, text: str) -> list[Found]:
    """At most ``MOST`` records of each kind the scope may see, the likeliest first."""
    text = text.strip()
    kind = _PREFIXES.get(text[:1], "")
    words = text[1:].strip() if kind else text
    found: list[Found] = []
    for name, search in _SEARCHES.items():
        if kind in ("", name):
            found += search(unit, scope, words)
    return found


def _numbers(unit: UnitOfWork, scope: Scope, words: str) -> list[Found]:
    digits = re.sub(r"[\s().+-]", "", words)
    if not digits.isdigit():
        digits = ""
    if not digits and not _ORDER_ID.fullmatch(words):
        return []
    everyone = "orders.view" in scope.capabilities
    rows = unit.all(
        _NUMBERS,
        id=_id(digits),
        words=words,
        start=f"+{digits}%" if len(digits) >= FEWEST_DIGITS else "",
        tail=f"{digits[::-1]}%" if len(digits) >= FEWEST_DIGITS else "",
        owner=None if everyone else scope.user_id,
        most=MOST,
    )
    return [_number(row) for row in rows]


def _users(unit: UnitOfWork, scope: Scope, words: str) -> list[Found]:
    if "users.view" not in scope.capabilities or not words:
        return []
    letters = len(words) >= FEWEST_LETTERS and not words.isdigit()
    rows = unit.all(
        "select id, email, role from app_user where id = :id or email ilike :like"
        " order by (email ilike :start) desc, email limit :most",
        id=_id(words),
        like=f"%{_plain(words)}%" if letters else "",
        start=f"{_plain(words)}%",
        most=MOST,
    )
    return [
        Found("user", r["id"], str(r["id"]), "users", r["email"], f"{r['role']} · no. {r['id']}")
        for r in rows
    ]


def _ledger(unit: UnitOfWork, scope: Scope, words: str) -> list[Found]:
    wanted = _id(words)
    if "ledger.view" not in scope.capabilities or not wanted:
        return []
    rows = unit.all(_LEDGER, id=wanted)
    return [
        Found(
            "ledger",
            row["id"],
            str(row["id"]),
            "book",
            f"{row['kind'].replace('_', ' ').capitalize()}, journal {row['id']}",
            money(int(row["moved"]), row["currency"]),
        )
        for row in rows
    ]


def _providers(unit: UnitOfWork, scope: Scope, words: str) -> list[Found]:
    if "providers.view" not in scope.capabilities or len(words) < FEWEST_LETTERS:
        return []
    rows = unit.all(
        "select id, name, title, enabled from provider where title ilike :like or name ilike :like"
        " order by enabled desc, title limit :most",
        like=f"%{_plain(words)}%",
        most=MOST,
    )
    return [
        Found(
            "provider",
            r["id"],
            r["name"],
            "plug",
            r["title"],
            "sells" if r["enabled"] else "switched off",
        )
        for r in rows
    ]


_SEARCHES: Final[dict[str, Callable[[UnitOfWork, Scope, str], list[Found]]]] = {
    "number": _numbers,
    "user": _users,
    "ledger": _ledger,
    "provider": _providers,
}
# A carrier's id of an order: a word with a digit in it.
_ORDER_ID: Final = re.compile(r"(?=\D*\d)[\w-]{4,120}")
# Each of the ways has its index; together in one condition they would have none.
_NUMBERS: Final = """
select a.id, a.phone, a.state, a.user_id, s.name as service, c.name as country
from (
  select id from activation where id = :id
  union (select id from activation where :start <> '' and phone like :start
    and (cast(:owner as bigint) is null or user_id = :owner) order by id desc limit :most)
  union (select id from activation where :tail <> '' and reverse(phone) like :tail
    and (cast(:owner as bigint) is null or user_id = :owner) order by id desc limit :most)
  union (select activation_id from attempt where cast(:owner as bigint) is null
    and provider_order_id = :words order by id desc limit :most)
) as hit
join activation a on a.id = hit.id
join service s on s.code = a.service join country c on c.iso2 = a.country
where cast(:owner as bigint) is null or a.user_id = :owner
order by (a.id = :id) desc, a.id desc limit :most
"""
_LEDGER: Final = """
select j.id, j.kind, j.currency, coalesce(sum(e.amount) filter (where e.amount > 0), 0) as moved
from journal j left join entry e on e.journal_id = j.id
where j.id = :id group by j.id
"""


def _number(row: Any) -> Found:
    return Found(
        "number",
        row["id"],
        str(row["id"]),
        "phone",
        row["phone"] or f"No. {row['id']}",
        f"{row['service']} · {row['country']} · no. {row['id']}",
        row["user_id"],
    )


def _id(words: str) -> int:
    """The id that the words spell; 0 matches no record."""
    if not words.isascii() or not words.isdigit() or len(words) > 19:
        return 0
    return number if (number := int(words)) <= _BIGGEST else 0


def _plain(words: str) -> str:
    """The words with the wildcards of ``like`` taken literally."""
    return re.sub(r"([\\%_])", r"\\\1", words)
