"""Rows of a provider's list of live numbers: which may be kept, and whose they may be; pure."""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime, timedelta
from typing import Any, Final

from nexnum_console.activations.attempts import Number, Stray
from nexnum_console.activations.lanes import RECENT
from nexnum_console.core.money import to_micro_up
from nexnum_console.core.storable import storable
from nexnum_console.providers.carrier import Carrier
from nexnum_console.providers.client import ActiveRow

CLOCK_SKEW: Final = timedelta(seconds=60)
# What the columns take of that which names a number.
ID_MOST: Final = 120
PHONE_MOST: Final = 20
PLACE_MOST: Final = 64


def fit(row: ActiveRow) -> bool:
    """Whether our columns take what names a number; without it nobody could be told of it."""
    named = (
        (row.activation_id, ID_MOST),
        (row.phone, PHONE_MOST),
        (row.country, PLACE_MOST),
        (row.service, PLACE_MOST),
    )
    return all(text is None or text == storable(text)[:most] for text, most in named)


def matches(row: ActiveRow, attempt: Any, promised: Container[str], held: Container[str]) -> bool:
    if row.phone is None or attempt["phone"] not in {None, row.phone}:
        return False
    if attempt["provider_order_id"] is not None or row.activation_id in promised:
        return bool(row.activation_id == attempt["provider_order_id"])
    if row.activation_id in held and attempt["phone"] is None:
        return False  # a live order here has that phone: what comes on it is its owner's
    told = (row.service, attempt["external_service"]), (row.country, attempt["external_country"])
    if any(code is not None and code != asked for code, asked in told):
        return False
    cost = _cost(row)
    if cost is not None and cost > attempt["max_cost"]:
        return False
    return row.created_at is None or row.created_at >= attempt["sent_at"] - CLOCK_SKEW


def number_of(row: ActiveRow, attempt: Any, carrier: Carrier) -> Number:
    assert row.phone is not None
    bought_at = row.created_at or attempt["sent_at"]
    expires_at = bought_at + timedelta(seconds=carrier.terms.activation_seconds)
    return Number(row.activation_id, row.phone, _cost(row), None, expires_at)


def stray_of(row: ActiveRow) -> Stray:
    return Stray(row.activation_id, row.phone, row.country, row.service, _cost(row))


def _cost(row: ActiveRow) -> int | None:
    return None if row.cost is None else to_micro_up(row.cost)


def explains(attempt: Any, row: ActiveRow, asked_at: datetime) -> bool:
    if row.service is not None and row.service != attempt["external_service"]:
        return False
    if row.country is not None and row.country != attempt["external_country"]:
        return False
    return bool(abs((row.created_at or asked_at) - attempt["sent_at"]) < RECENT)
