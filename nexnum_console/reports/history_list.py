"""The list of one's own orders."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from nexnum_console.activations.machine import STATES, TERMINAL
from nexnum_console.core.money import format_micro
from nexnum_console.providers.vocabulary import written_as
from nexnum_console.reports import filters
from nexnum_console.reports.columns import (
    chip,
    country_column,
    service_column,
    state_column,
    time_column,
)
from nexnum_console.reports.listing import Cell, Choice, Column, Filter, Listing, Row
from nexnum_console.reports.store import chip_of, state_word
from nexnum_console.reports.words import initials, money, tile

REUSABLE: Final = "coalesce(jsonb_exists_any({asked}, array[{names}]), false)".format(
    asked="cast(p.config->'endpoints' as jsonb)",
    names=", ".join(f"'{name}'" for name in written_as("reuse")),
)
OPEN_STATES: Final = tuple(state for state in STATES if state not in TERMINAL)


def _service(row: Row) -> Cell:
    name = row["service_name"]
    return Cell(text=name, sub=f"No. {row['id']}", letters=initials(name), tile=tile(name))


def _state(row: Row) -> Cell:
    return chip(chip_of(row["state"]))


def _price(row: Row) -> Cell:
    amount = row["price_cap"] if row["charged"] is None else row["charged"]
    back = row["state"] in {"failed", "cancelled", "expired"}
    cell = Cell(text=money(amount, row["currency"]), tone="low" if back else "hi")
    if back:
        cell["sub"] = "back in your wallet"
    return cell


def _again(row: Row) -> Cell:
    """Who served a number may give the same one; else the same kind of number."""
    if row["reusable"] and row["state"] == "finished":
        return Cell(text="Same number", href=f"/store?again={row['id']}")
    return Cell(text="Buy again", href=f"/store?service={row['service']}&country={row['country']}")


HISTORY: Final = Listing(
    name="history",
    title="Orders",
    path="/store/history",
    capability="store.view",
    fields="a.id, a.phone, a.state, a.service, a.country, a.price_cap, a.charged, a.code,"
    " a.created_at, w.currency, s.name as service_name, c.name as country_name,"
    f" {REUSABLE} as reusable",
    source="from activation a join wallet w on w.id = a.wallet_id"
    " join service s on s.code = a.service join country c on c.iso2 = a.country"
    " left join provider_account pa on pa.id = a.account_id and pa.enabled"
    " left join provider p on p.id = pa.provider_id and p.enabled",
    mine="a.user_id = :user_id",
    columns=(
        service_column(_service),
        country_column(),
        Column(
            "phone",
            "Number",
            lambda row: Cell(text=row["phone"] or ""),
            lambda row: row["phone"],
            kind="phone",
        ),
        state_column(_state, "a.state"),
        Column(
            "code",
            "Code",
            lambda row: Cell(text=row["code"] or ""),
            lambda row: row["code"],
            kind="code",
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
        time_column("time", "Ordered", "created_at", sort="a.id"),
        Column(
            "again",
            "Again",
            _again,
            lambda row: f"{row['service']} {row['country']}",
        ),
    ),
    tie="a.id desc",
    order="-time",
    filters=(
        filters.search(
            "(length(:f_q) > 5 and (a.phone like :f_q or a.code like :f_q))"
            " or s.name ilike :f_q or c.name ilike :f_q"
            " or cast(a.id as text) = trim(both '%' from :f_q)",
            "Number, service, country or code",
        ),
        Filter(
            "state",
            "State",
            "a.state = :f_state",
            choices=tuple(Choice(state, state_word(state)) for state in STATES),
        ),
        *filters.days("a.created_at"),
    ),
    none_yet="No orders yet",
    nothing="Numbers you buy stand here, with their codes and what they cost.",
)


VAULT: Final = replace(
    HISTORY,
    name="vault",
    title="Active numbers",
    path="/store/vault",
    fields=f"{HISTORY.fields}, a.expires_at, a.cancel_from",
    always="a.closed_at is null",
    columns=(
        *(column for column in HISTORY.columns if column.key in {"service", "country", "phone"}),
        *(column for column in HISTORY.columns if column.key in {"state", "code", "price"}),
        time_column("ends", "Ends in", "expires_at", "until", sort="a.expires_at", right=True),
    ),
    order="ends",
    filters=tuple(
        replace(one, choices=tuple(c for c in one.choices if c.value in OPEN_STATES))
        for one in HISTORY.filters
        if one.key in {"q", "state"}
    ),
    none_yet="No active numbers",
    nothing="Numbers that wait for an SMS, or have one, stand here until they end.",
)
