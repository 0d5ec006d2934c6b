"""The routing policy as staff read it: each weight in words, and who is pinned or banned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.known_settings import DEFAULTS, SETTINGS
from nexnum_console.core.runtime_settings import stored_rules, written
from nexnum_console.reports.rules import shown
from nexnum_console.reports.words import initials, millis, money, tile
from nexnum_console.routing.policy import (
    LEAST_OUTCOMES,
    NEW_BESIDE,
    NEW_OUTCOMES,
    Policy,
    policy_of,
)
from nexnum_console.routing.rulings import rules_held

_PREFIX: Final = "routing_"


@dataclass(frozen=True, slots=True)
class Weight:
    """One weight: its value as people write it, what it may be, and in words what it does now."""

    name: str
    title: str
    help: str
    kind: str
    value: str
    default: str
    words: str
    options: tuple[str, ...]
    changed_ms: int


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A pin or a ban; ``until_ms`` 0: without an end. ``service`` and ``country`` are codes."""

    provider: str
    title: str
    initials: str
    tile: int
    kind: str
    service: str
    country: str
    where: str
    reason: str
    actor: str
    at_ms: int
    until_ms: int
    holds: bool


@dataclass(frozen=True, slots=True)
class PolicyView:
    """What holds, what an admin decided about providers, and who could be pinned or banned."""

    version: str
    weights: tuple[Weight, ...]
    rules: tuple[RuleLine, ...]
    providers: tuple[str, ...]


def policy_view(unit: UnitOfWork, currency: str, now: datetime) -> PolicyView:
    """The page, read now."""
    held = stored_rules(unit)
    policy = policy_of(held)
    words = words_of(policy, currency)
    rows = unit.all("select name, updated_at from runtime_setting where name like 'routing_%'")
    changed = {row["name"]: millis(row["updated_at"]) for row in rows}
    weights = tuple(
        Weight(
            name=setting.name.removeprefix(_PREFIX),
            title=setting.title,
            help=setting.help,
            kind=setting.kind,
            value=written(setting, held),
            default=shown(setting, written(setting, DEFAULTS), currency),
            words=words[setting.name.removeprefix(_PREFIX)],
            options=setting.options,
            changed_ms=changed.get(setting.name, 0),
        )
        for setting in SETTINGS
        if setting.name.startswith(_PREFIX)
    )
    names = unit.all("select name from provider order by name")
    return PolicyView(
        policy.version, weights, _rules(unit, now), tuple(row["name"] for row in names)
    )


def words_of(policy: Policy, currency: str) -> dict[str, str]:
    """What each weight does as it stands, in a sentence."""

    def told(micro: int | Decimal) -> str:
        return money(int(micro), currency)

    failure, miss, minute = policy.failure_cost, policy.miss_cost, policy.minute_cost
    return {
        "default_strategy": _STRATEGY[policy.default_strategy],
        "failure_cost": f"An order without a code counts as {told(failure)} lost, so ten points"
        f" less success weigh {told(failure / Decimal(10))} and a tenth of the margin.",
        "miss_cost": f"Who is sold out at every second try loses {told(miss)} an order;"
        f" who is sold out at nine of ten loses {told(9 * miss)}.",
        "minute_cost": f"A code that takes three minutes longer costs its provider"
        f" {told(3 * minute)}.",
        "price_weight": _price_words(policy.price_weight, currency),
        "least_success": _least_words(policy.least_success),
        "exploration": _share_words(policy.exploration, "may be led by anybody who could be asked"),
        "canary": _share_words(
            policy.canary,
            f"may be led by a provider with fewer than {NEW_OUTCOMES} outcomes, beside one with"
            f" {NEW_OUTCOMES * NEW_BESIDE}",
        ),
    }


def titles(unit: UnitOfWork) -> dict[str, str]:
    """Names of services and countries by their codes."""
    rows = unit.all(
        "select code, name from service union all select iso2 as code, name from country"
    )
    return {row["code"]: row["name"] for row in rows}


_STRATEGY: Final = {
    "best": "An order without a wish goes to who is expected to bring most.",
    "cheapest": "An order without a wish goes to the lowest price. The weights below then decide"
    " only between equal prices, and nothing new is tried.",
    "fastest": "An order without a wish goes to the shortest wait, and nothing new is tried.",
    "reliable": "An order without a wish goes to the highest chance of a code, and nothing new is"
    " tried.",
}


def _price_words(weight: Decimal, currency: str) -> str:
    if not weight:
        return (
            "What the buyer pays is not weighed: of two providers the one with more margin leads."
        )
    return (
        f"An offer {money(100_000, currency)} dearer than the cheapest loses"
        f" {money(int(100_000 * weight), currency)} for it."
    )


def _least_words(least: Decimal) -> str:
    if not least:
        return "Nobody is left out for a poor record."
    return (
        f"Who is expected to bring a code for fewer than {_percent(float(least))} of the orders,"
        f" after at least {LEAST_OUTCOMES} outcomes, is left out while others sell."
    )


def _share_words(share: Decimal, what: str) -> str:
    if not share:
        return f"No order {what}."
    if share == 1:
        return f"Every order {what}."
    return f"About one order in {round(1 / share)} {what}."


def _rules(unit: UnitOfWork, now: datetime) -> tuple[RuleLine, ...]:
    names, people = titles(unit), _people(unit)
    lines = []
    for rule in rules_held(unit):
        service = names.get(rule.service, "every service")
        country = names.get(rule.country, "every country")
        lines.append(
            RuleLine(
                provider=rule.provider,
                title=rule.provider,
                initials=initials(rule.provider),
                tile=tile(rule.provider),
                kind=rule.kind,
                service=rule.service,
                country=rule.country,
                where=f"{service}, {country}",
                reason=rule.reason,
                actor=people.get(rule.actor, rule.actor),
                at_ms=millis(rule.at),
                until_ms=millis(rule.until),
                holds=rule.holds(now),
            )
        )
    return tuple(lines)


def _people(unit: UnitOfWork) -> dict[str, str]:
    rows = unit.all(
        "select 'user:' || u.id as name, u.email from app_user u"
        " where 'user:' || u.id in (select actor from routing_rule)"
    )
    return {row["name"]: row["email"] for row in rows}


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
