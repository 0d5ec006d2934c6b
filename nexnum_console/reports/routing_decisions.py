"""Recent routing decisions as a list; each leads to its activation, where it is told in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from nexnum_console.reports import filters
from nexnum_console.reports.columns import (
    chip,
    country_column,
    service_column,
    text_column,
    time_column,
)
from nexnum_console.reports.listing import Cell, Column, Filter, Listing, Row
from nexnum_console.reports.store import chip_of

_STRATEGIES: Final = {
    "best": "Best",
    "cheapest": "Cheapest",
    "fastest": "Fastest",
    "reliable": "Most reliable",
}
_HOW: Final = {"drawn": "Drawn", "explored": "Explored", "by rule": "By rule"}


def _first(row: Row) -> Mapping[str, Any] | None:
    return next((each for each in row["considered"] if "drawn" in each and not each["why"]), None)


def _first_cell(row: Row) -> Cell:
    first = _first(row)
    if first is None:
        return Cell(text="nobody", sub="could be asked", tone="low")
    name = first["provider"]
    return Cell(
        text=row["titles"].get(name, name), sub=f"could lead {100 * first['propensity']:.1f} %"
    )


def _sold_cell(row: Row) -> Cell:
    if row["sold_by"] is None:
        return Cell(text="nobody", tone="low")
    first = _first(row)
    other = first is not None and first["provider"] != row["sold_by"]
    return Cell(text=row["titles"][row["sold_by"]], sub="not the first" if other else "", tone="hi")


def _able(row: Row) -> int:
    return sum("drawn" in each and not each["why"] for each in row["considered"])


def _outcome(row: Row) -> Cell:
    return chip(chip_of(row["state"]))


DECISIONS: Final = Listing(
    name="routing_decisions",
    title="Decisions",
    path="/console/routing/decisions",
    capability="orders.view",
    fields="t.activation_id as id, t.at, t.strategy, t.how, t.policy_version, t.considered,"
    " t.learned, a.state, a.service, a.country, s.name as service_name,"
    " c.name as country_name, p.name as sold_by,"
    " (select jsonb_object_agg(name, title) from provider) as titles",
    source="from decision t join activation a on a.id = t.activation_id"
    " join service s on s.code = a.service join country c on c.iso2 = a.country"
    " left join provider_account pa on pa.id = a.account_id"
    " left join provider p on p.id = pa.provider_id",
    columns=(
        Column(
            "number",
            "Activation",
            lambda row: Cell(text=f"No. {row['id']}"),
            lambda row: row["id"],
            sort="t.activation_id",
        ),
        service_column(plain="service"),
        country_column(),
        Column(
            "strategy",
            "By",
            lambda row: Cell(text=_STRATEGIES[row["strategy"]], sub=_HOW[row["how"]]),
            lambda row: f"{row['strategy']}, {row['how']}",
            sort="t.strategy",
        ),
        Column(
            "considered",
            "Looked at",
            lambda row: Cell(text=str(len(row["considered"])), sub=f"{_able(row)} could be asked"),
            lambda row: len(row["considered"]),
            kind="number",
            right=True,
            wide=True,
        ),
        Column(
            "first",
            "First in line",
            _first_cell,
            lambda row: (_first(row) or {}).get("provider", ""),
        ),
        Column("sold", "Sold by", _sold_cell, lambda row: row["sold_by"], sort="p.name"),
        Column("state", "Outcome", _outcome, lambda row: row["state"], kind="chip", sort="a.state"),
        text_column("policy", "Policy", "policy_version", "low", shown=False),
        time_column("time", "Decided", "at", sort="t.at"),
    ),
    tie="t.activation_id desc",
    order="-time",
    href=lambda row: f"/console/activations/{row['id']}",
    filters=(
        filters.search(
            "s.name ilike :f_q or c.name ilike :f_q or p.name ilike :f_q"
            " or cast(t.activation_id as text) = trim(both '%' from :f_q)",
            "Activation, service, country or provider",
        ),
        Filter(
            "strategy",
            "By",
            "t.strategy = :f_strategy",
            choices=filters.choices(_STRATEGIES),
        ),
        Filter(
            "how",
            "First found",
            "t.how = :f_how",
            choices=filters.choices(_HOW),
        ),
        filters.provider("Sold by"),
        Filter("policy", "Policy", "t.policy_version = :f_policy", "text", hint="Its version"),
        *filters.days("t.at"),
    ),
    none_yet="No decisions yet",
    nothing="Each purchase keeps whom it thought of, what it believed of them and why the others"
    " lost.",
)
