"""Mapping: their countries and services beside ours, and what is sent in their place."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.lab_mapping import ROWS_MOST, MappingRow
from nexnum_console.ui.admin.facts import heads, labelled
from nexnum_console.ui.admin.lab.frame import PROVIDERS, lab_frame
from nexnum_console.ui.admin.lab.mapping_state import Choice, MappingState
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.card import card
from nexnum_console.ui.components.dialog import dialog
from nexnum_console.ui.components.icon import flag, icon
from nexnum_console.ui.components.states import chip

PATH = f"{PROVIDERS}/[provider_name]/lab/mapping"


def page() -> rx.Component:
    """A search, two switches, the table."""
    table = rx.el.table(
        heads("Theirs", "Ours", "Match", ">Offers", "Sent to the provider"),
        rx.el.tbody(rx.foreach(MappingState.rows, _row)),
        class_name="table table--cards table--compact",
    )
    none = rx.el.p(
        rx.cond(
            MappingState.totals.all > 0,
            "No word of theirs is like that.",
            "Nothing is listed yet; sync the catalogue first.",
        ),
        class_name="card__body mid",
    )
    return lab_frame(
        MappingState,
        "mapping",
        card(
            "Their words and ours",
            rx.el.p(
                "What is matched by hand wins over what the sync finds: at once in store and"
                " purchase, and in every sync to come.",
                class_name="card__body caption",
            ),
            _filters(),
            rx.cond(
                MappingState.rows.length() > 0,
                rx.el.div(table, class_name="tablewrap labfixtures", tab_index=0),
                none,
            ),
            rx.cond(
                MappingState.rows.length() >= ROWS_MOST,
                rx.el.p(
                    f"The first {ROWS_MOST}, what wants a look and what sells most before the rest;"
                    " search for the others.",
                    class_name="card__body caption",
                ),
            ),
            side=[
                rx.el.input(
                    placeholder="Search",
                    on_change=MappingState.look_for.debounce(250),
                    class_name="input input--sm",
                    max_length=120,
                    custom_attrs={"aria-label": "Search the mapping"},
                ),
                rx.el.div(
                    _kind("country", "Countries"),
                    _kind("service", "Services"),
                    class_name="paces",
                    role="group",
                    custom_attrs={"aria-label": "What is mapped"},
                ),
            ],
            custom_attrs={"data-testid": "mapping"},
        ),
        layers=(_question(),),
    )


def _kind(key: str, word: str) -> rx.Component:
    return rx.el.button(
        word,
        type="button",
        on_click=MappingState.choose_kind(key),
        custom_attrs={"aria-pressed": rx.cond(MappingState.kind == key, "true", "false")},
    )


def _filters() -> rx.Component:
    totals = MappingState.totals
    return rx.el.div(
        _only("", "All", totals.all),
        _only("open", "Unknown here", totals.open),
        _only("hand", "By hand", totals.hand),
        _only("clash", "Sharing one of ours", totals.clash),
        class_name="labops labfilters",
        role="group",
        custom_attrs={"aria-label": "Which rows"},
    )


def _only(key: str, word: str, number: rx.Var[int]) -> rx.Component:
    return rx.el.button(
        word,
        " ",
        rx.el.span(number.to(str), class_name="num low"),
        type="button",
        on_click=MappingState.choose_only(key),
        custom_attrs={"aria-pressed": rx.cond(MappingState.only == key, "true", "false")},
    )


def _row(row: rx.Var[MappingRow]) -> rx.Component:
    sent = rx.el.input(
        default_value=row.sent,
        key=MappingState.kind + row.theirs + row.sent,
        on_blur=lambda text: rx.cond(
            text == row.sent, rx.noop(), MappingState.send(row.theirs, text)
        ),
        class_name="input input--sm input--mono",
        max_length=64,
        auto_complete="off",
        custom_attrs={"aria-label": "Sent in the place of " + row.theirs},
    )
    return rx.el.tr(
        rx.el.th(
            rx.el.code(row.theirs),
            rx.cond(row.name != "", rx.el.span(" ", row.name, class_name="low")),
            scope="row",
        ),
        labelled("Ours", _ours(row)),
        labelled("Match", _match(row)),
        labelled("Offers", row.offers, "r num"),
        labelled("Sent to the provider", rx.cond(MappingState.may_manage, sent, row.sent)),
        custom_attrs={"data-theirs": row.theirs, "data-ours": row.code},
    )


def _ours(row: rx.Var[MappingRow]) -> rx.Component:
    """What it means; for whoever may, a press chooses another meaning."""
    known = rx.el.span(
        rx.cond(row.flag != "", flag(row.flag)),
        row.ours,
        " ",
        rx.el.span(row.code, class_name="low"),
        class_name="cell",
    )
    shown = rx.cond(row.code != "", known, rx.el.span("unknown here", class_name="warn"))
    press = rx.el.button(
        rx.el.span(shown, icon("chevron", "icon--sm"), class_name="row nowrap"),
        type="button",
        class_name="labjump",
        on_click=MappingState.ask(row.theirs),
        custom_attrs={"aria-label": "Choose what " + row.theirs + " means"},
    )
    return rx.cond(MappingState.may_manage, press, shown)


def _match(row: rx.Var[MappingRow]) -> rx.Component:
    undo = button(
        "Undo",
        kind="ghost",
        size="sm",
        symbol="undo",
        on_click=MappingState.say(row.theirs, ""),
        custom_attrs={"aria-label": "Undo the match of " + row.theirs},
    )
    hand = rx.el.span(
        chip("info", "users", "by hand"),
        rx.el.span("instead of ", row.auto, class_name="low small"),
        rx.cond(MappingState.may_manage, undo),
        class_name="row wrap",
    )
    clash = rx.el.p(
        "also ", rx.el.code(row.clash), "; in stock, then cheaper is sold", class_name="caption"
    )
    return rx.el.div(
        rx.cond(row.match != "", hand, rx.cond(row.code != "", "by name or code", "")),
        rx.cond(row.clash != "", clash),
    )


def _question() -> rx.Component:
    asked = MappingState.asked
    return dialog(
        asked != "",
        MappingState.ask(""),
        "What is “" + asked + "”?",
        rx.el.input(
            placeholder="Search ours",
            on_change=MappingState.look_up.debounce(200),
            class_name="input",
            max_length=120,
            auto_focus=True,
            auto_complete="off",
            custom_attrs={"aria-label": "Search ours"},
        ),
        rx.el.div(
            rx.foreach(MappingState.choices, _choice),
            class_name="stack",
            role="group",
            custom_attrs={"aria-label": "Ours"},
        ),
        rx.cond(
            MappingState.choices.length() == 0,
            rx.el.p("Nothing of ours is called that; search another name.", class_name="mid"),
        ),
        rx.el.p("It holds at once. The provider's own word is what it gets.", class_name="caption"),
        dismiss="Leave it",
    )


def _choice(one: rx.Var[Choice]) -> rx.Component:
    return rx.el.button(
        rx.cond(one.flag != "", flag(one.flag)),
        one.name,
        " ",
        rx.el.span(one.code, class_name="low"),
        type="button",
        class_name="btn btn--secondary btn--sm",
        on_click=MappingState.say(MappingState.asked, one.code),
    )
