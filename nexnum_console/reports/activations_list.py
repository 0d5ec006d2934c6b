"""The list of activations, as staff see it."""

from __future__ import annotations

from typing import Final

from nexnum_console.activations.machine import STATES
from nexnum_console.core.money import format_micro
from nexnum_console.reports import filters
from nexnum_console.reports.columns import (
    chip,
    count_column,
    country_column,
    service_column,
    state_column,
    text_column,
    time_column,
    user_column,
)
from nexnum_console.reports.listing import (
    Cell,
    Choice,
    Column,
    Filter,
    Listing,
    Row,
    like,
)
from nexnum_console.reports.store import chip_of, state_word
from nexnum_console.reports.words import money

_SEARCHED: Final = (
    "(length(:f_q) > 5 and a.phone like :f_q) or u.email ilike :f_q"
    " or cast(a.id as text) = trim(both '%' from :f_q)"
    " or a.upstream_id = trim(both '%' from :f_q)"
    " or a.id in (select t.activation_id from attempt t"
    "  where t.provider_order_id = trim(both '%' from :f_q))"
)


def _number(row: Row) -> Cell:
    return Cell(text=f"No. {row['id']}", sub=row["phone"] or "no number")


def _state(row: Row) -> Cell:
    return chip(chip_of(row["state"]))


def _provider(row: Row) -> Cell:
    if row["provider_title"] is None:
        return Cell(text="none", tone="low")
    return Cell(text=row["provider_title"], href=f"/console/providers/{row['provider']}")


def _price(row: Row) -> Cell:
    if row["charged"] is None:
        word = "released" if row["state"] == "failed" else "held at most"
        return Cell(text=money(row["price_cap"], row["currency"]), sub=word, tone="low")
    return Cell(text=money(row["charged"], row["currency"]), tone="hi")


def _sms(row: Row) -> Cell:
    return Cell(text=str(row["sms_count"]), tone="hi" if row["sms_count"] else "low")


ACTIVATIONS: Final = Listing(
    name="activations",
    title="Activations",
    path="/console/activations",
    capability="orders.view",
    fields="a.id, a.phone, a.state, a.service, a.country, a.price_cap, a.charged, a.sms_count,"
    " a.created_at, a.acquired_at, a.closed_at, a.user_id, u.email, w.currency,"
    " s.name as service_name, c.name as country_name, p.name as provider,"
    " p.title as provider_title",
    source="from activation a join app_user u on u.id = a.user_id"
    " join wallet w on w.id = a.wallet_id join service s on s.code = a.service"
    " join country c on c.iso2 = a.country"
    " left join provider_account pa on pa.id = a.account_id"
    " left join provider p on p.id = pa.provider_id",
    columns=(
        Column("number", "Activation", _number, lambda row: row["id"], sort="a.id"),
        text_column("phone", "Phone", "phone", shown=False),
        state_column(_state, "a.state"),
        service_column(),
        country_column(),
        user_column("Buyer", sort="u.email", wide=True),
        Column(
            "provider", "Provider", _provider, lambda row: row["provider"], sort="p.name", wide=True
        ),
        count_column("sms", "SMS", "sms_count", _sms, sort="a.sms_count", wide=True),
        Column(
            "price",
            "Price",
            _price,
            lambda row: format_micro(
                row["price_cap"] if row["charged"] is None else row["charged"]
            ),
            kind="number",
            sort="coalesce(a.charged, a.price_cap)",
            right=True,
        ),
        time_column("time", "Ordered", "created_at", sort="a.id"),
        time_column("closed", "Closed", "closed_at", sort="a.closed_at", shown=False),
    ),
    tie="a.id desc",
    order="-time",
    filters=(
        filters.search(_SEARCHED, "Phone, e-mail, activation or provider's id"),
        Filter(
            "state",
            "State",
            "a.state = :f_state",
            choices=tuple(Choice(state, state_word(state)) for state in STATES),
        ),
        filters.provider(),
        Filter(
            "service",
            "Service",
            "s.name ilike :f_service or s.code = lower(trim(both '%' from :f_service))",
            "text",
            prepare=like,
            hint="Name or code",
        ),
        Filter(
            "country",
            "Country",
            "c.name ilike :f_country or c.iso2 = upper(trim(both '%' from :f_country))",
            "text",
            prepare=like,
            hint="Name or ISO code",
        ),
        *filters.days("a.created_at"),
    ),
    href=lambda row: f"/console/activations/{row['id']}",
    none_yet="No activations yet",
    nothing="A number that somebody orders appears here at once, with its state and its codes.",
)
