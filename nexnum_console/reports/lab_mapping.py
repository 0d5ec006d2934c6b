"""Countries and services as the provider names them, beside ours; and what we send instead."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.providers import versions
from nexnum_console.reports.words import count, flag

ROWS_MOST: Final = 400


@dataclass(frozen=True, slots=True)
class MappingRow:
    """``theirs`` as their lists have it, ``ours`` as the catalogue matched it, ``sent`` what a
    request carries; it differs from ``theirs`` where a value map says so."""

    kind: str
    theirs: str
    ours: str
    code: str
    flag: str
    offers: str
    sent: str


def mapping_rows(unit: UnitOfWork, name: str, kind: str, words: str) -> list[MappingRow]:
    """Rows of ``country`` or ``service`` whose names contain ``words``; most offers first."""
    maps = _value_map(unit, name, kind)
    found = unit.all(
        _COUNTRIES if kind == "country" else _SERVICES,
        name=name,
        words=f"%{words.strip().lower()}%",
        most=ROWS_MOST,
    )
    return [
        MappingRow(
            kind,
            row["theirs"],
            row["ours"],
            row["code"],
            flag(row["code"]) if kind == "country" else "",
            count(row["offers"]),
            maps.get(row["theirs"], row["theirs"]),
        )
        for row in found
    ]


def _value_map(unit: UnitOfWork, name: str, kind: str) -> dict[str, str]:
    draft = versions.draft(unit, name)
    text = draft.text if draft else versions.served(unit, name).text
    config: dict[str, Any] = json.loads(text)
    maps = config.get("valueMaps") or config.get("value_maps") or {}
    found = maps.get(kind) if isinstance(maps, dict) else None
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


_COUNTRIES: Final = """
select o.external_country as theirs, c.name as ours, c.iso2 as code, count(*) as offers
from offer o join provider p on p.id = o.provider_id join country c on c.iso2 = o.country
where p.name = :name and (lower(c.name) like :words or lower(o.external_country) like :words)
group by 1, 2, 3 order by offers desc, ours limit :most
"""
_SERVICES: Final = """
select o.external_service as theirs, s.name as ours, s.code, count(*) as offers
from offer o join provider p on p.id = o.provider_id join service s on s.code = o.service
where p.name = :name and (lower(s.name) like :words or lower(o.external_service) like :words)
group by 1, 2, 3 order by offers desc, ours limit :most
"""
