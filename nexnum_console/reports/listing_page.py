"""One page of a list, read from the database and made ready for a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from nexnum_console.core.db import Row, UnitOfWork
from nexnum_console.reports.listing import (
    COUNTED,
    MOST_PAGES,
    PAGE_ROWS,
    Cell,
    Choice,
    Filter,
    Listing,
    Query,
    shown,
    url,
    with_filter,
)
from nexnum_console.reports.words import count

EXPORT_BATCH: Final = 2_000
MOST_OPTIONS: Final = 200
_NATURALLY_DESCENDING: Final = {"number", "time", "until"}


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: a cell by column key, for the columns that are shown; ``href`` opens its record."""

    id: str
    href: str
    cells: dict[str, Cell]


@dataclass(frozen=True, slots=True)
class Head:
    """``href`` orders by the column; ``order`` is ascending, descending or none."""

    shown: bool = True
    href: str = ""
    order: str = "none"
    toggle: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set, in words, and the way to the list without it."""

    key: str
    title: str
    label: str
    clear: str


@dataclass(frozen=True, slots=True)
class ListPage:
    """Everything a table shows. Addresses: ``here`` this state, ``plain`` without filters,
    ``density`` with the other row height, ``newer`` and ``older`` the pages beside this one.
    ``dropped`` names what the URL said wrong. ``label`` counts: ``1 to 40 of 1,204``.
    """

    heads: dict[str, Head] = field(default_factory=dict)
    rows: list[TableRow] = field(default_factory=list)
    chips: list[Chip] = field(default_factory=list)
    chosen: dict[str, str] = field(default_factory=dict)
    options: dict[str, list[Choice]] = field(default_factory=dict)
    label: str = ""
    newer: str = ""
    older: str = ""
    here: str = ""
    plain: str = ""
    density: str = ""
    dense: bool = False
    filtered: bool = False
    dropped: str = ""


def read_page(unit: UnitOfWork, listing: Listing, query: Query, user_id: int = 0) -> ListPage:
    """The page of the list that ``query`` asks for, as ``user_id`` may see it."""
    where, values = _conditions(listing, query, user_id)
    offset = (query.page - 1) * PAGE_ROWS
    rows = unit.all(
        f"select {listing.fields} {listing.source} {where}"
        f" order by {_order(listing, query.sort)} limit {PAGE_ROWS + 1} offset {offset}",
        **values,
    )
    total = _total(unit, listing, where, values, offset, len(rows))
    more = len(rows) > PAGE_ROWS and query.page < MOST_PAGES
    options = {one.key: _options(unit, one) for one in listing.filters if one.options}
    columns = shown(listing, query)
    return ListPage(
        heads={column.key: _head(listing, query, column.key) for column in listing.columns},
        rows=[_row(listing, columns, row) for row in rows[:PAGE_ROWS]],
        chips=list(_chips(listing, query, options)),
        chosen={one.key: query.filters.get(one.key, "") for one in listing.filters},
        options=options,
        label=_label(offset, min(len(rows), PAGE_ROWS), total),
        newer=url(listing, replace(query, page=query.page - 1)) if query.page > 1 else "",
        older=url(listing, replace(query, page=query.page + 1)) if more else "",
        here=url(listing, query),
        plain=url(listing, replace(query, filters={}, page=1)),
        density=url(listing, replace(query, dense=not query.dense)),
        dense=query.dense,
        filtered=bool(query.filters),
        dropped=", ".join(query.dropped),
    )


def read_all(
    unit: UnitOfWork, listing: Listing, query: Query, user_id: int, most: int
) -> Iterator[Sequence[Row]]:
    """Every row of the filtered list in its order, in batches, up to ``most`` rows.

    Batches agree with each other only within one repeatable-read transaction.
    """
    where, values = _conditions(listing, query, user_id)
    order = _order(listing, query.sort)
    for offset in range(0, most, EXPORT_BATCH):
        rows = unit.all(
            f"select {listing.fields} {listing.source} {where}"
            f" order by {order} limit {min(EXPORT_BATCH, most - offset)} offset {offset}",
            **values,
        )
        if rows:
            yield rows
        if len(rows) < EXPORT_BATCH:
            return


def total_of(unit: UnitOfWork, listing: Listing, query: Query, user_id: int, most: int) -> int:
    """How many rows the filtered list has, counted up to ``most``."""
    where, values = _conditions(listing, query, user_id)
    return _count(unit, listing, where, values, most)


def _conditions(listing: Listing, query: Query, user_id: int) -> tuple[str, dict[str, Any]]:
    parts = [listing.always] if listing.always else []
    values: dict[str, Any] = {}
    if listing.mine:
        parts.append(listing.mine)
        values["user_id"] = user_id
    for one in listing.filters:
        if one.key in query.filters:
            parts.append(one.sql)
            values[f"f_{one.key}"] = one.prepare(query.filters[one.key])
    text = " and ".join(f"({part})" for part in parts)
    return (f"where {text}" if parts else ""), values


def _order(listing: Listing, sort: str) -> str:
    column = listing.column(sort.removeprefix("-"))
    if column is None or not column.sort:
        return listing.tie
    direction = "desc nulls last" if sort.startswith("-") else "asc nulls last"
    return f"{column.sort} {direction}, {listing.tie}"


def _total(
    unit: UnitOfWork,
    listing: Listing,
    where: str,
    values: Mapping[str, Any],
    offset: int,
    found: int,
) -> int:
    if 0 < found <= PAGE_ROWS or (found == 0 and offset == 0):
        return offset + found
    return _count(unit, listing, where, values, COUNTED + 1)


def _count(
    unit: UnitOfWork, listing: Listing, where: str, values: Mapping[str, Any], most: int
) -> int:
    counted = unit.scalar(
        f"select count(*) from (select 1 {listing.source} {where}"  # noqa: S608  a listing's own
        f" limit {most}) counted",
        **values,
    )
    return int(counted)


def _label(offset: int, rows: int, total: int) -> str:
    if not rows:
        return "No rows"
    whole = f"more than {count(COUNTED)}" if total > COUNTED else count(total)
    return f"{count(offset + 1)} to {count(offset + rows)} of {whole}"


def _head(listing: Listing, query: Query, key: str) -> Head:
    column = listing.column(key)
    assert column is not None, "asked of the listing's own columns"
    seen = {one.key for one in shown(listing, query)}
    wanted = tuple(one.key for one in listing.columns if one.key in seen ^ {key})
    toggle = url(listing, replace(query, columns=wanted))
    order, turned = "none", key
    if query.sort == key:
        order, turned = "ascending", f"-{key}"
    elif query.sort == f"-{key}":
        order = "descending"
    elif column.right or column.kind in _NATURALLY_DESCENDING:
        turned = f"-{key}"
    href = url(listing, replace(query, sort=turned, page=1)) if column.sort else ""
    return Head(key in seen, href, order, toggle)


def _row(listing: Listing, columns: Sequence[Any], row: Row) -> TableRow:
    cells = {column.key: column.cell(row) for column in columns}
    return TableRow(listing.row_id(row), listing.href(row), cells)


def _options(unit: UnitOfWork, one: Filter) -> list[Choice]:
    return [
        Choice(str(row["value"]), str(row["label"]))
        for row in unit.all(f"{one.options} limit {MOST_OPTIONS}")
    ]


def _chips(
    listing: Listing, query: Query, options: Mapping[str, Sequence[Choice]]
) -> Iterator[Chip]:
    for one in listing.filters:
        value = query.filters.get(one.key)
        if value is None:
            continue
        known = (*one.choices, *options.get(one.key, ()))
        label = next((choice.label for choice in known if choice.value == value), value)
        yield Chip(one.key, one.title, label, url(listing, with_filter(query, one.key, "")))
