"""Offers for a purchase."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from nexnum_console.core.db import UnitOfWork


@dataclass(frozen=True, slots=True)
class Candidate:
    """An offer that could serve a purchase now; cost in provider currency, price in wallet's."""

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


def candidates(
    unit: UnitOfWork, service: str, country: str, operator: str, max_price: int | None = None
) -> list[Candidate]:
    """Offers of enabled providers for ``service`` in ``country``."""
    rows = unit.all(
        "select o.id as offer_id, p.id as provider_id, pa.id as account_id, p.name as provider,"
        " o.external_country, o.external_service, o.operator, o.cost_micro, p.currency, r.rate,"
        " o.price_micro, o.stock, p.priority, pa.settle_seconds"
        " from offer o join provider p on p.id = o.provider_id and p.enabled"
        " join provider_account pa on pa.provider_id = p.id and pa.enabled"
        " join currency_rate r on r.currency = p.currency"
        " where o.service = :service and o.country = :country and o.available"
        " and (:operator = 'any' or o.operator = :operator)",
        service=service,
        country=country,
        operator=operator,
    )
    return [Candidate(**row) for row in rows]
