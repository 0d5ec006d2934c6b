"""Countries and services as the provider names them, beside ours; and what we send instead."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.providers import versions
from nexnum_console.reports.words import count, flag

ROWS_MOST: Final = 80
_NAMED_MOST: Final = 3


@dataclass(frozen=True, slots=True)
class MappingRow:
    """``theirs`` as their lists have it, ``ours`` what it means here, "" for nothing known;
    ``match`` is ``hand`` where staff said so (``auto`` is then what the sync makes of it).
    ``clash`` names other words of theirs that mean the same. ``sent`` is what a request carries;
    it differs from ``theirs`` where a value map says so."""

    theirs: str
    name: str
    ours: str
    code: str
    flag: str
    match: str
    auto: str
    clash: str
    offers: str
    sent: str


@dataclass(frozen=True, slots=True)
class MappingTotals:
    """How many words there are of a kind, without one of ours, by hand, and sharing one of ours."""

    all: int = 0
    open: int = 0
    hand: int = 0
    clash: int = 0


def mapping_rows(
    unit: UnitOfWork, name: str, kind: str, words: str, only: str
) -> tuple[list[MappingRow], MappingTotals]:
    """Rows of ``country`` or ``service`` whose names contain ``words``: what nobody knows first,
    then what sells most. ``only`` open, hand or clash leaves the others out."""
    maps = _value_map(unit, name, kind)
    statement = _ROWS.format(terms=_TERMS, kind=kind, **_OURS[kind])
    marks = {"name": name, "kind": kind, "words": f"%{words.strip().lower()}%"}
    found = unit.all(statement, **marks, only=only, most=ROWS_MOST)
    total = unit.first(_TOTALS, name=name, kind=kind)
    rows = [_row(kind, row, maps) for row in found]
    return rows, MappingTotals(**total) if total else MappingTotals()


def _row(kind: str, row: Any, maps: dict[str, str]) -> MappingRow:
    theirs = row["theirs"]
    named = row["name"] if row["name"].casefold() != theirs.casefold() else ""
    return MappingRow(
        theirs=theirs,
        name=named,
        ours=row["title"] or row["code"],
        code=row["code"],
        flag=flag(row["code"]) if kind == "country" and row["code"] else "",
        match="hand" if row["by_hand"] else "",
        auto=(row["auto"] or "nothing") if row["by_hand"] else "",
        clash=_named(row["others"]),
        offers=count(row["offers"]) if row["offers"] else "",
        sent=maps.get(theirs, theirs),
    )


def _named(others: list[str] | None) -> str:
    if not others:
        return ""
    more = len(others) - _NAMED_MOST
    return ", ".join(others[:_NAMED_MOST]) + (f" and {more} more" if more > 0 else "")


def _value_map(unit: UnitOfWork, name: str, kind: str) -> dict[str, str]:
    draft = versions.draft(unit, name)
    text = draft.text if draft else versions.served(unit, name).text
    config: dict[str, Any] = json.loads(text)
    maps = config.get("valueMaps") or config.get("value_maps") or {}
    found = maps.get(kind) if isinstance(maps, dict) else None
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


_TERMS: Final = """
with term as (
  select t.theirs, t.name, t.by_hand, t.ours, coalesce(nullif(t.by_hand, ''), t.ours) as code,
    t.provider_id
  from provider_term t join provider p on p.id = t.provider_id
  where p.name = :name and t.kind = :kind
), shared as (
  select code, array_agg(theirs order by theirs) as words from term
  where code <> '' group by code having count(*) > 1
)
"""
_OURS: Final = {
    "country": {"table": "country", "key": "iso2"},
    "service": {"table": "service", "key": "code"},
}
_ROWS: Final = """
{terms}, sold as (
  select o.external_{kind} as theirs, count(*) as offers from offer o
  where o.provider_id = (select provider_id from term limit 1) and o.available group by 1
)
select t.theirs, t.name, t.code, t.by_hand, g.name as title, coalesce(a.name, t.ours) as auto,
  array_remove(h.words, t.theirs) as others, coalesce(s.offers, 0) as offers
from term t
left join shared h on h.code = t.code
left join sold s on s.theirs = t.theirs
left join {table} g on g.{key} = t.code
left join {table} a on a.{key} = t.ours
where (lower(t.theirs) like :words or lower(t.name) like :words or lower(g.name) like :words
    or lower(t.code) like :words)
  and (:only = '' or (:only = 'open' and t.code = '') or (:only = 'hand' and t.by_hand <> '')
    or (:only = 'clash' and h.code is not null))
order by t.code <> '', offers desc, title, t.theirs limit :most
"""
_TOTALS: Final = (
    _TERMS
    + """select count(*) as all, count(*) filter (where t.code = '') as open,
  count(*) filter (where t.by_hand <> '') as hand, count(h.code) as clash
from term t left join shared h on h.code = t.code
"""
)
