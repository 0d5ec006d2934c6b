"""Search in this process: a few thousand names in memory, re-read when a sync changed them."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz, process

from nexnum_console.catalogue.names import same_form
from nexnum_console.catalogue.normalise import load_facts
from nexnum_console.catalogue.search.port import Hit, Meant
from nexnum_console.core.db import Database

LOOK_SECONDS: Final = 2.0
_GOOD: Final = 70.0
_SURE: Final = 85.0
_MEANT_MOST: Final = 6
# Equal fits are ordered by how well known the thing is; this keeps fame from beating fit.
_FAME_POINTS: Final = 4.0


@dataclass(frozen=True, slots=True)
class _Names:
    """Searchable forms; ``owners`` says which code each form belongs to."""

    names: dict[str, str]
    forms: list[str]
    owners: list[str]
    fame: dict[str, float]


@dataclass(frozen=True, slots=True)
class _Index:
    version: int
    services: _Names
    countries: _Names


class EmbeddedSearch:
    """CatalogueSearch over the database's own names, with tolerance for typing errors."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._index: _Index | None = None
        self._looked_at = float("-inf")

    def services(self, text: str, limit: int) -> list[Hit]:
        """As CatalogueSearch.services."""
        return _find(self._current().services, text, limit)

    def countries(self, text: str, limit: int) -> list[Hit]:
        """As CatalogueSearch.countries."""
        return _find(self._current().countries, text, limit)

    def understand(self, text: str) -> Meant | None:
        """As CatalogueSearch.understand: the whole text, or its words split between the two."""
        index = self._current()
        words = text.split()[:8]
        best: tuple[float, Meant] | None = None
        for cut in range(len(words) + 1):
            left, right = " ".join(words[:cut]), " ".join(words[cut:])
            for service, country in ((left, right), (right, left)):
                found = _read(index, service, country)
                if found is not None and (best is None or found[0] > best[0]):
                    best = found
        return best[1] if best else None

    def _current(self) -> _Index:
        with self._lock:
            if self._index is None or time.monotonic() - self._looked_at > LOOK_SECONDS:
                self._index = _load(self._database, self._index)
                self._looked_at = time.monotonic()
            return self._index


def _load(database: Database, old: _Index | None) -> _Index:
    with database.transaction() as unit:
        version = unit.scalar(
            "select coalesce(max(id), 0) from job_run"
            " where kind = 'catalogue.sync' and state = 'done'"
        )
        if old is not None and old.version == version:
            return old
        services = unit.all("select code, name, popularity from service")
        countries = unit.all("select iso2, name, dial from country")
    facts = load_facts()
    service_names = _Builder()
    for row in services:
        service_names.add(row["code"], row["name"], float(row["popularity"]))
    country_names = _Builder()
    for row in countries:
        country_names.add(row["iso2"], row["name"], 0.0)
        country_names.alias(row["iso2"], row["iso2"])
        country_names.alias(row["iso2"], row["dial"])
    for alias, code in facts.service_names.items():
        service_names.alias(code, alias)
    for alias, iso2 in facts.country_names.items():
        country_names.alias(iso2, alias)
    return _Index(version, service_names.done(), country_names.done())


class _Builder:
    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._fame: dict[str, float] = {}
        self._pairs: set[tuple[str, str]] = set()

    def add(self, code: str, name: str, fame: float) -> None:
        self._names[code] = name
        self._fame[code] = fame
        self._pairs.add((same_form(name), code))
        self._pairs.add((same_form(code), code))

    def alias(self, code: str, form: str) -> None:
        if code in self._names and form:
            self._pairs.add((same_form(form), code))

    def done(self) -> _Names:
        pairs = sorted(pair for pair in self._pairs if pair[0])
        most = max(self._fame.values(), default=0.0) or 1.0
        return _Names(
            self._names,
            [form for form, _ in pairs],
            [code for _, code in pairs],
            {code: fame / most for code, fame in self._fame.items()},
        )


def _find(names: _Names, text: str, limit: int) -> list[Hit]:
    form = same_form(text)
    if text.strip() and not form:
        return []
    if not form:
        ranked = sorted(names.names.items(), key=lambda item: (-names.fame[item[0]], item[1]))
        return [Hit(code, name, 100.0) for code, name in ranked[:limit]]
    best: dict[str, float] = {}
    for place, score in _scores(form, names.forms):
        code = names.owners[place]
        best[code] = max(best.get(code, 0.0), score)
    ranked_codes = sorted(
        best,
        key=lambda code: (
            -(best[code] + _FAME_POINTS * names.fame[code]),
            len(names.names[code]),
            names.names[code],
        ),
    )
    return [Hit(code, names.names[code], best[code]) for code in ranked_codes[:limit]]


def _scores(form: str, forms: list[str]) -> list[tuple[int, float]]:
    """(place, score): equal 100, beginning 95 and less, containing 85, else likeness."""
    found = [
        (place, _contained(form, candidate))
        for place, candidate in enumerate(forms)
        if form in candidate
    ]
    if len(form) >= 3:
        found.extend(
            (place, score * 0.9)
            for _, score, place in process.extract(
                form, forms, scorer=fuzz.ratio, score_cutoff=_GOOD, limit=50
            )
        )
    return found


def _contained(form: str, candidate: str) -> float:
    share = len(form) / len(candidate)
    if candidate.startswith(form):
        return 90.0 + 10.0 * share
    return 75.0 + 10.0 * share


def _read(index: _Index, service: str, country: str) -> tuple[float, Meant] | None:
    """How well the texts fit as a service and a country; every word given must fit something."""
    services = _find(index.services, service, _MEANT_MOST) if service else []
    countries = _find(index.countries, country, _MEANT_MOST) if country else []
    if (service and not services) or (country and not countries) or not (services or countries):
        return None
    parts = [hits[0].score for hits in (services, countries) if hits]
    meant = Meant(
        tuple(hit.code for hit in _close(services)), tuple(hit.code for hit in _close(countries))
    )
    return sum(parts) / len(parts), meant


def _close(hits: list[Hit]) -> list[Hit]:
    """The best hit, and others unless the best is certain."""
    if not hits or hits[0].score == 100.0:
        return hits[:1]
    return [hit for hit in hits if hit.score >= min(hits[0].score - 10, _SURE)]
