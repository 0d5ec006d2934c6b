"""What a provider calls things: matched by the sync, or by hand, which wins at once and stays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from nexnum_console.catalogue.listing import EXTERNAL_MAX
from nexnum_console.catalogue.names import same_form
from nexnum_console.catalogue.normalise import ByHand, KnownService, load_facts
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import InvalidInput, NotFound

Kind = Literal["country", "service"]
_NAME_MOST: Final = 160


@dataclass(frozen=True, slots=True)
class Thing:
    """A country or service of ours: its code and the name shown."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Matched:
    """What a word of theirs meant before and means now (codes of ours, "" for nothing), and what
    else of theirs means the same."""

    before: str
    after: str
    others: list[str]


def by_hand(unit: UnitOfWork, provider_id: int) -> ByHand:
    """What staff said of this provider's words; it stays so until the transaction ends."""
    unit.run("select id from provider where id = :id for share", id=provider_id)
    rows = unit.all(
        "select t.kind, t.theirs, t.by_hand, s.name, s.popularity from provider_term t"
        " left join service s on t.kind = 'service' and s.code = t.by_hand"
        " where t.provider_id = :id and t.by_hand <> ''",
        id=provider_id,
    )
    return ByHand(
        {row["theirs"]: row["by_hand"] for row in rows if row["kind"] == "country"},
        {
            row["theirs"]: KnownService(row["by_hand"], row["name"], row["popularity"])
            for row in rows
            if row["name"] is not None
        },
    )


def remember(
    unit: UnitOfWork, provider_id: int, found: Iterable[tuple[str, str, str, str]]
) -> None:
    """Keep (kind, theirs, name, ours) of all that a sync saw; what was said by hand stays."""
    rows = [
        (kind, theirs, name.replace("\x00", "").strip()[:_NAME_MOST], ours)
        for kind, theirs, name, ours in found
        if theirs and len(theirs) <= EXTERNAL_MAX and "\x00" not in theirs
    ]
    marks = dict(
        zip(("kinds", "terms", "names", "ours"), map(list, zip(*rows, strict=True)), strict=False)
    )
    if rows:
        unit.run(_REMEMBER, id=provider_id, **marks)
        unit.run(_FORGET, id=provider_id, kinds=marks["kinds"], terms=marks["terms"])


def match(
    unit: UnitOfWork,
    author: str,
    provider: str,
    kind: Kind,
    theirs: str,
    ours: str,
    *,
    now: datetime,
) -> Matched:
    """Say what ``theirs`` means; "" leaves it to the sync again. Offers that are stored follow at
    once; a sync settles what two words of theirs, now one of ours, cost. NotFound, InvalidInput.
    """
    provider_id = unit.scalar(
        "select id from provider where name = :name for update", name=provider
    )
    row = unit.first(_TERM, id=provider_id, kind=kind, theirs=theirs)
    if row is None:
        raise NotFound(f"{provider[:64]} names no {kind} “{theirs[:64]}”; nothing was changed.")
    if ours:
        _know(unit, kind, ours)
    after = ours or str(row["ours"])
    unit.run(
        "update provider_term set by_hand = :ours, author = :author, at = :now"
        " where provider_id = :id and kind = :kind and theirs = :theirs",
        id=provider_id,
        kind=kind,
        theirs=theirs,
        ours=ours,
        author=author if ours else "",
        now=now if ours else None,
    )
    marks: dict[str, Any] = {"id": provider_id, "theirs": theirs, "ours": after, "now": now}
    if after:
        unit.run(_MOVE[kind], **marks)
    unit.run(_LEAVE[kind], **marks)
    others = unit.run(_OTHERS, id=provider_id, kind=kind, theirs=theirs, ours=after).scalars()
    return Matched(str(row["by_hand"] or row["ours"]), after, list(others) if after else [])


def things(unit: UnitOfWork, kind: Kind, words: str, most: int) -> list[Thing]:
    """Countries or services of ours whose names begin with or contain the words, best first."""
    wanted = words.strip().lower()
    if kind == "country":
        facts = load_facts()
        alias = facts.country_names.get(same_form(wanted), "")
        known = [Thing(one.iso2, one.name) for one in facts.countries.values()]
        found = [
            one
            for one in known
            if wanted in one.name.lower() or wanted == one.code.lower() or one.code == alias
        ]
    else:
        alias = load_facts().service_names.get(same_form(wanted), "")
        rows = unit.all(_SERVICES, words=f"%{_literal(wanted)}%", alias=alias, most=200)
        found = [Thing(row["code"], row["name"]) for row in rows]

    def rank(one: Thing) -> tuple[bool, bool]:
        return one.code != alias and one.code.lower() != wanted, not _begins(one, wanted)

    return sorted(found, key=rank)[:most]


