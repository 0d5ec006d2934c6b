"""The one table of every list: search, filters, columns, order, pages, selection, file.

All of it is in the URL, so heads, pages, columns and chips are plain links.
"""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.listing import Listing
from nexnum_console.reports.listing_page import Chip, TableRow
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.cells import cell
from nexnum_console.ui.components.icon import icon
from nexnum_console.ui.components.list_toolbar import toolbar
from nexnum_console.ui.components.states import empty, loading
from nexnum_console.ui.shell.listing_state import ListingState


def data_table(
    state: type[ListingState],
    *,
    symbol: str = "layers",
    selectable: bool = False,
    batch: list[rx.Component] | None = None,
    first_use: rx.Component | None = None,
) -> rx.Component:
    """The list of ``state``. ``batch`` are the selection bar's actions on ``state.selected``;
    ``first_use`` is shown while there is no row at all, to teach what would be here."""
    listing = state.LISTING
    return rx.el.section(
        toolbar(state, listing),
        _chips(state),
        _export(state),
        rx.cond(state.selected.length() > 0, _selection(state, batch or [])),
        rx.cond(
            state.failed,
            _failed(state),
            rx.cond(
                state.table.rows.length() > 0,
                _table(state, listing, selectable),
                rx.cond(
                    state.loaded,
                    rx.cond(
                        state.table.filtered,
                        _no_match(state),
                        first_use or empty(symbol, listing.none_yet, listing.nothing),
                    ),
                    loading(8),
                ),
            ),
        ),
        _pager(state),
        class_name="card list",
        custom_attrs={"aria-label": listing.title, "data-list": listing.name},
    )


def _chips(state: type[ListingState]) -> rx.Component:
    def one(chip: rx.Var[Chip]) -> rx.Component:
        return rx.el.a(
            rx.el.span(chip.title + ":", class_name="low"),
            chip.label,
            icon("x"),
            href=chip.clear,
            class_name="filterchip",
            custom_attrs={"aria-label": "Remove the filter " + chip.title + " " + chip.label},
        )

    return rx.fragment(
        rx.cond(
            state.table.filtered,
            rx.el.div(
                rx.foreach(state.table.chips, one),
                rx.el.a("Clear all", href=state.table.plain, class_name="link small"),
                class_name="list__chips",
            ),
        ),
        rx.cond(
            state.table.dropped != "",
            rx.el.p(
                icon("alert"),
                "The address asks for something this list does not know; left out: ",
                state.table.dropped,
                class_name="list__note warn",
                role="status",
            ),
        ),
    )


def _export(state: type[ListingState]) -> rx.Component:
    moving = (state.export.state == "waiting") | (state.export.state == "running")
    return rx.cond(
        state.export.state != "",
        rx.el.div(
            rx.cond(
                moving,
                rx.el.progress(value=state.export.percent, max=100),
                rx.cond(state.export.state == "done", icon("check"), icon("alert")),
            ),
            rx.el.span("Export: ", state.export.label, class_name="grow"),
            rx.cond(
                state.export.href != "",
                rx.el.a(
                    "Download the file",
                    href=state.export.href,
                    class_name="link",
                    download=True,
                    reload_document=True,
                ),
            ),
            class_name="list__note",
            role="status",
            custom_attrs={"data-testid": "export"},
        ),
    )


def _selection(state: type[ListingState], batch: list[rx.Component]) -> rx.Component:
    return rx.el.div(
        rx.el.b(state.selected.length(), " selected", class_name="grow"),
        *batch,
        button("Select none", kind="ghost", size="sm", on_click=state.select_none),
        class_name="selbar",
        role="region",
        custom_attrs={"aria-label": "Selection"},
    )


def _table(state: type[ListingState], listing: Listing, selectable: bool) -> rx.Component:
    heads = []
    if selectable:
        box = rx.el.input(
            type="checkbox",
            checked=state.selected.length() == state.table.rows.length(),
            on_change=lambda _: state.toggle_page(),
            custom_attrs={"aria-label": "Select every row of this page"},
        )
        heads.append(rx.el.th(box, scope="col", class_name="pick"))
    for column in listing.columns:
        head = state.table.heads[column.key]
        title = rx.el.a(
            column.title,
            rx.match(
                head.order,
                ("ascending", icon("up", "icon--sm")),
                ("descending", icon("down", "icon--sm")),
                rx.fragment(),
            ),
            href=head.href,
            class_name="sort",
        )
        th = rx.el.th(
            title if column.sort else column.title,
            scope="col",
            class_name="r" if column.right else "",
            custom_attrs={"aria-sort": head.order},
        )
        heads.append(rx.cond(head.shown, th))
    return rx.el.div(
        rx.el.table(
            rx.el.caption(f"{listing.title}, ", state.table.label, class_name="sr"),
            rx.el.thead(rx.el.tr(*heads)),
            rx.el.tbody(
                rx.foreach(state.table.rows, lambda row: _row(state, listing, row, selectable))
            ),
            class_name=rx.cond(state.table.dense, "table table--dense", "table table--rows"),
        ),
        class_name="tablewrap",
        role="region",
        tab_index=0,
        custom_attrs={"aria-label": f"{listing.title}, table"},
    )


def _row(
    state: type[ListingState], listing: Listing, row: rx.Var[TableRow], selectable: bool
) -> rx.Component:
    chosen = state.selected.contains(row.id)
    cells = []
    if selectable:
        box = rx.el.input(
            type="checkbox",
            checked=chosen,
            on_change=lambda _: state.toggle(row.id),
            custom_attrs={
                "aria-label": "Select " + row.cells[listing.columns[0].key]["text"].to(str)
            },
        )
        cells.append(rx.el.td(box, class_name="pick"))
    for place, column in enumerate(listing.columns):
        value = row.cells[column.key]
        made = cell(column, value, row.href if place == 0 else None)
        cells.append(rx.cond(state.table.heads[column.key].shown, made))
    return rx.el.tr(
        *cells,
        key=row.id,
        custom_attrs={"data-row": row.id, "aria-selected": chosen.to_string()},
    )


def _no_match(state: type[ListingState]) -> rx.Component:
    return empty(
        "search",
        "No row matches",
        "Nothing fits all of these filters together. Take one away, or clear them.",
        rx.el.a("Clear all filters", href=state.table.plain, class_name="btn btn--secondary"),
    )


def _failed(state: type[ListingState]) -> rx.Component:
    return empty(
        "alert",
        "The list could not be read",
        "Nothing was changed. The notice above carries an id for support.",
        button("Try again", symbol="refresh", on_click=state.refresh),
    )


def _pager(state: type[ListingState]) -> rx.Component:
    def step(label: str, href: rx.Var[str], symbol: str) -> rx.Component:
        off = rx.el.span(icon(symbol), label, class_name="btn btn--secondary btn--sm is-off")
        return rx.cond(
            href != "",
            rx.el.a(icon(symbol), label, href=href, class_name="btn btn--secondary btn--sm"),
            off,
        )

    return rx.el.nav(
        rx.el.span(state.table.label, class_name="grow num", role="status"),
        step("Previous", state.table.newer, "left"),
        step("Next", state.table.older, "right"),
        class_name="pager",
        custom_attrs={"aria-label": "Pages"},
    )
