"""What is for sale now: candidates for a purchase, lists for the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

from nexnum_console.core.db import UnitOfWork

Sort = Literal["best", "price", "stock"]
ANY: Final = "any"


@dataclass(frozen=True, slots=True)
class Again:
    """A number that served an order before: the provider's id of that order, and the number."""

    upstream_id: str
    phone: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A provider account that could serve a purchase; with ``again`` by that number alone.

    ``cost_micro`` is in ``currency`` (the provider's), ``price_micro`` in the wallet's; ``rate``
    is wallet units for one provider unit. ``stock`` None: the provider does not tell.
    ``paid_for``: our balance there covers it, or is not known. ``starved``: the provider said of
    late that the balance is used up.
    """

    offer_id: int
    provider_id: int
    account_id: int
    provider: str
    external_country: str
    external_service: str
    operator: str
    cost_micro: int
    currency: str
    rate: Decimal
    price_micro: int
    stock: int | None
    priority: int
    settle_seconds: int
    paid_for: bool = True
    starved: bool = False
    again: Again | None = None


@dataclass(frozen=True, slots=True)
class OfferView:
    """An offer as the store shows it; ``price_micro`` in wallet currency."""

    id: int
    service: str
    service_name: str
    country: str
    country_name: str
    dial: str
    operator: str
    provider: str
    price_micro: int
    stock: int | None


@dataclass(frozen=True, slots=True)
class ForSale:
    """A service or country with something in stock: the cheapest price and how much there is."""

    code: str
    name: str
    price_from_micro: int
    stock: int
    offers: int


# An offer is sold through every enabled account of its provider.
_CANDIDATES: Final = """
select o.id as offer_id, o.provider_id, a.id as account_id, p.name as provider,
  o.external_country, o.external_service, o.operator, o.cost_micro, p.currency, r.rate,
  o.price_micro, o.stock, p.priority, a.settle_seconds,
  a.balance_micro is null or a.balance_micro >= o.cost_micro as paid_for,
  coalesce(a.starved_until > coalesce(cast(:now as timestamptz), now()), false) as starved
  from offer o
  join provider p on p.id = o.provider_id and p.enabled
  join currency_rate r on r.currency = p.currency
  join provider_account a on a.provider_id = p.id and a.enabled
 where o.available and o.service = :service and o.country = :country
   and (:operator = 'any' or o.operator = :operator)
 order by o.price_micro, p.priority, o.stock desc nulls last, o.id, a.id
"""
_ORDER: Final[dict[Sort, str]] = {
    "best": "s.popularity desc, o.price_micro, p.priority, o.id",
    "price": "o.price_micro, p.priority, o.id",
    "stock": "o.stock desc nulls last, o.price_micro, o.id",
}
_PURSES: Final = """
  (select a.provider_id, max(coalesce(a.balance_micro, 9223372036854775807)) as purse
    from provider_account a join provider p on p.id = a.provider_id and p.enabled
    join currency_rate r on r.currency = p.currency
    where a.enabled and a.id <> all(cast(:shut as bigint[]))
      and (a.starved_until is null or a.starved_until <= now())
    group by a.provider_id)
"""
# What an admin decided about an offer's provider: the narrowest rule that fits, or none.
_RULING: Final = """(select r.kind from routing_rule r where r.provider_id = {offer}.provider_id
  and r.service in ('', {offer}.service) and r.country in ('', {offer}.country)
  and (r.until is null or r.until > now())
  order by (r.service <> '')::int + (r.country <> '')::int desc, r.service <> '' desc limit 1)"""
# Of an offer ``o``: some account of its provider can sell it now, and routing would let it: the
# provider is not banned for it, nor is another one pinned that has it for sale. ``:shut`` are
# accounts that must not be asked. The purse is the most that any of them can pay.
ABLE: Final = f"""
  left join (select distinct h.service, h.country from routing_rule pin
    join offer h on h.provider_id = pin.provider_id and pin.service in ('', h.service)
      and pin.country in ('', h.country) and h.available and (h.stock is null or h.stock > 0)
    join {_PURSES} payer on payer.provider_id = h.provider_id and h.cost_micro <= payer.purse
    where (select exists (select from routing_rule where kind = 'pin'))
      and pin.kind = 'pin' and {_RULING.format(offer="h")} = 'pin') pinned
  on pinned.service = o.service and pinned.country = o.country
  join {_PURSES} able on able.provider_id = o.provider_id and o.cost_micro <= able.purse
    and case case when o.provider_id = any(array(select provider_id from routing_rule))
        then {_RULING.format(offer="o")} end
      when 'ban' then false when 'pin' then true else pinned.service is null end
"""  # noqa: S608  our own words
_IN_STOCK: Final = """
 where o.available and (o.stock is null or o.stock > 0)
   and (cast(:services as text[]) is null or o.service = any(:services))
   and (cast(:countries as text[]) is null or o.country = any(:countries))
"""
_OFFERS: Final = (
    """
select o.id, o.service, s.name as service_name, o.country, c.name as country_name, c.dial,
  o.operator, p.name as provider, o.price_micro, o.stock
  from offer o
  join provider p on p.id = o.provider_id
  join service s on s.code = o.service
  join country c on c.iso2 = o.country
"""
    + ABLE
    + _IN_STOCK
)
_FIGURES: Final = """, min(o.price_micro) as price_from_micro,
  coalesce(sum(o.stock), 0)::bigint as stock, count(*) as offers
  from offer o
"""
_NAMED: Final = "select code, name, price_from_micro, stock, offers from ("
_SERVICES: Final = (
    _NAMED
    + "select o.service as code"
    + _FIGURES
    + ABLE
    + _IN_STOCK
    + " group by o.service) f join service using (code)"
)
_COUNTRIES: Final = (
    _NAMED
    + "select o.country as code"
    + _FIGURES
    + ABLE
    + _IN_STOCK
    + " group by o.country) f join country on iso2 = code"
)


def candidates(
    unit: UnitOfWork,
    service: str,
    country: str,
    operator: str = ANY,
    *,
    now: datetime | None = None,
) -> list[Candidate]:
    """Who has this in the list, cheapest first, also where it cannot be bought now.

    ``operator`` "any" takes every operator.
    """
    rows = unit.all(_CANDIDATES, service=service, country=country, operator=operator, now=now)
    return [Candidate(**row) for row in rows]


def offers(
    unit: UnitOfWork,
    *,
    services: Sequence[str] | None = None,
    countries: Sequence[str] | None = None,
    sort: Sort = "best",
    limit: int = 50,
    offset: int = 0,
    shut: Sequence[int] = (),
) -> list[OfferView]:
    """Offers in stock, of these services and countries (None: of all).

    ``shut``: accounts that must not be asked now; what only they sell is not for sale.
    """
    rows = unit.all(
        f"{_OFFERS} order by {_ORDER[sort]} limit :limit offset :offset",
        services=_array(services),
        countries=_array(countries),
        limit=limit,
        offset=offset,
        shut=list(shut),
    )
    return [OfferView(**row) for row in rows]


def services_for_sale(
    unit: UnitOfWork,
    *,
    codes: Sequence[str] | None = None,
    country: str | None = None,
    shut: Sequence[int] = (),
) -> dict[str, ForSale]:
    """Services in stock, by code; of one country where it is given. ``shut`` as in ``offers``."""
    return _for_sale(unit, _SERVICES, codes, None if country is None else [country], shut)


def countries_for_sale(
    unit: UnitOfWork,
    *,
    codes: Sequence[str] | None = None,
    service: str | None = None,
    shut: Sequence[int] = (),
) -> dict[str, ForSale]:
    """Countries in stock, by ISO code; for one service where it is given. ``shut`` as above."""
    return _for_sale(unit, _COUNTRIES, None if service is None else [service], codes, shut)


def sellers(unit: UnitOfWork) -> list[int]:
    """Every account that is switched on."""
    return list(unit.run("select id from provider_account where enabled").scalars())


def _for_sale(
    unit: UnitOfWork,
    statement: str,
    services: Sequence[str] | None,
    countries: Sequence[str] | None,
    shut: Sequence[int],
) -> dict[str, ForSale]:
    rows = unit.all(
        statement, services=_array(services), countries=_array(countries), shut=list(shut)
    )
    return {row["code"]: ForSale(**row) for row in rows}


def _array(values: Sequence[str] | None) -> list[str] | None:
    return None if values is None else list(values)
