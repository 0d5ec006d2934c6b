"""What a list's address says, and what it leaves out."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexnum_console.reports.activations_list import ACTIVATIONS
from nexnum_console.reports.listing import (
    KINDS,
    MOST_PAGES,
    Query,
    like,
    parse,
    shown,
    url,
    whole_number,
    with_filter,
)
from nexnum_console.reports.lists import LISTINGS


def again(query: Query) -> Query:
    return parse(ACTIVATIONS, dict(parse_qsl(urlsplit(url(ACTIVATIONS, query)).query)))


def test_a_list_nobody_touched_has_a_plain_address() -> None:
    query = parse(ACTIVATIONS, {})
    assert (query.sort, query.page, query.filters) == ("-time", 1, {})
    assert url(ACTIVATIONS, query) == "/console/activations"


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "q": st.text(min_size=1, max_size=120).map(str.strip).filter(bool),
            "state": st.sampled_from(["waiting", "received", "refused"]),
            "from": st.dates().map(str),
            "sort": st.sampled_from(["-time", "price", "-price", "phone", "nonsense"]),
            "page": st.integers(-5, 10**6).map(str),
            "cols": st.sampled_from(["state.price", "", "nonsense", "time.time"]),
            "dense": st.sampled_from(["1", "0", "yes"]),
        },
    )
)
def test_an_address_says_the_same_when_it_is_read_again(asked: dict[str, str]) -> None:
    query = parse(ACTIVATIONS, asked)
    assert again(query) == replace(query, dropped=())


def test_what_means_nothing_is_left_out_and_named() -> None:
    asked = {"state": "sold", "from": "yesterday", "q": "x" * 200, "colour": "red", "page": "9"}
    query = parse(ACTIVATIONS, asked)
    assert query.filters == {}
    assert query.dropped == ("Search", "State", "From", "“colour”")
    assert query.page == 9


@pytest.mark.parametrize(
    ("text", "page"), [("0", 1), ("-1", 1), ("٣", 1), ("2", 2), ("9" * 30, MOST_PAGES), ("1e3", 1)]
)
def test_a_page_is_a_small_positive_number(text: str, page: int) -> None:
    assert parse(ACTIVATIONS, {"page": text}).page == page


def test_a_changed_filter_begins_at_the_first_page() -> None:
    query = parse(ACTIVATIONS, {"page": "4", "state": "waiting"})
    assert with_filter(query, "q", "ann") == replace(
        query, filters={"state": "waiting", "q": "ann"}, page=1
    )
    assert with_filter(query, "state", "").filters == {}


def test_the_first_column_always_stands() -> None:
    columns = shown(ACTIVATIONS, parse(ACTIVATIONS, {"cols": "price.state"}))
    assert [column.key for column in columns] == ["number", "state", "price"]


def test_wildcards_of_a_search_are_letters() -> None:
    assert like(r"50%_\x") == r"%50\%\_\\x%"


@pytest.mark.parametrize("text", ["0", "-3", "", "#", "1.5", "9" * 20])
def test_an_id_is_a_positive_whole_number(text: str) -> None:
    assert whole_number("#17") == 17
    with pytest.raises(ValueError):  # noqa: PT011  int's own words
        whole_number(text)


@pytest.mark.parametrize("listing", LISTINGS.values(), ids=list(LISTINGS))
def test_every_list_is_whole(listing) -> None:
    keys = [column.key for column in listing.columns]
    names = [one.key for one in listing.filters]
    assert len(set(keys)) == len(keys)
    assert len(set(names)) == len(names)
    assert not {"sort", "page", "cols", "dense"} & set(names)
    assert {column.kind for column in listing.columns} <= KINDS
    assert not listing.order or listing.column(listing.order.removeprefix("-")).sort
    assert all(f":f_{one.key}" in one.sql for one in listing.filters)
    assert all(one.kind in {"choice", "text", "day"} for one in listing.filters)


@pytest.mark.parametrize("name", LISTINGS)
def test_a_list_says_what_will_stand_in_it(name: str) -> None:
    listing = LISTINGS[name]
    assert listing.none_yet.startswith("No ")
    assert listing.nothing.endswith(".")
