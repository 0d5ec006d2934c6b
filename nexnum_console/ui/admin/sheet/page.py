"""The living style sheet: admin only, in no menu."""

from __future__ import annotations

import reflex as rx

from nexnum_console.ui.admin.sheet.state import REFERENCE, SheetState
from nexnum_console.ui.components.button import button, copy_button
from nexnum_console.ui.components.card import card
from nexnum_console.ui.components.clock import ago, countdown
from nexnum_console.ui.components.code import code_block
from nexnum_console.ui.components.dialog import confirm_typed, dialog, drawer
from nexnum_console.ui.components.field import (
    area_field,
    check_field,
    money_field,
    select_field,
    switch_field,
    text_field,
)
from nexnum_console.ui.components.figures import area_chart, bars, kpi_card, sparkline
from nexnum_console.ui.components.icon import flag, tile
from nexnum_console.ui.components.progress import progress
from nexnum_console.ui.components.states import banner, chip, empty, error_state, loading
from nexnum_console.ui.components.tabs import Tab, link_tabs, segments
from nexnum_console.ui.components.timeline import timeline
from nexnum_console.ui.components.tooltip import tip
from nexnum_console.ui.shell.layouts import account_bar, console_layout

PATH = "/console/components"
_GROUNDS = ("base", "sunken", "raised", "overlay", "glass")
_COLOURS = ("teal", "accent", "ok", "warn", "danger", "info", "chart-2", "chart-6")
_TYPE = (("28", "$3,186.40"), ("20", "Page title"), ("14", "Card title"), ("12", "Caption"))


def page() -> rx.Component:
    """Each part in each of its states."""
    return console_layout(
        SheetState,
        PATH,
        "Components",
        rx.el.div(rx.el.h1("One set of parts, every page"), class_name="head"),
        rx.el.div(
            _part("Colour roles", _colours(), span=8),
            _part("Type, tabular figures", _type(), span=4),
            _part("Button", _buttons(), span=6),
            _part("Chips: icon, word and colour", _chips(), span=6),
            _part("Field", _fields(), span=4),
            _part("Choice", _choices(), span=4),
            _part("Tabs, progress, tooltip", _tabs(), span=4),
            rx.el.dl(rx.foreach(SheetState.kpis, kpi_card), class_name="kpis kpis--4 span12"),
            _part("Are we earning more than yesterday?", area_chart(SheetState.chart), span=8),
            _part("Who delivers?", bars(SheetState.bars, "Target 80 %"), span=4),
            _part("Timeline", timeline(SheetState.steps), span=4),
            _part("Course, code block", _code(), span=4),
            _part("Dialog, drawer, notice", _layers(), span=4),
            rx.el.div(_first_use(), class_name="card span4"),
            rx.el.div(_no_match(), class_name="card span4"),
            rx.el.div(_failed(), class_name="card span4"),
            rx.el.div(loading(), class_name="card span4"),
            rx.el.div(*_banners(), class_name="stack stack--tight span8"),
            class_name="board",
        ),
        _dialogs(),
        account=account_bar(SheetState.email),
        undo=SheetState.undo,
    )


def _part(title: str, *body: rx.Component, span: int) -> rx.Component:
    return card(title, rx.el.div(*body, class_name="card__body stack"), class_name=f"span{span}")


def _colours() -> rx.Component:
    names = [*(f"bg-{name}" for name in _GROUNDS), *_COLOURS]
    return rx.el.ul(
        *(rx.el.li(rx.el.i(style={"background": f"var(--{name})"}), name) for name in names),
        class_name="swatches",
    )


def _type() -> rx.Component:
    return rx.el.div(
        *(
            rx.el.p(text, style={"font_size": f"var(--fs-{size})", "line_height": "1.4"})
            for size, text in _TYPE
        ),
        class_name="stack stack--tight num hi",
    )


def _buttons() -> rx.Component:
    return rx.el.div(
        _row(
            button("Buy for $0.42", kind="primary"),
            button("Sync now", symbol="refresh"),
            button("Cancel", kind="ghost"),
            button("Refund $0.42", kind="danger"),
        ),
        _row(
            button("Small", size="sm"),
            button("Medium"),
            button("Large", size="lg"),
            button(size="icon", symbol="plus", custom_attrs={"aria-label": "Add"}),
            copy_button("Copy", REFERENCE),
        ),
        _row(
            button("Syncing", busy=SheetState.switched),
            button("Publish v15", why_not=SheetState.reason),
        ),
        class_name="stack",
    )


def _chips() -> rx.Component:
    return rx.el.div(
        _row(
            chip("live", "", "Waiting for SMS"),
            chip("ok", "check", "Code received"),
            chip("warn", "alert", "Ends soon"),
            chip("danger", "x", "Failed"),
            chip("info", "clock", "Confirming"),
            chip("", "undo", "Refunded"),
        ),
        _row(
            *(tile(rx.Var.create(letter), rx.Var.create(n)) for n, letter in enumerate("WTDAGV")),
            *(flag(f"/flags/{code}.svg") for code in ("gb", "us", "de", "fr", "br", "in")),
            rx.el.kbd("⌘K"),
            rx.el.code(REFERENCE),
        ),
        _row(rx.el.span("Read ", ago(SheetState.server_ms), class_name="low"), class_name="small"),
        class_name="stack",
    )


