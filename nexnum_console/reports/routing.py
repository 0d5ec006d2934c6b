"""Routing as staff read it: one purchase's choice in words, and what other weights would bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports.words import money
from nexnum_console.routing.policy import Policy
from nexnum_console.routing.replay import Estimate, Logged, replay

REPLAY_MOST: Final = 20_000
# A code tells of its order in seconds, a failure when the number has expired: only orders old
# enough for both are counted, or those that went well would be too many.
SETTLED_AFTER: Final = timedelta(minutes=30)
_STRATEGIES: Final = {
    "best": "by what an order is expected to bring",
    "cheapest": "by price",
    "fastest": "by the time to a code",
    "reliable": "by the chance of a code",
}
_HOW: Final = {
    "drawn": "Its chances were drawn from what is known of each provider.",
    "explored": "This was one of the few orders that any provider may lead, to keep learning.",
    "by rule": "Nothing was left to chance.",
}
_LOGGED: Final = """
select d.considered, a.state, a.charged, a.upstream, a.sms_count, a.service, a.country,
  coalesce(a.cost_micro * a.cost_rate, 0)::bigint as cost
from decision d join activation a on a.id = d.activation_id
where d.learned = 2 and d.strategy = 'best' and d.how <> 'by rule' and d.at <= :settled
order by d.activation_id desc limit :most
"""


@dataclass(frozen=True, slots=True)
class ChoiceLine:
    """One provider that was thought of; percentages as text, empty where it was left out."""

    provider: str
    price: str
    believed: str
    drawn: str
    wait: str
    led: str
    words: str
    asked: bool


@dataclass(frozen=True, slots=True)
class ChoiceStory:
    """Why a purchase asked whom."""

    words: str = ""
    lines: tuple[ChoiceLine, ...] = ()


def choice_story(unit: UnitOfWork, activation_id: int, currency: str) -> ChoiceStory:
    """The choice behind an activation; empty for one older than the record."""
    row = unit.first("select * from decision where activation_id = :id", id=activation_id)
    if row is None:
        return ChoiceStory()
    considered: Sequence[Mapping[str, Any]] = row["considered"]
    able = [each for each in considered if "drawn" in each]
    words = (
        f"{len(considered)} offers were looked at and {len(able)} could be asked, ordered"
        f" {_STRATEGIES[row['strategy']]}. {_HOW[row['how']]} Policy {row['policy_version']}."
    )
    first = able[0] if able else None
    lines, place = [], 0
    for each in considered:
        place += "drawn" in each and not each["why"]
        lines.append(_line(each, first, place, currency))
    return ChoiceStory(words, tuple(lines))


def simulate(unit: UnitOfWork, policy: Policy, last: int, now: datetime) -> Estimate | None:
    """What ``policy`` would have brought in the last decisions that are SETTLED_AFTER old."""
    rows = unit.all(_LOGGED, most=min(last, REPLAY_MOST), settled=now - SETTLED_AFTER)
    return replay([_logged(row) for row in rows], policy)


def estimate_document(found: Estimate) -> dict[str, Any]:
    """The estimate as JSON values; money in micro-units of the wallet currency."""
    told = {name: value for name, value in asdict(found).items() if name != "lanes"}
    lanes = [
        {"service": service, "country": country, "orders": orders, "leads": leads}
        for (service, country), (orders, leads) in found.lanes.items()
    ]
    return {**told, "lanes": lanes, "enough": found.enough}


def _logged(row: Any) -> Logged:
    delivered = row["sms_count"] > 0
    profit = 0
    if delivered:
        profit = (row["charged"] or 0) - row["cost"]
    elif row["upstream"] == "lost":
        profit = -row["cost"]
    return Logged(row["considered"], int(profit), delivered, (row["service"], row["country"]))


def _line(
    each: Mapping[str, Any], first: Mapping[str, Any] | None, place: int, currency: str
) -> ChoiceLine:
    name = each["provider"] + ("" if each["operator"] == "any" else f" · {each['operator']}")
    price = money(each["price"], currency)
    if "drawn" not in each:
        return ChoiceLine(name, price, "", "", "", "", _sentence(each["why"]), False)
    total = each["hits"] + each["misses"]
    return ChoiceLine(
        provider=name,
        price=price,
        believed=_percent(each["working"] * each["hits"] / total),
        drawn=_percent(each["drawn"]),
        wait=f"{each['seconds']:.0f} s",
        led=_percent(each["propensity"]),
        words=_lost(each, first, place),
        asked=not each["why"],
    )


def _lost(each: Mapping[str, Any], first: Mapping[str, Any] | None, place: int) -> str:
    if each["why"]:
        return _sentence(each["why"])
    if first is None or each is first:
        return "First in line." if not each["new"] else "First in line, as a new provider."
    reasons = []
    if each["drawn"] < first["drawn"]:
        reasons.append("a lower chance of a code")
    if each["price"] > first["price"]:
        reasons.append("a higher price")
    if each["price"] - each["cost"] < first["price"] - first["cost"]:
        reasons.append("less margin")
    if each["seconds"] > first["seconds"]:
        reasons.append("a longer wait")
    behind = f": {', '.join(reasons)} than the first" if reasons else ""
    return f"Number {place} in line{behind}."


def _sentence(why: str) -> str:
    return f"Left out: {why}."


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
