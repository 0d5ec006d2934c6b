"""Candidates and beliefs for tests of routing."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from nexnum_console.catalogue.service import Candidate
from nexnum_console.providers.performance import Belief, Observation, Scope, Tally, believe

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def candidate(number: int, price: int, **changes: Any) -> Candidate:
    fields: dict[str, Any] = {
        "offer_id": number,
        "provider_id": number,
        "account_id": number,
        "provider": f"p{number}",
        "external_country": "england",
        "external_service": "tg",
        "operator": "any",
        "cost_micro": price // 2,
        "currency": "USD",
        "rate": Decimal(1),
        "price_micro": price,
        "stock": 10,
        "priority": 0,
        "settle_seconds": 150,
    }
    return Candidate(**{**fields, **changes})


def believed(good: int, bad: int = 0, seconds: float = 20.0) -> Belief:
    """What is believed after so many codes and failures, mixed evenly."""
    scope, tallies = Scope(1, "telegram", "GB", "any"), dict[Scope, Tally]()
    count = good + bad
    for number in range(count):
        arrived = number * good // count != (number + 1) * good // count
        event = "delivered" if arrived else "undelivered"
        seen = Observation(scope, event, NOW, seconds if arrived else None)
        for each in scope.chain():
            tallies[each] = tallies.get(each, Tally(NOW)).after(seen)
    return believe(scope, tallies, NOW)
