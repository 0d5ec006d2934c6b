"""Money that is set aside: for which order, since when, why still, and what will end it."""

from __future__ import annotations

from typing import Final

from nexnum_console.activations.lanes import UNLISTED
from nexnum_console.reports import filters
from nexnum_console.reports.columns import chip, money_column, time_column, user_column
from nexnum_console.reports.listing import Cell, Column, Listing, Row
from nexnum_console.reports.store import chip_of, order_of
from nexnum_console.reports.words import count, millis, money

# A hold this old breaks a promise (I7).
LATE_SECONDS: Final = 3_600
_STATES: Final = {
    "open": ("warn", "lock", "Open"),
    "committed": ("ok", "check", "Charged"),
    "released": ("info", "undo", "Released"),
}


def _order(row: Row) -> Cell:
    if row["activation"] is None:
        return Cell(text=row["ref"], sub="no such order", tone="danger")
    return Cell(text=f"No. {row['activation']}", sub=row["service"])


def _state(row: Row) -> Cell:
    return chip(_STATES[row["state"]])


def _order_state(row: Row) -> Cell:
    if row["order_state"] is None:
        return Cell(text="Missing", icon="alert", tone="danger")
    tone, icon, word = chip_of(row["order_state"])
    return Cell(text=word, icon=icon, tone=tone)


def why_held(row: Row) -> tuple[str, str]:
    """Why a hold is open, and what ends it; both empty for one that is resolved."""
    if row["state"] != "open":
        return "", ""
    if row["order_state"] == "buying":
        return (
            f"{row['provider'] or 'A carrier'} is being asked.",
            "Its answer, or the end of the lease; a worker then takes the order up.",
        )
    if row["order_state"] == "confirming" and row["unlisted"]:
        return (
            f"{row['provider'] or 'The carrier'}'s answer was lost, and it has no list that could"
            " tell whether it sold a number.",
            "Nobody but a person who looked at its site: see Open questions.",
        )
    if row["order_state"] == "confirming":
        seen = int(row["listings"] or 0)
        return (
            f"{row['provider'] or 'The carrier'}'s answer was lost: nobody knows yet whether it"
            " sold a number.",
            "Its own listing: the number there, or two listings in a row without it"
            f" ({count(seen)} so far) after the time it may take.",
        )
    return (
        "Nothing should hold this money any more.",
        "Nobody but a person: see I7 and I8 in the proof.",
    )


def _why(row: Row) -> Cell:
    why, ends = why_held(row)
    if why:
        return Cell(text=why, sub=ends)
    charged = "nothing was charged"
    if row["charged"]:
        charged = f"{money(int(row['charged']), row['currency'])} was charged"
    return Cell(text=charged, tone="low")


def _plain_why(row: Row) -> str:
    return " ".join(why_held(row)).strip()


def _age(row: Row) -> Cell:
    if row["state"] != "open":
        return Cell(text="–", tone="low")
    seconds = int(row["age"])
    for unit, word in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= unit:
            tone = "danger" if seconds >= LATE_SECONDS else "hi"
            return Cell(text=f"{count(seconds // unit)} {word}", tone=tone)
    return Cell(text=f"{max(0, seconds)} s", tone="hi")


def _ends(row: Row) -> Cell:
    return Cell(ms=millis(row["ends_at"]) if row["state"] == "open" else 0)


HOLDS: Final = Listing(
    name="holds",
    title="Holds",
    path="/console/ledger/holds",
    capability="ledger.view",
    fields="h.id, h.ref, h.amount, h.charged, h.state, h.created_at, h.resolved_at, w.currency,"
    " u.email, u.id as user_id, a.id as activation, a.state as order_state, s.name as service,"
    " t.provider, t.empty_listings as listings,"
    " extract(epoch from now() - h.created_at) as age,"
    " exists (select from activation_event e where e.activation_id = a.id"
    f"  and e.kind = '{UNLISTED}') as unlisted,"
    " coalesce(case when a.state = 'buying' then t.lease_until else t.settle_until end,"
    "  a.lease_until) as ends_at",
    source="from hold h join wallet w on w.id = h.wallet_id"  # noqa: S608  composed of constants
    " join app_user u on u.id = w.user_id"
    f" {order_of('h.ref')}"
    " left join service s on s.code = a.service"
    " left join lateral (select p.title as provider, t.lease_until, t.settle_until,"
    "  t.empty_listings from attempt t join provider_account pa on pa.id = t.account_id"
    "  join provider p on p.id = pa.provider_id where t.activation_id = a.id"
    "  order by t.number desc limit 1) t on h.state = 'open'",
    columns=(
        Column("order", "Order", _order, lambda row: row["activation"] or row["ref"], sort="h.id"),
        Column("state", "Hold", _state, lambda row: row["state"], kind="chip", sort="h.state"),
        user_column(sort="u.email", wide=True),
        money_column("amount", "Held", "amount", tone="hi", sort="h.amount"),
        Column(
            "activation",
            "Activation",
            _order_state,
            lambda row: row["order_state"],
            kind="chip",
            sort="a.state",
        ),
        Column("why", "Why, and what ends it", _why, _plain_why),
        Column(
            "age",
            "Age",
            _age,
            lambda row: int(row["age"]) if row["state"] == "open" else None,
            kind="number",
            right=True,
        ),
        Column("ends", "Decided from", _ends, lambda row: row["ends_at"], kind="until"),
        time_column("time", "Since", "created_at", sort="h.id"),
        time_column("resolved", "Ended", "resolved_at", sort="h.resolved_at", shown=False),
    ),
    tie="h.id desc",
    order="-time",
    filters=(
        filters.search(
            "u.email ilike :f_q or cast(a.id as text) = trim(both '%' from :f_q)", "E-mail or order"
        ),
        filters.states(_STATES, "h.state", "Hold"),
        *filters.days("h.created_at"),
    ),
    href=lambda row: f"/console/activations/{row['activation']}" if row["activation"] else "",
    none_yet="No money was ever held",
    nothing="Each purchase sets its price aside until the carrier has answered.",
)
