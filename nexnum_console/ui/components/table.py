"""The one table of every list: search, filters, columns, order, pages, selection, file.

All of it is in the URL, so heads, pages, columns and chips are plain links.
"""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.listing import SEARCH, Filter, Listing
from nexnum_console.reports.listing_page import Chip, TableRow
from nexnum_console.reports.saved_views import ViewLink
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.cells import cell
from nexnum_console.ui.components.icon import icon
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
        _toolbar(state, listing),
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


def _toolbar(state: type[ListingState], listing: Listing) -> rx.Component:
    searched = [one for one in listing.filters if one.key == SEARCH]
    others = [one for one in listing.filters if one.key != SEARCH]
    return rx.el.div(
        *(_search(state, one) for one in searched),
        *([_filters(state, others)] if others else []),
        _views(state),
        rx.el.div(
            _columns(state, listing),
            rx.el.a(
                icon("rows"),
                rx.el.span(
                    rx.cond(state.table.dense, "Comfortable", "Compact"), class_name="wide-only"
                ),
                href=state.table.density,
                class_name="btn btn--ghost btn--sm nophone",
                title="Row height",
            ),
            button(
                rx.el.span("Export CSV", class_name="wide-only"),
                kind="ghost",
                size="sm",
                symbol="download",
                on_click=state.write_file,
                disabled=(state.table.rows.length() == 0)
                | (state.export.state == "waiting")
                | (state.export.state == "running"),
                custom_attrs={"aria-label": "Export CSV"},
            ),
            class_name="row end",
        ),
        class_name="list__bar",
    )


def _search(state: type[ListingState], one: Filter) -> rx.Component:
    return rx.el.div(
        icon("search"),
        rx.el.input(
            type="search",
            placeholder=one.hint or one.title,
            on_change=lambda value: state.filter_by(SEARCH, value).debounce(220),
            class_name="input",
            max_length=120,
            auto_complete="off",
            custom_attrs={
                "aria-label": f"Search: {one.hint or one.title}",
                "data-sync": state.table.chosen[SEARCH],
            },
        ),
        class_name="inputwrap list__search",
        role="search",
    )


def _filters(state: type[ListingState], filters: list[Filter]) -> rx.Component:
    return _menu(
        "filter",
        "Filters",
        *(_filter(state, one) for one in filters),
        class_name="menu__list menu__list--form",
    )


def _filter(state: type[ListingState], one: Filter) -> rx.Component:
    sync = {"data-sync": state.table.chosen[one.key]}
    name = f"filter-{one.key}"
    if one.kind == "choice":
        chosen = (
            rx.foreach(
                state.table.options[one.key],
                lambda choice: rx.el.option(choice.label, value=choice.value),
            )
            if one.options
            else rx.fragment(
                *(rx.el.option(choice.label, value=choice.value) for choice in one.choices)
            )
        )
        control = rx.el.select(
            rx.el.option("Any", value=""),
            chosen,
            id=name,
            class_name="select",
            on_change=lambda value: state.filter_by(one.key, value),
            custom_attrs=sync,
        )
    else:
        control = rx.el.input(
            id=name,
            type="date" if one.kind == "day" else "text",
            placeholder=one.hint,
            class_name="input",
            max_length=120,
            on_change=lambda value: state.filter_by(one.key, value).debounce(300),
            custom_attrs=sync,
        )
    return rx.el.div(rx.el.label(one.title, html_for=name), control, class_name="field")


def _views(state: type[ListingState]) -> rx.Component:
    form = rx.el.form(
        rx.el.label("Name of this view", html_for="view-name"),
        rx.el.input(id="view-name", name="name", class_name="input", required=True, max_length=40),
        rx.cond(
            state.is_staff,
            rx.el.label(
                rx.el.input(type="checkbox", name="shared"), "Everyone on staff", class_name="row"
            ),
        ),
        button("Keep this view", kind="secondary", size="sm", type="submit"),
        on_submit=lambda data: state.keep_view(
            data.to(dict[str, str])["name"], data.to(dict[str, str])["shared"] == "on"
        ),
        class_name="stack stack--tight",
    )
    return _menu(
        "bookmark",
        "Views",
        rx.foreach(state.views, lambda view: _view(state, view)),
        rx.cond(
            state.naming,
            form,
            button("Keep this view …", kind="ghost", size="sm", on_click=state.name_view),
        ),
        class_name="menu__list",
    )


def _view(state: type[ListingState], view: rx.Var[ViewLink]) -> rx.Component:
    return rx.el.div(
        rx.el.a(view.name, href=view.href, class_name="grow"),
        rx.cond(view.shared, rx.el.span("shared", class_name="low small")),
        rx.cond(
            view.mine,
            button(
                icon("x"),
                kind="ghost",
                size="sm icon",
                on_click=state.drop_view(view.id),
                custom_attrs={"aria-label": "Remove the view " + view.name},
            ),
        ),
        class_name="menu__item",
    )


def _columns(state: type[ListingState], listing: Listing) -> rx.Component:
    links = [
        rx.el.a(
            rx.cond(
                state.table.heads[column.key].shown,
                icon("check"),
                rx.el.span(class_name="icon"),
            ),
            column.title,
            href=state.table.heads[column.key].toggle,
            class_name="menu__item",
            role="menuitemcheckbox",
            custom_attrs={"aria-checked": state.table.heads[column.key].shown.to_string()},
        )
        for column in listing.columns[1:]
    ]
    return rx.cond(
        state.loaded,
        _menu("columns", "Columns", *links, class_name="menu__list", role="menu", end=True),
    )


def _menu(symbol: str, title: str, *body: rx.Component, end: bool = False, **props) -> rx.Component:
    return rx.el.details(
        rx.el.summary(
            icon(symbol),
            rx.el.span(title, class_name="wide-only"),
            class_name="btn btn--secondary btn--sm" if not end else "btn btn--ghost btn--sm",
            custom_attrs={"aria-label": title},
        ),
        rx.el.div(*body, **props),
        class_name="menu menu--end" if end else "menu",
        custom_attrs={"data-menu": ""},
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
    return rx.el.tr(*cells, custom_attrs={"data-row": row.id, "aria-selected": chosen.to_string()})


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
