"""What was learned of providers, as a list: what is believed of buying and of delivering."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

from nexnum_console.providers.performance import Scope, Tally, believe, outlook
from nexnum_console.providers.performance_rows import tally_of
from nexnum_console.reports import filters
from nexnum_console.reports.columns import count_column, time_column
from nexnum_console.reports.listing import Cell, Choice, Column, Filter, Listing, Row
from nexnum_console.reports.words import count, flag, initials, tile

_Z95: Final = 1.96
# Below this the provider is probably out of order just now.
_DOUBTED: Final = 0.5
_LEVELS: Final = {
    "provider": ("The whole provider", "t.service = ''"),
    "service": ("A service", "t.service <> '' and t.country = ''"),
    "country": ("A service in a country", "t.country <> '' and t.operator = ''"),
    "operator": ("An operator there", "t.operator <> ''"),
}
_ABOVE: Final = " ".join(
    f"left join performance {name} on {name}.provider_id = t.provider_id"
    f" and {name}.service = {service} and {name}.country = {country} and {name}.operator = ''"
    for name, service, country in (
        ("wide", "''", "''"),
        ("mid", "t.service", "''"),
        ("near", "t.service", "t.country"),
    )
)


@dataclass(frozen=True, slots=True)
class Learned:
    """Chances as shares with their 95 % intervals; ``working``: that it is in order at all."""

    buying: tuple[float, float, float]
    delivery: tuple[float, float, float]
    success: float
    seconds: float
    working: float


def learned_of(row: Row) -> Learned:
    """What a row and those above it say of the next order there."""
    scope = Scope(row["provider_id"], row["service"], row["country"], row["operator"])
    tallies: dict[Scope, Tally] = {}
    for each, kept in zip(scope.chain(), (row["wide"], row["mid"], row["near"]), strict=False):
        if kept is not None:
            tallies[each] = tally_of(kept)
    tallies[scope] = tally_of(row["own"])
    apart = outlook(scope, tallies, row["asked_at"])
    belief = believe(scope, tallies, row["asked_at"])
    return Learned(
        _interval(*apart.buying),
        _interval(*apart.delivery),
        belief.mean,
        belief.seconds,
        belief.working,
    )


def _interval(hits: float, misses: float) -> tuple[float, float, float]:
    """Mean, and Wilson's bounds for so many outcomes: they hold near 0 and 1 too."""
    count = hits + misses
    mean, widened = hits / count, 1 + _Z95 * _Z95 / count
    centre = (mean + _Z95 * _Z95 / (2 * count)) / widened
    reach = _Z95 / widened * sqrt(mean * (1 - mean) / count + (_Z95 / (2 * count)) ** 2)
    return mean, max(0.0, centre - reach), min(1.0, centre + reach)


def _share_cell(found: tuple[float, float, float]) -> Cell:
    mean, low, high = found
    return Cell(text=_percent(mean), sub=f"{_percent(low)} to {_percent(high)}", tone="hi")


def _scope_cell(row: Row) -> Cell:
    if not row["service"]:
        return Cell(text="every service", tone="low", letters="∗")
    name = row["service_name"] or row["service"]
    return Cell(text=name, letters=initials(name), tile=tile(name))


def _country_cell(row: Row) -> Cell:
    if not row["country"]:
        return Cell(text="every country", tone="low")
    sub = "any operator" if row["operator"] == "any" else row["operator"]
    return Cell(text=row["country_name"] or row["country"], sub=sub, flag=flag(row["country"]))


def _order_cell(row: Row) -> Cell:
    working = learned_of(row).working
    if working < _DOUBTED:
        return Cell(text=f"In order? {100 * working:.0f} %", icon="alert", tone="danger")
    return Cell(text=f"In order {100 * working:.0f} %", icon="check", tone="ok")


def _samples_cell(row: Row) -> Cell:
    return Cell(text=count(row["outcomes"]), sub=f"{row['weight']:.1f} still count")


