"""The list of users, as staff see it."""

from __future__ import annotations

from typing import Final

from nexnum_console.core.money import format_micro
from nexnum_console.reports.listing import Cell, Choice, Column, Filter, Listing, Row, a_day, like
from nexnum_console.reports.person import person_chip
from nexnum_console.reports.words import count, millis, money

_ROLES: Final = {"user": "Buyer", "support": "Support", "admin": "Admin"}


def _user(row: Row) -> Cell:
    demo = " · demo" if row["is_demo"] else ""
    return Cell(text=row["email"], sub=f"No. {row['id']}{demo}")


def _state(row: Row) -> Cell:
    tone, icon, word = person_chip(row)
    return Cell(text=word, icon=icon, tone=tone)


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
        Column("state", "State", _state, lambda row: row["status"], kind="chip", sort="u.status"),
        Column(
            "available",
            "Available",
            lambda row: _money(row, "available"),
            lambda row: format_micro(row["available"]),
            kind="number",
            sort="w.available",
            right=True,
        ),
        Column(
            "held",
            "Held",
            lambda row: _money(row, "reserved"),
            lambda row: format_micro(row["reserved"]),
            kind="number",
            sort="w.reserved",
            right=True,
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
        Column(
            "last",
            "Last order",
            lambda row: Cell(ms=millis(row["last_at"])),
            lambda row: row["last_at"],
            kind="time",
            sort="o.last_at",
        ),
        Column(
            "since",
            "Registered",
            lambda row: Cell(ms=millis(row["created_at"])),
            lambda row: row["created_at"],
            kind="time",
            sort="u.id",
            wide=True,
        ),
    ),
    tie="u.id desc",
    order="-since",
    filters=(
        Filter(
            "q",
            "Search",
            "u.email ilike :f_q or cast(u.id as text) = trim(both '%' from :f_q)",
            "text",
            prepare=like,
            hint="E-mail or number of the user",
        ),
        Filter(
            "role",
            "Role",
            "u.role = :f_role",
            choices=tuple(Choice(value, label) for value, label in _ROLES.items()),
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
