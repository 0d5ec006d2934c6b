"""What stands above a list: its search, filters, saved views, columns, row height, file."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.listing import SEARCH, Filter, Listing
from nexnum_console.reports.saved_views import ViewLink
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.icon import icon
from nexnum_console.ui.shell.listing_state import ListingState


def toolbar(state: type[ListingState], listing: Listing) -> rx.Component:
    """The bar of the list of ``state``."""
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
