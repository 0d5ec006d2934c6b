"""A purchase by hand in the lab: capped even where the provider takes no cap, and never forgotten.

It belongs to no order, so it is written down as a stray: the reconciler gives it back, and books
what the provider keeps.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from nexnum_console.activations.attempts import Stray, remember
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.money import MoneyError, format_micro, to_micro_up
from nexnum_console.operations.provider_lab import Run, TrialRefused
from nexnum_console.providers.carrier import Terms
from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.request import build


def sends_cap(compiled: CompiledProvider, given: Mapping[str, str]) -> bool:
    """Whether a purchase of this tells the provider the most that it may cost."""
    try:
        asked = [
            build(compiled, "buy", {"country": "x", "service": "x", **given, "max_price": cap}, "-")
            for cap in ("1.5", "2.5")
        ]
    except ProviderError:
        return False
    return asked[0] != asked[1]


def listed_cost(unit: UnitOfWork, provider: str, given: Mapping[str, str]) -> int | None:
    """What the provider's own list, as last read, asks at most for that country and service, in
    micro-units of its currency; None where it names no such thing."""
    found: int | None = unit.scalar(
        "select max(o.cost_micro) from offer o join provider p on p.id = o.provider_id"
        " where p.name = :provider and o.available and o.external_country = :country"
        " and o.external_service = :service"
        " and (:operator in ('', 'any') or o.operator in (:operator, 'any'))",
        provider=provider,
        country=given.get("country", ""),
        service=given.get("service", ""),
        operator=given.get("operator", ""),
    )
    return found


def check_cap(compiled: CompiledProvider, listed: int | None, given: Mapping[str, str]) -> None:
    """Refuse a purchase that its list already prices above the cap, where only we could mind.
    TrialRefused."""
    if sends_cap(compiled, given) or listed is None:
        return
    if listed > to_micro_up(given["max_price"]):
        raise TrialRefused(
            f"This config sends no cap, and the list says up to {format_micro(listed)}"
            f" {compiled.config.currency}: more than you allow. Nothing was bought."
        )


def hand_over(
    unit: UnitOfWork, terms: Terms, run: Run, given: Mapping[str, str], now: datetime
) -> str:
    """Write a number that was bought down as a stray, for the reconciler; its id at the provider,
    "" where none was sold."""
    result = run.trace.result if run.trace is not None else None
    if not result or not result.get("activation_id"):
        return ""
    try:
        cost = to_micro_up(result["cost"]) if result.get("cost") else None
    except MoneyError:
        cost = None
    if cost is None:
        cost = listed_cost(unit, terms.provider, given)
    upstream = str(result["activation_id"])[:120]
    phone, where = result.get("phone"), (given.get("country"), given.get("service"))
    remember(unit, Stray(upstream, phone, *where, cost), terms, now)
    return upstream
