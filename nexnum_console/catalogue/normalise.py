"""What a provider calls a country or a service, in our words; pure.

The provider's own name for a thing is the best evidence: the same two letters mean different
services in different dialects. Codes decide where no name is given or none is known.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any, Final

from nexnum_console.catalogue.names import SLUG_MAX, same_form, slug, without_qualifier

# A dialect is believed when this many codes, and this part of them, carry the names it gives them.
_AGREEING_MIN: Final = 4
_AGREEING_PART: Final = 0.6


@dataclass(frozen=True, slots=True)
class KnownCountry:
    """ISO 3166-1 alpha-2, English name, calling code."""

    iso2: str
    name: str
    dial: str


@dataclass(frozen=True, slots=True)
class KnownService:
    """Our code, the name shown, and how well known it is (0: not specially)."""

    code: str
    name: str
    popularity: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the world: things by name, and by code in each dialect."""

    countries: Mapping[str, KnownCountry]
    country_names: Mapping[str, str]
    country_codes: Mapping[str, Mapping[str, str]]
    services: Mapping[str, KnownService]
    service_names: Mapping[str, str]
    service_codes: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class ByHand:
    """What staff said their words mean: ISO codes and services by the provider's own codes."""

    countries: Mapping[str, str] = field(default_factory=dict)
    services: Mapping[str, KnownService] = field(default_factory=dict)


class Normaliser:
    """One provider's dictionary. ``dialect`` is declared by its config, or found by evidence;
    what is said ``by_hand`` wins over both."""

    def __init__(
        self,
        facts: Facts,
        provider: str,
        dialect: str | None,
        countries: Iterable[tuple[str, str]],
        services: Iterable[tuple[str, str]],
        by_hand: ByHand | None = None,
    ) -> None:
        self._facts = facts
        self._by_hand = by_hand or ByHand()
        self._provider = provider
        self._country_names = dict(countries)
        self._service_names = dict(services)
        declared = dialect or provider
        self.country_dialect = _dialect(
            declared, facts.country_codes, facts.country_names, self._country_names
        )
        self.service_dialect = _dialect(
            declared, facts.service_codes, facts.service_names, self._service_names
        )
        self._country_cache: dict[str, KnownCountry | None] = {}
        self._service_cache: dict[str, KnownService] = {}

    def country(self, external: str) -> KnownCountry | None:
        """The country behind the provider's id, or None if nobody knows it."""
        if external not in self._country_cache:
            iso2 = self._by_hand.countries.get(external, "")
            said = self._facts.countries.get(iso2)
            self._country_cache[external] = said or self.found_country(external)
        return self._country_cache[external]

    def service(self, external: str) -> KnownService:
        """The service behind the provider's code; an unknown one gets a code of its own."""
        if external not in self._service_cache:
            said = self._by_hand.services.get(external)
            self._service_cache[external] = said or self.found_service(external)
        return self._service_cache[external]

    def terms(self, priced: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str, str, str]]:
        """(kind, theirs, their name, ours when nobody says otherwise) of all that they name, in
        their lists or among the (country, service) of their prices."""
        pairs = list(priced)
        for theirs in dict.fromkeys([*self._country_names, *(one for one, _ in pairs)]):
            country = self.found_country(theirs)
            ours = country.iso2 if country else ""
            yield "country", theirs, self._country_names.get(theirs, ""), ours
        for theirs in dict.fromkeys([*self._service_names, *(one for _, one in pairs)]):
            ours = self.found_service(theirs).code
            yield "service", theirs, self._service_names.get(theirs, ""), ours

    def found_country(self, external: str) -> KnownCountry | None:
        """What the facts make of it, whatever was said by hand."""
        facts = self._facts
        name = self._country_names.get(external, "")
        iso2 = (
            facts.country_names.get(same_form(name))
            or facts.country_names.get(same_form(without_qualifier(name)))
            or facts.country_codes.get(self.country_dialect, {}).get(external)
            or (external.upper() if external.upper() in facts.countries else None)
            or facts.country_names.get(same_form(external))
        )
        return facts.countries[iso2] if iso2 else None

    def found_service(self, external: str) -> KnownService:
        """What the facts make of it, whatever was said by hand."""
        facts = self._facts
        name = self._service_names.get(external, "").strip()
        told = name if name.casefold() != external.casefold() else ""
        code = facts.service_names.get(same_form(told)) if told else None
        code = code or facts.service_codes.get(self.service_dialect, {}).get(external)
        if code is None and not told and len(external) > 3:
            code = facts.service_names.get(same_form(external))
        if code is not None:
            return facts.services[code]
        return self._own(external, told)

    def _own(self, external: str, told: str) -> KnownService:
        # Short codes without a name mean nothing outside their dialect, so they keep its name.
        source = told or (external if len(external) > 3 else "")
        code = slug(source)
        if not code or code in self._facts.services:
            family = self.service_dialect or self._provider
            code = slug(f"{family} {external}") or slug(self._provider)
        return KnownService(code[:SLUG_MAX], (told or external)[:160], 0)


def _dialect(
    declared: str,
    codes: Mapping[str, Mapping[str, str]],
    names: Mapping[str, str],
    listing: Mapping[str, str],
) -> str:
    """The declared dialect if it is known, else the one whose codes carry the listing's names."""
    if declared in codes:
        return declared
    agreeing: Counter[str] = Counter()
    judged: Counter[str] = Counter()
    for code, name in listing.items():
        known = names.get(same_form(name)) or names.get(same_form(without_qualifier(name)))
        if known is None:
            continue
        for dialect, table in codes.items():
            if code in table:
                judged[dialect] += 1
                agreeing[dialect] += table[code] == known
    best = max(agreeing, key=lambda dialect: agreeing[dialect], default="")
    enough = best and agreeing[best] >= max(_AGREEING_MIN, _AGREEING_PART * judged[best])
    return best if enough else ""


@lru_cache(maxsize=1)
def load_facts() -> Facts:
    """The facts that ship with the product."""
    countries = _read("countries.json")
    services = _read("services.json")
    return Facts(
        countries={
            row["iso2"]: KnownCountry(row["iso2"], row["name"], row["dial"]) for row in countries
        },
        country_names=_names(countries, "iso2"),
        country_codes=_codes(countries, "iso2", "ids"),
        services={
            row["code"]: KnownService(row["code"], row["name"], row["popularity"])
            for row in services
        },
        service_names=_names(services, "code"),
        service_codes=_codes(services, "code", "codes"),
    )


def _read(name: str) -> list[dict[str, Any]]:
    source = resources.files("nexnum_console.catalogue").joinpath("facts", name)
    rows: list[dict[str, Any]] = json.loads(source.read_text(encoding="utf-8"))
    return rows


def _names(rows: list[dict[str, Any]], key: str) -> dict[str, str]:
    found = {same_form(row["name"]): str(row[key]) for row in reversed(rows)}
    for row in rows:
        for alias in row["names"]:
            found.setdefault(alias, row[key])
    return found


def _codes(rows: list[dict[str, Any]], key: str, field: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        for dialect, codes in row[field].items():
            for code in codes:
                found.setdefault(dialect, {}).setdefault(code, row[key])
    return found