def _fields() -> rx.Component:
    return rx.fragment(
        text_field("Margin", "margin", help_text="Applied after conversion, rounded up."),
        text_field("Base URL", "base-url", error=SheetState.error, default_value="http://10.0.0.4"),
        money_field("Amount", "amount", "USD", placeholder="12.50"),
        area_field("Reason", "reason", placeholder="Code was for another account"),
    )


def _choices() -> rx.Component:
    strategies = [("best", "Best: success for the price"), ("cheap", "Cheapest first")]
    return rx.fragment(
        select_field("Strategy", "strategy", strategies),
        switch_field(
            "Routing may use this provider",
            SheetState.switched,
            SheetState.press_switch,
            help_text="Running numbers are served to their end.",
        ),
        switch_field("Ask before every purchase", ~SheetState.switched, SheetState.press_switch),
        check_field("Select all 3,204 matching", "all", default_checked=True),
        segments([Tab(k, k, f"{PATH}?range={k}") for k in ("24 h", "7 d", "30 d")], "24 h", "Span"),
    )


def _tabs() -> rx.Component:
    kinds = [
        Tab("lab", "Lab", f"{PATH}?tab=lab"),
        Tab("mapping", "Mapping", f"{PATH}?tab=mapping", "14"),
        Tab("health", "Health", f"{PATH}?tab=health"),
    ]
    return rx.fragment(
        link_tabs(kinds, "lab"),
        progress(64, "Catalogue sync, GrizzlySMS", "64 % · 4 s left"),
        progress(91, "Webhooks", "oldest 41 s", "warn"),
        _row(
            tip(button("91.3 %"), "412 numbers in 24 h, 376 got a code", "rate"),
            rx.el.span("Ends in ", countdown(SheetState.server_ms + 600_000)),
        ),
    )


def _code() -> rx.Component:
    request = 'curl -X POST https://nexnum.example/api/v1/purchase \\\n  -d \'{"service":"wa"}\''
    return rx.fragment(sparkline(SheetState.course, "1"), code_block(request, "Request"))


def _layers() -> rx.Component:
    return rx.fragment(
        _row(
            button("Open dialog", on_click=SheetState.open_layer("dialog")),
            button("Open wide dialog", on_click=SheetState.open_layer("wide")),
            button("Close account", kind="danger", on_click=SheetState.open_layer("typed")),
            button("Open drawer", on_click=SheetState.open_layer("drawer")),
        ),
        _row(
            *(
                button(f"Say {kind}", on_click=SheetState.tell(kind))
                for kind in ("ok", "info", "warn", "danger")
            )
        ),
        rx.el.p("Pressed: ", SheetState.pressed.to_string(), class_name="caption"),
    )


def _dialogs() -> rx.Component:
    close = SheetState.close_layer
    text = "Activation 7204 received a code. The refund books a new line; it cannot be undone."
    return rx.fragment(
        dialog(
            SheetState.layer == "dialog",
            close,
            "Refund $0.42 to buyer-104?",
            rx.el.p(text),
            text_field("Reason", "refund-reason"),
            foot=[button("Refund $0.42", kind="danger", on_click=close)],
            dismiss="Keep the charge",
        ),
        dialog(SheetState.layer == "wide", close, "Wide", rx.el.p(text), wide=True),
        confirm_typed(
            SheetState.layer == "typed",
            close,
            "Close the account of buyer-104?",
            "Their sessions end at once. Nothing is deleted.",
            "buyer-104",
            lambda data: SheetState.confirm_word(data.to(dict[str, str])["word"]),
            label="Close account",
        ),
        drawer(
            SheetState.layer == "drawer",
            close,
            "buyer-104@example.com",
            rx.el.p("Available $17.74, held $0.61."),
            foot=[button("Open user", size="block")],
        ),
    )


def _first_use() -> rx.Component:
    text = "A provider is a JSON file. Start from a template or paste its documentation."
    return empty("plug", "No providers yet", text, button("Add provider", kind="primary"))


def _no_match() -> rx.Component:
    text = "There are 3,204 activations without them."
    return empty("search", "Nothing matches 3 filters", text, button("Clear filters"))


def _failed() -> rx.Component:
    text = "The database did not answer within 5 s. No money was moved."
    return error_state("The list could not be read", text, SheetState.load, REFERENCE)


def _banners() -> list[rx.Component]:
    return [
        banner("warn", "alert", "SMSPool delivers 61.2 % of codes, target 80 %."),
        banner("danger", "x", "Connection lost. Your form is kept; buying waits."),
        banner("ok", "check", "Connected again. Nothing was missed."),
    ]


def _row(*parts: rx.Component, class_name: str = "") -> rx.Component:
    return rx.el.div(*parts, class_name=f"row wrap {class_name}".strip())
