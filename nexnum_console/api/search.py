"""What is for sale: services, countries, offers."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel

from nexnum_console.api.deps import ServicesDep, require
from nexnum_console.catalogue import service as catalogue
from nexnum_console.catalogue.service import ForSale, OfferView, Sort
from nexnum_console.core.actor import Actor
from nexnum_console.core.money import format_micro

router = APIRouter(prefix="/api/search", tags=["search"])

EVERYTHING: Final = 100_000

Viewer = Annotated[Actor, require("store.view")]
Text = Annotated[str, Query(max_length=80, description="Name as typed; errors are tolerated.")]
Limit = Annotated[int, Query(ge=1, le=200)]
Code = Annotated[str | None, Query(max_length=64, pattern=r"^[a-z0-9][a-z0-9_-]*$")]
Iso2 = Annotated[str | None, Query(pattern=r"^[A-Za-z]{2}$", description="ISO 3166-1 alpha-2.")]
Page = Annotated[int, Query(ge=1, le=500)]


class Offer(BaseModel):
    """A number that can be bought; ``price`` is decimal text in ``currency``."""

    id: int
    service: str
    service_name: str
    country: str
    country_name: str
    dial: str
    operator: str
    provider: str
    price: str
    currency: str
    stock: int | None


class Offers(BaseModel):
    """A page of offers; ``next_page`` is null on the last one."""

    offers: list[Offer]
    next_page: int | None


class Sellable(BaseModel):
    """A service or a country that has something in stock, with its cheapest price."""

    code: str
    name: str
    price_from: str
    currency: str
    stock: int
    offers: int


class Sellables(BaseModel):
    """Best fits first."""

    items: list[Sellable]


@router.get("/offers", response_model=Offers)
def search_offers(
    actor: Viewer,
    services: ServicesDep,
    service: Code = None,
    country: Iso2 = None,
    q: Text = "",
    sort: Sort = "best",
    limit: Limit = 50,
    page: Page = 1,
) -> Offers:
    """Offers in stock. ``q`` takes a service, a country, or both: ``whatsap brazil``."""
    wanted_services = [service] if service else None
    wanted_countries = [country.upper()] if country else None
    if q.strip():
        meant = services.search.understand(q)
        if meant is None:
            return Offers(offers=[], next_page=None)
        wanted_services = wanted_services or list(meant.services) or None
        wanted_countries = wanted_countries or list(meant.countries) or None
    with services.database.transaction() as unit:
        found = catalogue.offers(
            unit,
            services=wanted_services,
            countries=wanted_countries,
            sort=sort,
            limit=limit + 1,
            offset=(page - 1) * limit,
            shut=services.desk.shut_now(unit),
        )
    currency = services.settings.wallet_currency
    more = page + 1 if len(found) > limit else None
    return Offers(offers=[_offer(one, currency) for one in found[:limit]], next_page=more)


@router.get("/services", response_model=Sellables)
def search_services(
    actor: Viewer, services: ServicesDep, q: Text = "", country: Iso2 = None, limit: Limit = 50
) -> Sellables:
    """Services in stock that fit ``q``, the best known first; of one country if it is given."""
    hits = services.search.services(q, 100 if q.strip() else EVERYTHING)
    with services.database.transaction() as unit:
        place = country.upper() if country else None
        for_sale = catalogue.services_for_sale(
            unit, country=place, shut=services.desk.shut_now(unit)
        )
    return _sellables(
        [hit.code for hit in hits], for_sale, services.settings.wallet_currency, limit
    )


@router.get("/countries", response_model=Sellables)
def search_countries(
    actor: Viewer, services: ServicesDep, q: Text = "", service: Code = None, limit: Limit = 200
) -> Sellables:
    """Countries in stock that fit ``q``; for one service if it is given."""
    hits = services.search.countries(q, 300)
    with services.database.transaction() as unit:
        for_sale = catalogue.countries_for_sale(
            unit, service=service, shut=services.desk.shut_now(unit)
        )
    return _sellables(
        [hit.code for hit in hits], for_sale, services.settings.wallet_currency, limit
    )


def _offer(offer: OfferView, currency: str) -> Offer:
    return Offer(
        id=offer.id,
        service=offer.service,
        service_name=offer.service_name,
        country=offer.country,
        country_name=offer.country_name,
        dial=offer.dial,
        operator=offer.operator,
        provider=offer.provider,
        price=format_micro(offer.price_micro),
        currency=currency,
        stock=offer.stock,
    )


def _sellables(
    codes: list[str], for_sale: dict[str, ForSale], currency: str, limit: int
) -> Sellables:
    items = [
        Sellable(
            code=found.code,
            name=found.name,
            price_from=format_micro(found.price_from_micro),
            currency=currency,
            stock=found.stock,
            offers=found.offers,
        )
        for found in (for_sale[code] for code in codes if code in for_sale)
    ]
    return Sellables(items=items[:limit])
