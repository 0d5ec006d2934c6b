"""Lists: what a table's columns and filters are, and how its state is written in a URL.

A list's whole state is its query string (``?q=ann&state=waiting&sort=-time&page=2``), so going
back, sharing and reloading work. What the string says wrong is left out and named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, TypedDict
from urllib.parse import urlencode

from nexnum_console.core import db
from nexnum_console.core.errors import BusinessError

PAGE_ROWS: Final = 40
# Beyond this many rows nobody reads on; a filter or an export finds what a page cannot.
COUNTED: Final = 10_000
MOST_PAGES: Final = COUNTED // PAGE_ROWS
MOST_TEXT: Final = 120

KINDS: Final = frozenset(
    {"text", "prose", "number", "time", "until", "age", "chip", "phone", "tile", "code"}
)
SEARCH: Final = "q"
_OWN: Final = {"sort", "page", "cols", "dense"}

Row = db.Row


class Cell(TypedDict, total=False):
    """One value as a page shows it; what is empty is left out, for a page carries hundreds.

    ``text`` and ``sub`` are ready-made words; ``tone`` is hi, mid, low, ok, warn, danger, live or
    info; ``ms`` a moment of kinds time, until and age (0 for none); ``flag`` a picture's address;
    ``tile`` 0 to 5, its colour; ``href`` opens what the value names.
    """

    text: str
    sub: str
    tone: str
    icon: str
    ms: int
    flag: str
    letters: str
    tile: int
    href: str


@dataclass(frozen=True, slots=True)
class Column:
    """``cell`` makes the shown value of a database row, ``plain`` the exported one.

    ``sort`` is an SQL expression; without one the list cannot be ordered by this column.
    ``shown`` is whether it stands in the table before anybody chose columns; a ``wide`` one is
    left out of the cards that rows become on a phone.
    """

    key: str
    title: str
    cell: Callable[[Row], Cell]
    plain: Callable[[Row], object]
    kind: str = "text"
    sort: str = ""
    right: bool = False
    shown: bool = True
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter and its word."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition ``sql`` over the parameter ``:f_<key>``.

    Kinds: ``choice`` (one of ``choices``, or of what ``options`` finds), ``text`` (free words),
    ``day`` (an ISO date). The key ``q`` is the list's search box. ``prepare`` turns the text into
    the parameter's value; it raises ValueError or BusinessError for what means nothing.
    ``options`` is SQL giving ``value`` and ``label``, for choices that only the database knows.
    """

    key: str
    title: str
    sql: str
    kind: str = "choice"
    choices: tuple[Choice, ...] = ()
    options: str = ""
    prepare: Callable[[str], object] = str
    hint: str = ""

    def accepts(self, text: str) -> bool:
        """Whether the text can be this filter's value."""
        if len(text) > MOST_TEXT or "\0" in text:
            return False
        if self.kind == "choice" and not self.options:
            return any(choice.value == text for choice in self.choices)
        try:
            self.prepare(text)
        except (ValueError, BusinessError):
            return False
        return True


def a_day(text: str) -> date:
    """An ISO date's value; ValueError."""
    return date.fromisoformat(text)


def whole_number(text: str) -> int:
    """An id typed with or without ``#``; ValueError."""
    number = int(text.removeprefix("#"))
    if not 0 < number < 2**63:
        raise ValueError("not an id")
    return number


def like(text: str) -> str:
    """A pattern for ``ilike`` that finds the text anywhere, its own wildcards taken literally."""
    escaped = text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"


@dataclass(frozen=True, slots=True)
class Listing:
    """A list: ``select {fields} {source} where … order by …``.

    ``source`` is SQL from ``from`` on, without ``where``. A list with ``mine`` shows only rows of
    the asking user: it is an SQL condition over ``:user_id``. ``always`` is a condition without
    parameters. ``tie`` makes the order total. ``order`` is the sort of a list nobody sorted.
    ``row_id`` names a row (text), ``href`` is where its record is. Before the first row ever,
    ``none_yet`` heads the list and ``nothing`` says what will stand there.
    """

    name: str
    title: str
    path: str
    capability: str
    fields: str
    source: str
    columns: tuple[Column, ...]
    tie: str
    filters: tuple[Filter, ...] = ()
    order: str = ""
    mine: str = ""
    always: str = ""
    row_id: Callable[[Row], str] = lambda row: str(row["id"])
    href: Callable[[Row], str] = lambda _row: ""
    none_yet: str = "Nothing here yet"
    nothing: str = ""

    def column(self, key: str) -> Column | None:
        """The column of that key."""
        return next((column for column in self.columns if column.key == key), None)


@dataclass(frozen=True, slots=True)
class Query:
    """The state of a list. ``sort`` is a column's key, with ``-`` for descending."""

    filters: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    page: int = 1
    columns: tuple[str, ...] = ()
    dense: bool = False
    dropped: tuple[str, ...] = ()


def parse(listing: Listing, parameters: Mapping[str, str]) -> Query:
    """What a URL's query asks for; ``dropped`` names what it says wrong."""
    filters, dropped = {}, []
    for one in listing.filters:
        text = parameters.get(one.key, "").strip()
        if text and one.accepts(text):
            filters[one.key] = text
        elif text:
            dropped.append(one.title)
    known = {one.key for one in listing.filters} | _OWN
    dropped += [f"“{name[:40]}”" for name in parameters if name not in known]
    return Query(
        filters,
        _sort(listing, parameters.get("sort", "")),
        _page(parameters.get("page", "")),
        _columns(listing, parameters.get("cols", "")),
        parameters.get("dense") == "1",
        tuple(dropped),
    )


def url(listing: Listing, query: Query, path: str = "") -> str:
    """The address of a list in this state."""
    asked: dict[str, str] = dict(query.filters)
    if query.sort and query.sort != listing.order:
        asked["sort"] = query.sort
    if query.page > 1:
        asked["page"] = str(query.page)
    if query.columns:
        asked["cols"] = ".".join(query.columns)
    if query.dense:
        asked["dense"] = "1"
    path = path or listing.path
    return f"{path}?{urlencode(asked)}" if asked else path


def with_filter(query: Query, key: str, value: str) -> Query:
    """The same list with one filter set, or without it; back on its first page."""
    filters = {name: text for name, text in query.filters.items() if name != key}
    return replace(query, filters={**filters, **({key: value} if value else {})}, page=1)


def shown(listing: Listing, query: Query) -> tuple[Column, ...]:
    """The chosen columns in the list's own order; the first one always."""
    wanted = query.columns or tuple(column.key for column in listing.columns if column.shown)
    return tuple(
        column for place, column in enumerate(listing.columns) if place == 0 or column.key in wanted
    )


def _sort(listing: Listing, text: str) -> str:
    column = listing.column(text.removeprefix("-"))
    return text if column is not None and column.sort else listing.order


def _page(text: str) -> int:
    return min(int(text), MOST_PAGES) if text.isascii() and text.isdigit() and int(text) else 1


def _columns(listing: Listing, text: str) -> tuple[str, ...]:
    wanted = set(text.split(".")) if text else set()
    return tuple(column.key for column in listing.columns if column.key in wanted)