def _begins(one: Thing, wanted: str) -> bool:
    return one.name.lower().startswith(wanted)


def _literal(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _know(unit: UnitOfWork, kind: Kind, ours: str) -> None:
    """Make sure that ``ours`` is in the catalogue; InvalidInput where nobody knows it."""
    facts = load_facts()
    if kind == "country":
        country = facts.countries.get(ours)
        if country is None:
            raise InvalidInput(f"There is no country {ours[:64]}; nothing was changed.")
        unit.run(
            "insert into country (iso2, name, dial) values (:iso2, :name, :dial)"
            " on conflict do nothing",
            iso2=country.iso2,
            name=country.name,
            dial=country.dial,
        )
        return
    service = facts.services.get(ours)
    if service is not None:
        unit.run(
            "insert into service (code, name, popularity) values (:code, :name, :popularity)"
            " on conflict do nothing",
            code=service.code,
            name=service.name,
            popularity=service.popularity,
        )
    elif not unit.scalar("select count(*) from service where code = :code", code=ours):
        raise InvalidInput(f"There is no service {ours[:64]}; nothing was changed.")


_REMEMBER: Final = """
insert into provider_term (provider_id, kind, theirs, name, ours)
select :id, kind, theirs, name, ours from unnest(cast(:kinds as text[]), cast(:terms as text[]),
  cast(:names as text[]), cast(:ours as text[])) as t(kind, theirs, name, ours)
on conflict (provider_id, kind, theirs) do update set name = excluded.name, ours = excluded.ours
where (provider_term.name, provider_term.ours) is distinct from (excluded.name, excluded.ours)
"""
_FORGET: Final = """
delete from provider_term where provider_id = :id and by_hand = '' and (kind, theirs) not in (
  select kind, theirs
  from unnest(cast(:kinds as text[]), cast(:terms as text[])) as t(kind, theirs))
"""
_TERM: Final = (
    "select ours, by_hand from provider_term"
    " where provider_id = :id and kind = :kind and theirs = :theirs"
)
_OTHERS: Final = (
    "select theirs from provider_term where provider_id = :id and kind = :kind"
    " and theirs <> :theirs and coalesce(nullif(by_hand, ''), ours) = :ours order by theirs"
)
_SERVICES: Final = """
select code, name from service
where lower(name) like :words or code like :words or code = :alias
order by popularity desc, name limit :most
"""
# The same choice as a sync makes between two offers of one thing: in stock first, then cheaper.
_MOVED: Final = """
insert into offer (provider_id, country, service, operator, external_country, external_service,
  cost_micro, price_micro, stock, available, sync_no, updated_at)
select provider_id, {columns}, operator, external_country, external_service, cost_micro,
  price_micro, stock, true, sync_no, :now
from offer where provider_id = :id and external_{kind} = :theirs and available and {kind} <> :ours
on conflict (provider_id, country, service, operator) do update set
  external_country = excluded.external_country, external_service = excluded.external_service,
  cost_micro = excluded.cost_micro, price_micro = excluded.price_micro, stock = excluded.stock,
  available = true, sync_no = excluded.sync_no, updated_at = excluded.updated_at
where not offer.available or (coalesce(excluded.stock, 1) = 0, excluded.cost_micro)
  < (coalesce(offer.stock, 1) = 0, offer.cost_micro)
"""
_MOVE: Final[dict[Kind, str]] = {
    "country": _MOVED.format(kind="country", columns="cast(:ours as text), service"),
    "service": _MOVED.format(kind="service", columns="country, cast(:ours as text)"),
}
_LEFT: Final = (
    "update offer set available = false, updated_at = :now where provider_id = :id"
    " and external_{kind} = :theirs and {kind} <> :ours and available"
)
_LEAVE: Final[dict[Kind, str]] = {
    "country": _LEFT.format(kind="country"),
    "service": _LEFT.format(kind="service"),
}
