"""What staff say a provider's word means wins: at once, in every sync, until it is taken back."""

from __future__ import annotations

import pytest

from nexnum_console.catalogue import terms
from nexnum_console.catalogue.service import candidates
from nexnum_console.catalogue.terms import Kind, Matched
from nexnum_console.core.db import Database
from nexnum_console.core.errors import InvalidInput, NotFound
from nexnum_console.reports.lab_mapping import mapping_rows
from tests.catalogue.conftest import NOW, Listed, Price, Sync, add

LISTED = Listed(
    countries_=[("england", "England"), ("atl", "Atlantis")],
    services_=[("tg", "Telegram"), ("zz", "Zebra chat")],
    prices_=[
        Price("england", "tg", "any", "0.20", 10),
        Price("atl", "tg", "any", "0.10", 3),
        Price("england", "zz", "any", "0.50", None),
    ],
)


def _say(database: Database, kind: Kind, theirs: str, ours: str) -> Matched:
    with database.transaction() as unit:
        return terms.match(unit, "user:7", "fivesim", kind, theirs, ours, now=NOW)


def _sold(database: Database, country: str, service: str = "telegram") -> list[tuple[str, str]]:
    with database.transaction() as unit:
        found = candidates(unit, service, country, now=NOW)
    return [(one.external_country, one.external_service) for one in found]


def test_a_country_that_nobody_knows_is_told_and_matched(
    database: Database, run_sync: Sync
) -> None:
    add(database)
    run_sync(LISTED)
    with database.transaction() as unit:
        rows, totals = mapping_rows(unit, "fivesim", "country", "", "")
    assert [(one.theirs, one.name, one.code) for one in rows] == [
        ("atl", "Atlantis", ""),
        ("england", "", "GB"),
    ]
    assert (totals.all, totals.open, totals.hand) == (2, 1, 0)

    _say(database, "country", "atl", "GR")
    assert _sold(database, "GR") == [], "it was never stored, the sync brings it"
    run_sync(LISTED)
    assert _sold(database, "GR") == [("atl", "tg")]


def test_a_match_moves_what_is_for_sale_at_once_and_every_sync_keeps_it(
    database: Database, run_sync: Sync
) -> None:
    add(database)
    run_sync(LISTED)
    assert _sold(database, "GB") == [("england", "tg")]
    found = _say(database, "country", "england", "FR")
    assert (found.before, found.after, found.others) == ("GB", "FR", [])
    assert _sold(database, "GB") == []
    assert _sold(database, "FR") == [("england", "tg")], "the provider gets its own word"
    run_sync(LISTED)
    assert _sold(database, "FR") == [("england", "tg")]
    with database.transaction() as unit:
        (row,), totals = mapping_rows(unit, "fivesim", "country", "", "hand")
    assert (row.match, row.auto, row.code, totals.hand) == ("hand", "United Kingdom", "FR", 1)

    _say(database, "country", "england", "")
    assert _sold(database, "FR") == []
    assert _sold(database, "GB") == [("england", "tg")]
    run_sync(LISTED)
    assert _sold(database, "GB") == [("england", "tg")]


def test_two_of_theirs_for_one_of_ours_are_said_and_the_better_one_is_sold(
    database: Database, run_sync: Sync
) -> None:
    add(database)
    run_sync(LISTED)
    _say(database, "country", "atl", "FR")
    run_sync(LISTED)
    found = _say(database, "country", "england", "FR")
    assert found.others == ["atl"]
    assert _sold(database, "FR") == [("atl", "tg")], "in stock both, and cheaper"
    with database.transaction() as unit:
        rows, totals = mapping_rows(unit, "fivesim", "country", "", "clash")
    assert {one.theirs: one.clash for one in rows} == {"atl": "england", "england": "atl"}
    assert totals.clash == 2
    run_sync(LISTED)
    assert _sold(database, "FR") == [("atl", "tg")]


def test_a_service_is_matched_by_hand(database: Database, run_sync: Sync) -> None:
    add(database)
    run_sync(LISTED)
    _say(database, "service", "zz", "viber")
    assert _sold(database, "GB", "viber") == [("england", "zz")]
    run_sync(LISTED)
    assert _sold(database, "GB", "viber") == [("england", "zz")]
    with database.transaction() as unit:
        known = terms.things(unit, "service", "vib", 5)
    assert known[0].code == "viber"


def test_what_nobody_knows_is_refused(database: Database, run_sync: Sync) -> None:
    add(database)
    run_sync(LISTED)
    with pytest.raises(NotFound, match="names no country"):
        _say(database, "country", "nowhere", "GB")
    with pytest.raises(InvalidInput, match="no country ZZ"):
        _say(database, "country", "england", "ZZ")
    with pytest.raises(InvalidInput, match="no service"):
        _say(database, "service", "tg", "nothing-like-it")
    with database.transaction() as unit:
        assert terms.things(unit, "country", "uae", 3)[0].code == "AE"
        assert terms.things(unit, "country", "gb", 3)[0].code == "GB"


def test_words_that_are_not_listed_any_more_go_and_those_by_hand_stay(
    database: Database, run_sync: Sync
) -> None:
    add(database)
    run_sync(LISTED)
    _say(database, "country", "atl", "GR")
    run_sync(Listed(prices_=[Price("france", "tg", "any", "0.2", 1)]), force=True)
    with database.transaction() as unit:
        rows, _ = mapping_rows(unit, "fivesim", "country", "", "")
    assert [one.theirs for one in rows] == ["france", "atl"]
