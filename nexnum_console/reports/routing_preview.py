"""What the simulator says of other routing weights, in words and bars, before they are saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from nexnum_console.core.known_settings import SETTINGS
from nexnum_console.reports.words import count, money, signed_money
from nexnum_console.routing.policy import Policy
from nexnum_console.routing.replay import ENOUGH, Estimate

LANES_SHOWN: Final = 8
_PREFIX: Final = "routing_"
_MICRO: Final = 1_000_000
# Amounts an order are told to a hundredth of a cent.
_TOLD: Final = 100


@dataclass(frozen=True, slots=True)
class ShareLine:
    """A provider's share of the first places, before and after; widths are per cent of the bar."""

    provider: str
    was: str
    would: str
    was_width: float
    would_width: float
    change: str
    tone: str


@dataclass(frozen=True, slots=True)
class LaneLine:
    """Who led most orders of a service in a country, and who would have."""

    what: str
    orders: str
    was: str
    would: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """One estimated mean: as it was, as it would be, and what is known of how sure that is."""

    label: str
    was: str
    would: str
    between: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What the simulator says of other weights; ``kind`` of the verdict: ok, danger, info, warn."""

    kind: str = ""
    icon: str = "info"
    title: str = ""
    text: str = ""
    changes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    shares: tuple[ShareLine, ...] = ()
    lanes: tuple[LaneLine, ...] = ()
    version: str = ""


def preview(
    before: Policy, after: Policy, found: Estimate | None, currency: str, names: Mapping[str, str]
) -> Preview:
    """The estimate for ``after`` in words. ``names`` are titles of services and countries."""
    changes, notes = _changes(before, after, currency), _notes(before, after)
    if found is None:
        return Preview(
            "warn",
            "alert",
            "Past orders cannot tell",
            "No order of half an hour ago or before left it to chance who is asked first. Only"
            " orders by “best” with more than one provider to choose from do, and those since then"
            " would show what went well and not yet what did not.",
            changes=changes,
            notes=notes,
            version=before.version,
        )
    kind, icon, title, text = _verdict(found, currency)
    return Preview(
        kind,
        icon,
        title,
        text,
        changes=changes,
        notes=notes,
        figures=_figures(found, currency),
        shares=_shares(found),
        lanes=_lanes(found, names),
        version=before.version,
    )


def _verdict(found: Estimate, currency: str) -> tuple[str, str, str, str]:
    between = (
        f"between {_signed(found.gain_low, currency)} and"
        f" {_signed(found.gain_high, currency)} an order"
    )
    if not found.enough:
        return (
            "warn",
            "alert",
            "Past orders cannot tell",
            f"{count(found.orders)} orders weigh only as much as {found.effective:.0f} under these"
            f" weights, and nothing follows from fewer than {ENOUGH:.0f}: they were led too"
            " rarely by those who would lead now. Explore more, or change less at a time.",
        )
    if found.gain_low > 0:
        return "ok", "check", "These weights would have earned more", f"By {between}."
    if found.gain_high < 0:
        return "danger", "alert", "These weights would have earned less", f"By {between}."
    return (
        "info",
        "info",
        "No difference beyond chance",
        f"The difference lies {between}; it may be none at all.",
    )


def _changes(before: Policy, after: Policy, currency: str) -> tuple[str, ...]:
    found = []
    for setting in SETTINGS:
        name = setting.name.removeprefix(_PREFIX)
        if not setting.name.startswith(_PREFIX):
            continue
        old, new = before.document()[name], after.document()[name]
        if old != new:
            was, now = (_value(setting.kind, value, currency) for value in (old, new))
            found.append(f"{setting.title}: {was} → {now}")
    return tuple(found)


def _value(kind: str, value: str | int, currency: str) -> str:
    return money(int(value), currency) if kind == "amount" else str(value)


def _notes(before: Policy, after: Policy) -> tuple[str, ...]:
    found = []
    if after.default_strategy != before.default_strategy:
        found.append(
            "The order without a wish is not part of the estimate: it changes which orders are"
            " led by these weights, not how."
        )
    if after.least_success < before.least_success:
        found.append(
            "Providers that were left out for a poor record were never drawn, so the estimate"
            " does not know what they would have done."
        )
    return tuple(found)


def _figures(found: Estimate, currency: str) -> tuple[Figure, ...]:
    def told(micro: float) -> str:
        return f"{micro / _MICRO:.4f} {currency}"

    return (
        Figure(
            "Profit an order",
            told(found.profit_was),
            told(found.profit),
            f"19 of 20 times {told(found.profit_low)} to {told(found.profit_high)}",
        ),
        Figure(
            "Orders with a code",
            _percent(found.delivered_was),
            _percent(found.delivered),
            f"19 of 20 times {_percent(found.delivered_low)} to {_percent(found.delivered_high)}",
        ),
        Figure(
            "Orders looked at, and what they are worth",
            count(found.orders),
            f"{found.effective:.0f}",
            f"fewer than {ENOUGH:.0f} tell nothing",
        ),
    )


def _shares(found: Estimate) -> tuple[ShareLine, ...]:
    lines = []
    for name, (was, would) in sorted(found.leads.items(), key=lambda item: -item[1][0]):
        points = 100 * (would - was)
        tone = "low" if abs(points) < 1 else "hi"
        lines.append(
            ShareLine(
                name,
                _percent(was),
                _percent(would),
                round(100 * was, 1),
                round(100 * would, 1),
                f"{'+' if points >= 0 else '−'}{abs(points):.1f} points",
                tone,
            )
        )
    return tuple(lines)


def _lanes(found: Estimate, names: Mapping[str, str]) -> tuple[LaneLine, ...]:
    most = sorted(found.lanes.items(), key=lambda item: (-item[1][0], item[0]))[:LANES_SHOWN]
    lines = []
    for (service, country), (orders, leads) in most:
        was = max(leads, key=lambda name: leads[name][0])
        would = max(leads, key=lambda name: leads[name][1])
        lines.append(
            LaneLine(
                f"{names.get(service, service)}, {names.get(country, country)}",
                count(orders),
                f"{was} ({_percent(leads[was][0])})",
                f"{would} ({_percent(leads[would][1])})",
                was != would,
            )
        )
    return tuple(lines)


def _signed(micro: float, currency: str) -> str:
    return signed_money(round(micro / _TOLD) * _TOLD, currency)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
