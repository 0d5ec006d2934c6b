"""The list of users, as staff see it."""

from __future__ import annotations

from typing import Final

from nexnum_console.reports import filters
from nexnum_console.reports.columns import chip, money_column, state_column, time_column
from nexnum_console.reports.listing import Cell, Choice, Column, Filter, Listing, Row, a_day
from nexnum_console.reports.person import person_chip
from nexnum_console.reports.words import count, money

_ROLES: Final = {"user": "Buyer", "support": "Support", "admin": "Admin"}


def _user(row: Row) -> Cell:
    demo = " · demo" if row["is_demo"] else ""
    return Cell(text=row["email"], sub=f"No. {row['id']}{demo}")


def _state(row: Row) -> Cell:
    return chip(person_chip(row))


def _money(row: Row, part: str) -> Cell:
    amount = row[part]
    return Cell(text=money(amount, row["currency"]), tone="hi" if amount else "low")


USERS: Final = Listing(
    name="users",
    title="Users",
    path="/console/users",
    capability="users.view",
    fields="u.id, u.email, u.role, u.status, u.is_demo, u.verified_at, u.created_at, w.currency,"
    " w.available, w.reserved, o.orders, o.last_at",
    source="from app_user u join wallet w on w.user_id = u.id left join lateral ("
    " select count(*) as orders, max(created_at) as last_at from activation where user_id = u.id)"
    " o on true",
    columns=(
        Column("user", "User", _user, lambda row: row["email"], sort="u.email"),
        Column(
            "role",
            "Role",
            lambda row: Cell(text=_ROLES[row["role"]]),
            lambda row: row["role"],
            sort="u.role",
            wide=True,
        ),
        state_column(_state, "u.status", lambda row: row["status"]),
        money_column(
            "available",
            "Available",
            "available",
            lambda row: _money(row, "available"),
            sort="w.available",
        ),
        money_column(
            "held", "Held", "reserved", lambda row: _money(row, "reserved"), sort="w.reserved"
        ),
        Column(
            "orders",
            "Orders",
            lambda row: Cell(
                text=count(row["orders"]), href=f"/console/activations?q={row['email']}"
            ),
            lambda row: row["orders"],
            kind="number",
            sort="o.orders",
            right=True,
        ),
        time_column("last", "Last order", "last_at", sort="o.last_at"),
        time_column("since", "Registered", "created_at", sort="u.id", wide=True),
    ),
    tie="u.id desc",
    order="-since",
    filters=(
        filters.search(
            "u.email ilike :f_q or cast(u.id as text) = trim(both '%' from :f_q)",
            "E-mail or number of the user",
        ),
        Filter(
            "role",
            "Role",
            "u.role = :f_role",
            choices=filters.choices(_ROLES),
        ),
        Filter(
            "state",
            "State",
            "case :f_state when 'banned' then u.status = 'banned'"
            " when 'unconfirmed' then u.status = 'active' and u.verified_at is null"
            " else u.status = 'active' and u.verified_at is not null end",
            choices=(
                Choice("active", "Active"),
                Choice("unconfirmed", "Not confirmed"),
                Choice("banned", "Banned"),
            ),
        ),
        Filter("from", "Registered from", "u.created_at >= :f_from", "day", prepare=a_day),
    ),
    href=lambda row: f"/console/users/{row['id']}",
    none_yet="No users yet",
    nothing="Everyone who registers appears here, with their money and their orders.",
)
