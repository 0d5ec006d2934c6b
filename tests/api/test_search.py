"""The store's search over HTTP."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from nexnum_console.bootstrap import Services
from nexnum_console.catalogue.sync import sync
from tests.api.conftest import register
from tests.catalogue.conftest import NOW, Listed, Price, add


@pytest.fixture
def store(client: TestClient, services: Services) -> TestClient:
    add(services.database)
    prices = [
        Price(country, service, None, f"0.{place + 10}", place + 1)
        for place, (country, service) in enumerate(
            (country, service)
            for country in ("england", "germany", "brazil")
            for service in ("whatsapp", "telegram", "google")
        )
    ]
    sync(
        services.database,
        "fivesim",
        Listed(prices_=prices),
        wallet_currency="USD",
        clock=lambda: NOW,
    )
    register(client)
    return client


def test_strangers_see_nothing(client: TestClient) -> None:
    for path in ("offers", "services", "countries"):
        assert client.get(f"/api/search/{path}").status_code == 401


def test_offers_by_service_and_country(store: TestClient) -> None:
    answer = store.get("/api/search/offers", params={"service": "whatsapp", "country": "gb"}).json()
    (offer,) = answer["offers"]
    assert answer["next_page"] is None
    assert offer | {"id": 0} == {
        "id": 0,
        "service": "whatsapp",
        "service_name": "WhatsApp",
        "country": "GB",
        "country_name": "United Kingdom",
        "dial": "44",
        "operator": "any",
        "provider": "fivesim",
        "price": "0.15",
        "currency": "USD",
        "stock": 1,
    }


def test_offers_by_what_was_typed(store: TestClient) -> None:
    found = store.get("/api/search/offers", params={"q": "telegarm brazl"}).json()["offers"]
    assert [(one["service"], one["country"]) for one in found] == [("telegram", "BR")]
    assert store.get("/api/search/offers", params={"q": "qqqzzzxxx"}).json()["offers"] == []


def test_pages_cover_everything_once(store: TestClient) -> None:
    seen: list[int] = []
    page: int | None = 1
    while page:
        answer = store.get(
            "/api/search/offers", params={"sort": "price", "limit": 4, "page": page}
        ).json()
        seen.extend(one["id"] for one in answer["offers"])
        page = answer["next_page"]
    assert len(seen) == len(set(seen)) == 9


def test_services_and_countries_with_their_cheapest_price(store: TestClient) -> None:
    services = store.get("/api/search/services", params={"country": "DE"}).json()["items"]
    assert [one["code"] for one in services] == ["whatsapp", "telegram", "google"]
    assert services[0]["price_from"] == "0.20"
    countries = store.get("/api/search/countries", params={"q": "germny"}).json()["items"]
    assert countries[0]["code"] == "DE"
    assert countries[0]["offers"] == 3


@pytest.mark.parametrize(
    "params",
    [
        {"country": "GBR"},
        {"service": "'; drop table offer"},
        {"sort": "random"},
        {"limit": "0"},
        {"limit": "x"},
        {"page": "-1"},
        {"q": "x" * 81},
    ],
)
def test_junk_is_refused(store: TestClient, params: dict[str, str]) -> None:
    assert store.get("/api/search/offers", params=params).status_code == 422
