"""Lists that stand in the config: what a provider only prints in its documentation."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nexnum_console.providers.client import ProviderClient
from nexnum_console.providers.loading import ConfigError, load_config
from nexnum_console.providers.replay import could_send, replay
from nexnum_console.providers.reply import read
from nexnum_console.providers.results import Country, OfferRow, Service
from nexnum_console.providers.trace import trace
from tests.providers.making import Script, answer, provider

COUNTRIES = {
    "type": "fixed",
    "rows": [{"id": "us", "name": "United States"}, {"id": "gb", "name": "Great Britain"}],
}
SERVICES = {"type": "fixed", "rows": [{"code": "tg", "name": "Telegram"}, {"code": "wa"}]}
OPERATORS = {"type": "fixed", "rows": [{"country": "us", "operator": ["tmobile", "att"]}]}
FLAT = {"type": "fixed", "rows": [{"price": "0.50"}]}


def client(*answers: Any, endpoints: dict | None = None, **mappings: Any) -> ProviderClient:
    said = Script(*answers)
    return ProviderClient(provider(endpoints or {}, mappings), "K", said)


def asked(made: ProviderClient) -> list[str]:
    return made._entry._transport.urls


def prices(made: ProviderClient, **about: str) -> list[tuple]:
    return sorted(
        (o.country, o.service, o.operator, o.price, o.stock) for o in made.prices(**about)
    )


def test_lists_come_without_a_request() -> None:
    made = client(countries=COUNTRIES, services=SERVICES, operators=OPERATORS)
    assert made.countries() == [Country("us", "United States"), Country("gb", "Great Britain")]
    assert made.services() == [Service("tg", "Telegram"), Service("wa", "wa")]
    assert made.operators() == {"us": ["tmobile", "att"]}
    assert made.operators("gb") == {}
    assert [made.supports(each) for each in ("countries", "prices")] == [True, False]
    assert asked(made) == []


def test_a_flat_price_is_that_of_every_country_and_service() -> None:
    made = client(countries=COUNTRIES, services=SERVICES, prices=FLAT)
    pairs = [("gb", "tg"), ("gb", "wa"), ("us", "tg"), ("us", "wa")]
    assert prices(made) == [(*pair, None, "0.50", None) for pair in pairs]
    assert prices(made, country="us", service="wa") == [("us", "wa", None, "0.50", None)]
    assert isinstance(made.prices()[0], OfferRow)
    assert asked(made) == []


def test_a_flat_price_of_what_other_calls_list() -> None:
    endpoints = {"services": {"path": "/services"}}
    listed = {"type": "json_array", "fields": {"code": "id"}}
    said = answer([{"id": "tg"}, {"id": "vk"}])
    made = client(said, endpoints=endpoints, countries=COUNTRIES, services=listed, prices=FLAT)
    assert [row[:2] for row in prices(made)] == [
        ("gb", "tg"),
        ("gb", "vk"),
        ("us", "tg"),
        ("us", "vk"),
    ]
    assert asked(made) == ["/services"]


def test_of_several_prices_the_first_that_fits_holds() -> None:
    rows = [
        {"country": "us", "service": ["wa"], "price": "0.9", "stock": 3},
        {"service": "wa", "price": "0.7"},
        {"price": "0.5"},
    ]
    listed = {"type": "fixed", "rows": rows}
    made = client(countries=COUNTRIES, services=SERVICES, prices=listed)
    assert prices(made) == [
        ("gb", "tg", None, "0.5", None),
        ("gb", "wa", None, "0.7", None),
        ("us", "tg", None, "0.5", None),
        ("us", "wa", None, "0.9", 3),
    ]
    assert prices(made, country="us", service="wa") == [("us", "wa", None, "0.9", 3)]


def test_value_maps_and_constants_hold_for_rows_too() -> None:
    rows = {"type": "fixed", "constants": {"price": "0.25"}, "rows": [{"country": [16, 187]}]}
    compiled = provider(
        {"buy": {"path": "/b", "queryParams": {"c": "$country"}}},
        {
            "buy": {"type": "json_object", "fields": {"id": "id", "phone": "p"}},
            "prices": rows,
        },
        valueMaps={"country": {"gb": "16", "us": "187"}},
    )
    made = ProviderClient(compiled, "K", Script())
    assert prices(made, service="tg") == [
        ("gb", "tg", None, "0.25", None),
        ("us", "tg", None, "0.25", None),
    ]
    assert prices(made, country="gb", service="tg") == [("gb", "tg", None, "0.25", None)]


def test_a_recording_of_a_fixed_list() -> None:
    compiled = provider({}, {"countries": COUNTRIES})
    recording = {
        "id": "printed",
        "operation": "countries",
        "request": {"method": "GET", "path": "/docs", "query": {}, "headers": {}, "body": None},
        "response": {"status": 404, "headers": {}, "body": "<html>no such page</html>"},
        "expected": {"ok": {"countries": [{"id": "us", "name": "United States"}, {"id": "gb"}]}},
    }
    assert [outcome.difference for outcome in replay(compiled, [recording])] == [None]
    assert could_send(compiled, recording) is None
    recording["expected"] = {"ok": {"countries": [{"id": "fr"}, {"id": "gb"}]}}
    outcome = replay(compiled, [recording], explained=1)[0]
    assert outcome.difference is not None
    assert outcome.cause is not None


def test_the_trace_tells_every_row() -> None:
    compiled = provider({}, {"countries": COUNTRIES})
    told = trace(compiled, "countries", answer(), {})
    assert told.reply is not None
    assert [field.value for row in told.reply.rows for field in row.fields] == [
        "us",
        "United States",
        "gb",
        "Great Britain",
    ]
    assert {field.place for row in told.reply.rows for field in row.fields} == {
        "/mappings/countries/rows"
    }
    assert told.result == read(compiled, "countries", answer(), {})


FAULTS = [
    ("balance", {"rows": [{"balance": "1"}]}, "/mappings/balance/type", "no fixed list"),
    ("countries", {}, "/mappings/countries", "needs “rows”"),
    ("countries", {"rows": [{"name": "x"}]}, "/mappings/countries/rows/0", "has no “id”"),
    ("countries", {"rows": [{"idd": "x"}]}, "/mappings/countries/rows/0/idd", "not an output"),
    ("services", {"rows": [{"code": ""}]}, "/mappings/services/rows/0/code", "cannot be read"),
    ("prices", {"rows": [{"price": "free"}]}, "/mappings/prices/rows/0/price", "cannot be read"),
    ("prices", {"rows": [{"price": 0.5}]}, "/mappings/prices/rows/0/price", "text in double"),
    (
        "prices",
        {"rows": [{"price": "1"}, {"country": "us", "price": "2"}]},
        "/mappings/prices/rows/1",
        "row 1 is the first",
    ),
    (
        "services",
        {"rows": [{"code": ["a", "b"]}, {"code": "b"}]},
        "/mappings/services/rows/1",
        "row 1 is the first",
    ),
    ("services", {"rows": [{"code": []}]}, "/mappings/services/rows/0/code", "makes no row"),
    (
        "services",
        {"rows": [{"code": "a"}], "fields": {"code": "x"}},
        "/mappings/services/fields",
        "no “fields”",
    ),
    (
        "prices",
        {
            "rows": [
                {
                    "price": "1",
                    "country": list(map(str, range(400))),
                    "service": list(map(str, range(300))),
                }
            ]
        },
        "/mappings/prices/rows",
        "more than 100,000 rows",
    ),
]


@pytest.mark.parametrize(("operation", "parts", "place", "message"), FAULTS)
def test_a_list_that_is_wrong(operation: str, parts: dict, place: str, message: str) -> None:
    found = faults({operation: {"type": "fixed", **parts}})
    assert [(each.pointer, message in each.message) for each in found] == [(place, True)]
    assert all(each.cure for each in found)


def test_a_fixed_list_that_is_asked_all_the_same() -> None:
    found = faults({"countries": COUNTRIES}, endpoints={"countries": {"path": "/c"}})
    assert [each.message for each in found] == [
        "“endpoints” asks for “countries”, and a fixed list is not asked"
    ]
    several = {"replies": [COUNTRIES, {"type": "json_array", "fields": {"id": "id"}}]}
    assert [each.message for each in faults({"countries": several})] == [
        "a fixed list is never one reply of several"
    ]
    stray = {"type": "json_array", "fields": {"id": "id"}, "rows": [{"id": "us"}]}
    found = faults({"countries": stray}, endpoints={"countries": {"path": "/c"}})
    assert [each.message for each in found] == ["only a fixed list has rows"]


def faults(mappings: dict[str, Any], endpoints: dict[str, Any] | None = None) -> list[Any]:
    config = {
        "name": "made",
        "baseUrl": "https://x.example",
        "endpoints": endpoints or {},
        "mappings": mappings,
    }
    with pytest.raises(ConfigError) as caught:
        load_config(json.dumps(config), "made.json")
    return caught.value.problems