def _plain_share(which: str) -> Any:
    return lambda row: f"{getattr(learned_of(row), which)[0]:.4f}"


LEARNED: Final = Listing(
    name="routing_learned",
    title="What was learned",
    path="/console/routing/learned",
    capability="providers.view",
    fields="t.provider_id, t.service, t.country, t.operator, t.outcomes, t.at, p.name as provider,"
    " p.title as provider_title, s.name as service_name, c.name as country_name,"
    " to_jsonb(t) as own, to_jsonb(wide) as wide, to_jsonb(mid) as mid, to_jsonb(near) as near,"
    " t.delivered + t.undelivered as weight, now() as asked_at",
    source="from performance t join provider p on p.id = t.provider_id"
    " left join service s on s.code = t.service left join country c on c.iso2 = t.country "
    + _ABOVE,
    columns=(
        Column(
            "provider",
            "Provider",
            lambda row: Cell(
                text=row["provider_title"], href=f"/console/providers/{row['provider']}"
            ),
            lambda row: row["provider"],
            sort="p.name",
        ),
        Column(
            "service",
            "Service",
            _scope_cell,
            lambda row: row["service"],
            kind="tile",
            sort="s.name",
        ),
        Column("country", "Country", _country_cell, lambda row: row["country"], sort="c.name"),
        Column(
            "success",
            "Code for an order",
            lambda row: Cell(text=_percent(learned_of(row).success), tone="hi"),
            lambda row: f"{learned_of(row).success:.4f}",
            kind="number",
            right=True,
        ),
        Column(
            "buying",
            "Sells when asked",
            lambda row: _share_cell(learned_of(row).buying),
            _plain_share("buying"),
            kind="number",
            sort="(t.bought + 3.8) / (t.bought + t.refused + 4)",
            right=True,
        ),
        Column(
            "delivery",
            "Delivers a code",
            lambda row: _share_cell(learned_of(row).delivery),
            _plain_share("delivery"),
            kind="number",
            sort="(t.delivered + 1.4) / (t.delivered + t.undelivered + 2)",
            right=True,
        ),
        Column(
            "wait",
            "Wait",
            lambda row: Cell(text=f"{learned_of(row).seconds:.0f} s"),
            lambda row: f"{learned_of(row).seconds:.1f}",
            kind="number",
            right=True,
            wide=True,
        ),
        count_column("samples", "Outcomes", "outcomes", _samples_cell, sort="t.outcomes"),
        Column(
            "order",
            "In order",
            _order_cell,
            lambda row: f"{learned_of(row).working:.4f}",
            kind="chip",
            sort="t.working",
        ),
        time_column("time", "Learned last", "at", sort="t.at", shown=False),
    ),
    tie="t.provider_id, t.service, t.country, t.operator",
    order="-samples",
    row_id=lambda row: ":".join(
        (str(row["provider_id"]), row["service"], row["country"], row["operator"])
    ),
    filters=(
        filters.search(
            "p.name ilike :f_q or p.title ilike :f_q or s.name ilike :f_q or c.name ilike :f_q"
            " or t.service ilike :f_q",
            "Provider, service or country",
        ),
        filters.provider(),
        Filter(
            "service",
            "Service",
            "t.service = :f_service",
            options="select distinct s.code as value, s.name as label from performance x"
            " join service s on s.code = x.service order by s.name",
        ),
        Filter(
            "country",
            "Country",
            "t.country = :f_country",
            options="select distinct c.iso2 as value, c.name as label from performance x"
            " join country c on c.iso2 = x.country order by c.name",
        ),
        Filter(
            "level",
            "Of what",
            "case cast(:f_level as text) "
            + " ".join(f"when '{key}' then {sql}" for key, (_, sql) in _LEVELS.items())
            + " end",
            choices=tuple(Choice(key, words) for key, (words, _) in _LEVELS.items()),
        ),
    ),
    none_yet="No outcomes yet",
    nothing="Every purchase teaches whether a provider sells and whether its codes come. Until then"
    " each is expected to do as a new one does.",
)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
