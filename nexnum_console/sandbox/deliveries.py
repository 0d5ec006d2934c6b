"""Which SMS an order will get, and when: decided when it is opened, from its own sequence."""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random

from nexnum_console.sandbox.catalogue_facts import Service
from nexnum_console.sandbox.faults import FaultBook
from nexnum_console.sandbox.messages import compose
from nexnum_console.sandbox.orders import Order, Sms
from nexnum_console.sandbox.profiles import Profile

# The second SMS of a double comes this much later, seconds.
DOUBLE_AFTER = 0.2
LATE_SHARES = (0.9, 1.2)


def first_messages(
    order: Order,
    service: Service,
    profile: Profile,
    faults: FaultBook,
    *,
    never: float,
    rng: Random,
) -> list[Sms]:
    """What a fresh order will get: mostly one SMS; none with the share ``never``; two or a
    late one when those faults strike."""
    arrives, at = rng.random() >= never, order.created_at + _delay(profile, rng)
    if faults.strikes("late_sms", "sms"):
        lifetime = profile.lifetimes.activation_seconds
        arrives, at = True, order.created_at + lifetime * rng.uniform(*LATE_SHARES)
    if not arrives:
        return []
    first = _sms(order, service, at, rng)
    double = faults.strikes("double_sms", "sms")
    if double is None:
        return [first]
    if double.heads:
        return [first, replace(first, at=at + DOUBLE_AFTER)]
    return [first, _sms(order, service, at + DOUBLE_AFTER, rng)]


def further_messages(
    order: Order, service: Service, profile: Profile, now: float, rng: Random
) -> list[Sms]:
    """What comes after the buyer has asked for another code."""
    if rng.random() < profile.never_share:
        return []
    return [_sms(order, service, now + _delay(profile, rng), rng)]


def _delay(profile: Profile, rng: Random) -> float:
    return rng.lognormvariate(math.log(profile.sms_median_seconds), profile.sms_spread)


def _sms(order: Order, service: Service, at: float, rng: Random) -> Sms:
    message = compose(service, order.country, rng)
    return Sms(at, message.sender, message.text, message.code)
