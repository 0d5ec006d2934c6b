"""Finding things by what people type."""

from __future__ import annotations

import pytest

from nexnum_console.catalogue.normalise import load_facts
from nexnum_console.catalogue.search import embedded
from nexnum_console.catalogue.search.embedded import EmbeddedSearch
from nexnum_console.catalogue.search.port import Meant
from nexnum_console.core import job_runs
from nexnum_console.core.db import Database
from tests.catalogue.conftest import NOW


@pytest.fixture
def search(database: Database) -> EmbeddedSearch:
    facts = load_facts()
    with database.transaction() as unit:
        unit.many(
            "insert into service (code, name, popularity) values (:code, :name, :popularity)",
            [
                {"code": one.code, "name": one.name, "popularity": one.popularity}
                for one in facts.services.values()
            ],
        )
        unit.many(
            "insert into country (iso2, name, dial) values (:iso2, :name, :dial)",
            [
                {"iso2": one.iso2, "name": one.name, "dial": one.dial}
                for one in facts.countries.values()
            ],
        )
    return EmbeddedSearch(database)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("whatsapp", "whatsapp"),
        ("WhatsAp", "whatsapp"),
        ("whatsup", "whatsapp"),
        ("telegarm", "telegram"),
        ("gmail", "google"),
        ("youtube", "google"),
        ("vk", "vkontakte"),
        ("tele", "telegram"),
        ("face", "facebook"),
        ("open ai", "openai"),
    ],
)
def test_services_despite_typing_errors(search: EmbeddedSearch, typed: str, code: str) -> None:
    assert search.services(typed, 5)[0].code == code


@pytest.mark.parametrize(
    ("typed", "iso2"),
    [
        ("germany", "DE"),
        ("germny", "DE"),
        ("uk", "GB"),
        ("usa", "US"),
        ("+49", "DE"),
        ("gb", "GB"),
        ("brasil", "BR"),
        ("Россия", "RU"),
    ],
)
def test_countries_despite_typing_errors(search: EmbeddedSearch, typed: str, iso2: str) -> None:
    assert search.countries(typed, 5)[0].code == iso2


@pytest.mark.parametrize("typed", ["qqqqzzzzxxxx", "🦄", "%", "' or 1=1"])
def test_nonsense_finds_nothing_and_breaks_nothing(search: EmbeddedSearch, typed: str) -> None:
    assert search.countries(typed, 5) == []


def test_nothing_typed_gives_the_best_known(search: EmbeddedSearch) -> None:
    assert [hit.code for hit in search.services("", 3)] == ["whatsapp", "telegram", "google"]
    assert search.countries(" ", 1)[0].name == "Afghanistan"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("whatsap brazil", Meant(("whatsapp",), ("BR",))),
        ("united kingdom telegram", Meant(("telegram",), ("GB",))),
        ("whatsapp", Meant(("whatsapp",), ())),
        ("germany", Meant((), ("DE",))),
    ],
)
def test_a_service_a_country_or_both(search: EmbeddedSearch, typed: str, meant: Meant) -> None:
    found = search.understand(typed)
    assert found is not None
    assert found.services[:1] == meant.services
    assert found.countries[:1] == meant.countries


def test_a_sync_shows_up(
    search: EmbeddedSearch, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "LOOK_SECONDS", -1.0)
    assert search.services("zorblax", 1) == []
    with database.transaction() as unit:
        unit.run("insert into service (code, name) values ('zorblax', 'Zorblax')")
        run = job_runs.start(unit, "catalogue.sync", "fivesim", now=NOW)
        job_runs.finish(unit, run, {}, now=NOW)
    assert search.services("zorblax", 1)[0].code == "zorblax"
