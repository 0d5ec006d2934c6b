"""The order in which providers are asked; pure."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass

from nexnum_console.catalogue.service import Candidate

ATTEMPTS_MAX = 5
SHUT = "its circuit breaker is open"
ABOVE_CAP = "above the price cap"


@dataclass(frozen=True, slots=True)
class Plan:
    """Candidates in the order they are asked, and why the others were left out.

    ``price_cap`` (micro-units, wallet currency) is the most this purchase can cost.
    """

    candidates: tuple[Candidate, ...]
    excluded: tuple[tuple[Candidate, str], ...]
    price_cap: int


def plan(
    candidates: Iterable[Candidate],
    *,
    max_price: int | None,
    provider: str | None,
    shut: Container[int] = (),
) -> Plan:
    """Hard limits first, then the cheapest; ties go to the admin's priority, then to stock.

    Without a ``max_price`` the cap is the price on display: the cheapest admissible offer.
    ``shut``: accounts that must not be asked now, because their circuit breaker is open.
    """
    admitted: list[Candidate] = []
    excluded: list[tuple[Candidate, str]] = []
    for candidate in sorted(candidates, key=_rank):
        reason = _why_not(candidate, provider, shut)
        if reason is None:
            admitted.append(candidate)
        else:
            excluded.append((candidate, reason))
    cap = max_price if max_price is not None else min((c.price_micro for c in admitted), default=0)
    for candidate in [c for c in admitted if c.price_micro > cap]:
        admitted.remove(candidate)
        excluded.append((candidate, ABOVE_CAP))
    chosen, spare = admitted[:ATTEMPTS_MAX], admitted[ATTEMPTS_MAX:]
    excluded.extend((candidate, "enough others come first") for candidate in spare)
    highest = max((candidate.price_micro for candidate in chosen), default=0)
    return Plan(tuple(chosen), tuple(excluded), highest)


def _rank(candidate: Candidate) -> tuple[int, int, int]:
    return candidate.price_micro, candidate.priority, -(candidate.stock or 0)


def _why_not(candidate: Candidate, provider: str | None, shut: Container[int]) -> str | None:
    if provider is not None and candidate.provider != provider:
        return "another provider was asked for"
    if candidate.account_id in shut:
        return SHUT
    if candidate.stock is not None and candidate.stock <= 0:
        return "out of stock"
    return None
