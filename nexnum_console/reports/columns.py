"""Columns that many lists have: what they show of a field, and what they export of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypedDict, Unpack

from nexnum_console.core.money import format_micro
from nexnum_console.reports.listing import Cell, Column, Row
from nexnum_console.reports.words import count, flag, initials, millis, money, signed_money, tile

# (tone, icon, word) of a state.
Words = tuple[str, str, str]
Show = Callable[[Row], Cell]

NOTHING: Final = "–"


class Place(TypedDict, total=False):
    """What any column may be told of its place; as ``Column`` has it."""

    sort: str
    shown: bool
    wide: bool


class Layout(Place, total=False):
    """The same for one that may stand at either side; numbers stand right."""

    right: bool


def chip(words: Words) -> Cell:
    """A state as icon, word and colour."""
    tone, icon, word = words
    return Cell(text=word, icon=icon, tone=tone)


def state_column(
    shows: Mapping[str, Words] | Show, sort: str, plain: Callable[[Row], object] | None = None
) -> Column:
    """The field ``state`` as a chip: in the words it has for each state, or as a function shows."""
    cell = shows if callable(shows) else lambda row: chip(shows[row["state"]])
    return Column("state", "State", cell, plain or _field("state"), kind="chip", sort=sort)


def text_column(
    key: str,
    title: str,
    name: str,
    tone: str = "",
    *,
    kind: str = "text",
    **layout: Unpack[Layout],
) -> Column:
    """A text as it is, of kinds text (one line) and prose; a dash where it is empty."""

    def cell(row: Row) -> Cell:
        found = row[name]
        return Cell(text=found, tone=tone) if found else Cell(text=NOTHING, tone="low")

    return Column(key, title, cell, _field(name), kind=kind, **layout)


def time_column(
    key: str, title: str, name: str, kind: str = "time", **layout: Unpack[Layout]
) -> Column:
    """A moment: of kinds time, until and age."""
    return Column(
        key, title, lambda row: Cell(ms=millis(row[name])), _field(name), kind=kind, **layout
    )


def money_column(
    key: str,
    title: str,
    name: str,
    cell: Show | None = None,
    *,
    tone: str = "",
    signed: bool = False,
    **place: Unpack[Place],
) -> Column:
    """Micro-units of the row's ``currency``; exported as a decimal text."""
    words = signed_money if signed else money

    def plain_cell(row: Row) -> Cell:
        return Cell(text=words(int(row[name]), row["currency"] or ""), tone=tone)

    return Column(
        key,
        title,
        cell or plain_cell,
        lambda row: format_micro(int(row[name])),
        kind="number",
        right=True,
        **place,
    )


def count_column(
    key: str,
    title: str,
    name: str,
    cell: Show | None = None,
    *,
    unit: str = "",
    **place: Unpack[Place],
) -> Column:
    """How many; ``unit`` stands behind the number."""
    return Column(
        key,
        title,
        cell or (lambda row: Cell(text=f"{count(row[name])}{unit}")),
        _field(name),
        kind="number",
        right=True,
        **place,
    )


def number_column(title: str, sort: str, below: str) -> Column:
    """``No. 7`` with the field ``below`` under it; what a row of this list is called."""
    return Column(
        "no",
        title,
        lambda row: Cell(text=f"No. {row['id']}", sub=row[below]),
        _field("id"),
        sort=sort,
    )


def _user(row: Row) -> Cell:
    if not row["email"]:
        return Cell(text="the house", tone="low")
    return Cell(text=row["email"], href=f"/console/users/{row['user_id']}")


def user_column(title: str = "User", **layout: Unpack[Layout]) -> Column:
    """Whose it is, leading to them: of fields ``email`` and ``user_id``; else the house."""
    return Column("user", title, _user, _field("email"), **layout)


def service_column(cell: Show | None = None, plain: str = "service_name") -> Column:
    """A service with its tile: of the field ``service_name``."""
    return Column("service", "Service", cell or _service, _field(plain), kind="tile", sort="s.name")


def _service(row: Row) -> Cell:
    name = row["service_name"]
    return Cell(text=name, letters=initials(name), tile=tile(name))


def country_column() -> Column:
    """A country with its flag: of fields ``country`` and ``country_name``."""
    return Column(
        "country",
        "Country",
        lambda row: Cell(text=row["country_name"], flag=flag(row["country"])),
        _field("country"),
        sort="c.name",
    )


def _field(name: str) -> Callable[[Row], object]:
    return lambda row: row[name]
