"""The list of activations, as staff see it."""

from __future__ import annotations

from typing import Final

from nexnum_console.activations.machine import STATES
from nexnum_console.core.money import format_micro
from nexnum_console.reports.listing import (
    Cell,
    Choice,
    Column,
    Filter,
    Listing,
    Row,
    a_day,
    like,
)
from nexnum_console.reports.store import chip_of, state_word
from nexnum_console.reports.words import flag, initials, millis, money, tile

_SEARCHED: Final = (
    "(length(:f_q) > 5 and a.phone like :f_q) or u.email ilike :f_q"
    " or cast(a.id as text) = trim(both '%' from :f_q)"
    " or a.upstream_id = trim(both '%' from :f_q)"
    " or a.id in (select t.activation_id from attempt t"
    "  where t.provider_order_id = trim(both '%' from :f_q))"
)


def _number(row: Row) -> Cell:
    return Cell(text=f"No. {row['id']}", sub=row["phone"] or "no number")


def _service(row: Row) -> Cell:
    name = row["service_name"]
    return Cell(text=name, letters=initials(name), tile=tile(name))


def _country(row: Row) -> Cell:
    return Cell(text=row["country_name"], flag=flag(row["country"]))


def _state(row: Row) -> Cell:
    tone, icon, word = chip_of(row["state"])
    return Cell(text=word, icon=icon, tone=tone)


def _user(row: Row) -> Cell:
    return Cell(text=row["email"], href=f"/console/users/{row['user_id']}")


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
        Column(
            "phone",
            "Phone",
            lambda row: Cell(text=row["phone"] or "–"),
            lambda row: row["phone"],
            shown=False,
        ),
        Column("state", "State", _state, lambda row: row["state"], kind="chip", sort="a.state"),
        Column(
            "service",
            "Service",
            _service,
            lambda row: row["service_name"],
            kind="tile",
            sort="s.name",
        ),
        Column("country", "Country", _country, lambda row: row["country"], sort="c.name"),
        Column("user", "Buyer", _user, lambda row: row["email"], sort="u.email", wide=True),
        Column(
            "provider", "Provider", _provider, lambda row: row["provider"], sort="p.name", wide=True
        ),
        Column(
            "sms",
            "SMS",
            _sms,
            lambda row: row["sms_count"],
            kind="number",
            sort="a.sms_count",
            right=True,
            wide=True,
        ),
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
        Column(
            "time",
            "Ordered",
            lambda row: Cell(ms=millis(row["created_at"])),
            lambda row: row["created_at"],
            kind="time",
            sort="a.id",
        ),
        Column(
            "closed",
            "Closed",
            lambda row: Cell(ms=millis(row["closed_at"])),
            lambda row: row["closed_at"],
            kind="time",
            sort="a.closed_at",
            shown=False,
        ),
    ),
    tie="a.id desc",
    order="-time",
    filters=(
        Filter(
            "q",
            "Search",
            _SEARCHED,
            "text",
            prepare=like,
            hint="Phone, e-mail, activation or provider's id",
        ),
        Filter(
            "state",
            "State",
            "a.state = :f_state",
            choices=tuple(Choice(state, state_word(state)) for state in STATES),
        ),
        Filter(
            "provider",
            "Provider",
            "p.name = :f_provider",
            options="select name as value, title as label from provider order by title",
        ),
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
        Filter("from", "From", "a.created_at >= :f_from", "day", prepare=a_day),
        Filter("to", "Until", "a.created_at < cast(:f_to as date) + 1", "day", prepare=a_day),
    ),
    href=lambda row: f"/console/activations/{row['id']}",
    none_yet="No activations yet",
    nothing="A number that somebody orders appears here at once, with its state and its codes.",
)
