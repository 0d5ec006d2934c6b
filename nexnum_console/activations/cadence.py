"""How long until a number is looked at again: calls go where a code is most likely; pure.

A number to which a code comes at the rate ``h`` and which is looked at ``r`` times a second keeps
its buyer waiting ``h/2r`` seconds for each second that it lives. If a call is worth ``c`` seconds
of waiting, ``h/2r + c·r`` is least at ``r = √(h/2c)``; a number is looked at again when ``∫ r dt``
has come to one. ``c`` is the least price at which all numbers of an account fit its budget of
calls: it is zero, and each is looked at as often as its provider allows, while there is room.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

# However unlikely a code is, its number is looked at so often.
GAP_MOST: Final = 60.0
# Halvings of the span in which the price of a call is looked for; its error is then 2^-40 of it.
HALVINGS: Final = 40


@dataclass(frozen=True, slots=True)
class Group:
    """So many numbers of one hazard (per second), none to be looked at within ``least`` seconds."""

    number: int
    hazard: float
    least: float


def looks_a_second(hazard: float, price: float, least: float) -> float:
    """How often a number is looked at: at most every ``least`` seconds, at least every GAP_MOST.

    ``price`` of a call in seconds of waiting.
    """
    most = 1 / least
    if price <= 0:
        return most
    return min(max(sqrt(hazard / (2 * price)), 1 / max(GAP_MOST, least)), most)


def gap(ahead: Iterable[tuple[float, float]], price: float, least: float) -> float:
    """Seconds until the next look of a number with these (seconds, hazard) ahead of it."""
    if price <= 0:
        return least
    missing, passed = 1.0, 0.0
    for seconds, hazard in ahead:
        rate = looks_a_second(hazard, price, least)
        if rate * seconds >= missing:
            return passed + missing / rate
        missing -= rate * seconds
        passed += seconds
    return passed + missing / looks_a_second(0.0, price, least)


def calls_a_second(groups: Iterable[Group], price: float) -> float:
    """What all of them cost where a call is worth ``price``."""
    return sum(group.number * looks_a_second(group.hazard, price, group.least) for group in groups)


def price_of_a_call(groups: Sequence[Group], budget: float) -> float:
    """The least price at which the groups make at most ``budget`` calls a second.

    Where even a look every GAP_MOST is too much, the price that brings every number there: the
    gate before a provider's calls then makes them wait in order.
    """
    if calls_a_second(groups, 0.0) <= budget:
        return 0.0
    low, high = 0.0, max(group.hazard for group in groups) * GAP_MOST**2 / 2
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if calls_a_second(groups, middle) > budget:
            low = middle
        else:
            high = middle
    return high
