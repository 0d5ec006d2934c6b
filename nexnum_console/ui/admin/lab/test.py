"""The test pane: a call or a replay, the raw answer, and the trace that ties it to the fields."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.lab_trace import Piece, TraceLine, Verdict
from nexnum_console.ui.admin.facts import heads, labelled
from nexnum_console.ui.admin.lab.run_view import Bar, Input
from nexnum_console.ui.admin.lab.state import LabState
from nexnum_console.ui.components.button import button, copy_button
from nexnum_console.ui.components.dialog import dialog
from nexnum_console.ui.components.icon import icon
from nexnum_console.ui.components.states import chip


def test_pane() -> rx.Component:
    """Where to run, with what, and what came of it."""
    return rx.el.section(
        rx.el.header(
            rx.el.h2("Test", class_name="grow"),
            rx.el.div(
                _where("replay", "Replay"),
                rx.cond(LabState.sandbox_there, _where("sandbox", "Sandbox")),
                _where("live", "Live"),
                class_name="paces",
                role="group",
                custom_attrs={"aria-label": "Where the test runs"},
            ),
        ),
        rx.el.div(
            _controls(),
            rx.cond(
                LabState.run.method != "",
                _ran(),
                rx.el.p(
                    "No exchange of this operation is known yet. Run it in the sandbox or live;"
                    " what comes back is traced here and can be pinned.",
                    class_name="mid small",
                ),
            ),
            class_name="pane__b",
        ),
        class_name="pane",
        custom_attrs={"data-testid": "test"},
    )


def _where(key: str, word: str) -> rx.Component:
    return rx.el.button(
        word,
        type="button",
        on_click=LabState.set_where(key),
        custom_attrs={"aria-pressed": rx.cond(LabState.where == key, "true", "false")},
    )


def _controls() -> rx.Component:
    replay = rx.el.span(
        rx.el.select(
            rx.foreach(LabState.fixture_names, lambda name: rx.el.option(name, value=name)),
            value=LabState.fixture,
            on_change=LabState.choose_fixture,
            class_name="select input--sm",
            custom_attrs={"aria-label": "Fixture"},
        ),
        icon("chevron"),
        class_name="selectwrap grow",
    )
    none = rx.el.span("No fixture of this operation.", class_name="low small grow")
    return rx.el.div(
        rx.cond(
            LabState.where == "replay",
            rx.cond(LabState.fixture_names.length() > 0, replay, none),
            rx.el.div(rx.foreach(LabState.inputs, _input), class_name="row wrap grow"),
        ),
        rx.cond(
            LabState.may_manage,
            button(
                "Run",
                size="sm",
                symbol="right",
                busy=LabState.running,
                on_click=LabState.try_it,
            ),
        ),
        rx.cond(
            LabState.may_manage & (LabState.where != "replay"),
            button(
                "Show request",
                kind="ghost",
                size="sm",
                symbol="eye",
                on_click=LabState.show_request,
                custom_attrs={"title": "Builds it and sends nothing"},
            ),
        ),
        rx.cond((LabState.where == "live") & (LabState.effect == "spend"), _money()),
        rx.cond(
            (LabState.where == "sandbox") & (LabState.effect == "spend"),
            rx.el.p(
                "The simulated carrier sells you a number; no money moves.",
                class_name="caption",
            ),
        ),
        class_name="row wrap",
    )


def _input(one: rx.Var[Input]) -> rx.Component:
    return rx.el.label(
        one.name,
        rx.el.input(
            default_value=one.value,
            key=LabState.operation + one.name + one.value,
            on_blur=lambda text: LabState.set_input(one.name, text),
            class_name="input input--mono input--sm labvar",
            auto_complete="off",
            spell_check=False,
        ),
        class_name="row small mid",
    )


def _money() -> rx.Component:
    """A live purchase costs money, so it is capped and confirmed, each time."""
    return rx.el.div(
        icon("alert"),
        rx.el.div(
            rx.el.p(
                "This buys a number from the provider with real money, once. It belongs to no"
                " order: the reconciler gives it back, and what the provider keeps is booked as"
                " orphan_expense."
            ),
            rx.el.p(
                rx.cond(
                    LabState.listed != "",
                    rx.fragment("Its list asks up to ", rx.el.b(LabState.listed), " for this."),
                    "Its list names no price for this.",
                ),
                rx.cond(
                    LabState.capped,
                    " The cap goes with the request.",
                    rx.el.b(
                        " This config sends no price cap: the provider may charge more than you"
                        " say. The cap is held against its list alone.",
                        custom_attrs={"data-testid": "no-cap"},
                    ),
                ),
            ),
            class_name="stack",
        ),
        rx.el.label(
            "At most",
            rx.el.input(
                default_value=LabState.most,
                on_blur=LabState.set_most,
                class_name="input num input--sm labvar",
                input_mode="decimal",
                auto_complete="off",
                max_length=24,
            ),
            LabState.head.currency,
            class_name="row small",
        ),
        rx.el.label(
            rx.el.input(
                type="checkbox",
                class_name="check",
                checked=LabState.confirmed,
                on_change=lambda _: LabState.confirm(),
            ),
            rx.el.span("Yes, buy it"),
            class_name="switchrow",
        ),
        class_name="banner banner--warn",
    )


def _ran() -> rx.Component:
    run = LabState.run
    return rx.fragment(
        rx.el.div(
            rx.el.div(
                rx.el.span("Request", class_name="grow"),
                copy_button("Copy as curl", run.curl, kind="ghost"),
                class_name="labsub",
            ),
            rx.el.pre(
                rx.el.b(run.method),
                " ",
                run.url,
                rx.cond(run.head != "", rx.el.span("\n", run.head, class_name="low")),
                class_name="labcode",
                tab_index=0,
                custom_attrs={"aria-label": "Request"},
            ),
        ),
        rx.cond(LabState.fate.state != "", _fate()),
        rx.cond(
            run.failure != "",
            rx.el.p(icon("alert"), " ", run.failure, class_name="fault", role="alert"),
            rx.cond(
                run.status > 0,
                _answer(),
                rx.el.p("Nothing was sent: this is what would be.", class_name="mid small"),
            ),
        ),
    )


def _fate() -> rx.Component:
    """What becomes of the number bought here, and the lines of the ledger that its cost makes."""
    fate = LabState.fate
    return rx.el.div(
        icon("wallet"),
        rx.el.div(
            rx.el.p(fate.words),
            rx.foreach(fate.lines, lambda line: rx.el.code(line, class_name="num small")),
            class_name="stack",
        ),
        class_name="banner",
        role="status",
        custom_attrs={"data-testid": "fate", "data-state": fate.state},
    )


def _answer() -> rx.Component:
    run = LabState.run
    return rx.fragment(
        rx.el.div(
            rx.el.div(
                rx.el.span(
                    "Raw reply · ",
                    rx.el.b(run.status, class_name=rx.cond(run.status < 400, "ok", "warn")),
                    " · ",
                    rx.cond(run.label != "", run.label, "no type"),
                    " · ",
                    run.size,
                    class_name="grow",
                ),
                rx.el.span(run.millis, class_name="num"),
                class_name="labsub",
            ),
            rx.el.pre(
                rx.foreach(LabState.pieces, _piece),
                class_name="labcode labraw",
                tab_index=0,
                custom_attrs={"aria-label": "Raw reply", "data-testid": "raw"},
            ),
            rx.cond(LabState.bars.length() > 0, _timing()),
        ),
        rx.cond(run.rows > 1, _rows()),
        rx.el.div(
            rx.el.div(
                rx.el.span("Trace", class_name="grow"),
                rx.el.span(run.traced, class_name="num"),
                class_name="labsub",
            ),
            rx.el.ol(
                rx.foreach(LabState.story, _line),
                class_name="timeline labtrace",
                custom_attrs={"data-testid": "trace"},
            ),
        ),
        _result(),
        rx.cond(LabState.may_manage, _pin()),
    )


def _piece(piece: rx.Var[Piece]) -> rx.Component:
    value = rx.el.button(
        piece.text,
        type="button",
        class_name="labvalue labvalue--" + piece.tone,
        on_click=LabState.pick(piece.start),
        custom_attrs={"data-fields": piece.fields},
    )
    mark = rx.el.mark(
        piece.text, class_name="labvalue--" + piece.tone, custom_attrs={"data-fields": piece.fields}
    )
    return rx.cond(
        piece.value & LabState.may_manage,
        value,
        rx.cond((piece.fields != "") | (piece.tone != ""), mark, rx.el.span(piece.text)),
    )


def _timing() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.foreach(
                LabState.bars, lambda one: rx.el.i(style={"width": one.share.to(str) + "%"})
            ),
            class_name="labtime",
            custom_attrs={"aria-hidden": "true"},
        ),
        rx.el.p(rx.foreach(LabState.bars, _bar), class_name="caption num labtime__words"),
    )


def _bar(one: rx.Var[Bar]) -> rx.Component:
    return rx.el.span(one.name, " ", one.millis)


def _rows() -> rx.Component:
    run = LabState.run
    return rx.el.div(
        rx.el.span("Row ", (run.row + 1).to(str), " of ", run.rows.to(str), class_name="num grow"),
        button(
            "Before",
            kind="ghost",
            size="sm",
            symbol="left",
            disabled=run.row == 0,
            on_click=LabState.show_row(rx.cond(run.row > 0, run.row - 1, 0)),
        ),
        button(
            "Next",
            kind="ghost",
            size="sm",
            symbol="right",
            disabled=run.row + 1 >= run.rows,
            on_click=LabState.show_row(run.row + 1),
        ),
        class_name="labsub",
    )


def _line(line: rx.Var[TraceLine]) -> rx.Component:
    """A step; where it has a place in the config, pressing it goes there."""
    title = rx.cond(
        line.place != "",
        rx.el.button(
            line.title, type="button", class_name="labjump", on_click=LabState.jump(line.place)
        ),
        rx.el.span(line.title),
    )
    return rx.el.li(
        rx.el.span(icon(line.icon), class_name="timeline__icon timeline__icon--" + line.tone),
        rx.el.span(title, class_name="timeline__title"),
        rx.cond(line.detail != "", rx.el.p(line.detail)),
        custom_attrs={"data-lights": line.field, "data-tone": line.tone},
    )


def _result() -> rx.Component:
    table = rx.el.table(
        heads("Output", "Got", "Expected", ">Verdict"),
        rx.el.tbody(rx.foreach(LabState.verdicts, _verdict)),
        class_name="table table--compact table--plain labresult",
    )
    return rx.el.div(
        rx.el.div(
            rx.cond(LabState.against, "Result against the fixture", "Result"), class_name="labsub"
        ),
        rx.el.div(table, class_name="tablewrap", tab_index=0),
        custom_attrs={"data-testid": "result"},
    )


def _verdict(one: rx.Var[Verdict]) -> rx.Component:
    good = rx.el.span(icon("check"), rx.el.span("same", class_name="sr"), class_name="ok")
    bad = rx.el.span(icon("x"), rx.el.span("differs", class_name="sr"), class_name="danger")
    return rx.el.tr(
        rx.el.th(one.name, scope="row"),
        labelled("Got", rx.el.span(one.got, class_name=rx.cond(one.same, "", "danger"))),
        labelled("Expected", rx.cond(LabState.against, one.expected, "")),
        labelled("Verdict", rx.cond(LabState.against, rx.cond(one.same, good, bad)), "r"),
        custom_attrs={"data-lights": one.name, "data-same": rx.cond(one.same, "yes", "no")},
    )


def _pin() -> rx.Component:
    return rx.el.form(
        rx.el.input(
            name="name",
            default_value=LabState.pin_name,
            key="pin-" + LabState.pin_name,
            class_name="input input--sm input--mono grow",
            max_length=80,
            auto_complete="off",
            custom_attrs={"aria-label": "Name of the fixture"},
        ),
        button("Pin as fixture", size="sm", symbol="bookmark", type="submit"),
        on_submit=lambda data: LabState.pin(data.to(dict[str, str])["name"]),
        class_name="row",
    )


def picked_dialog() -> rx.Component:
    """A value was pressed: which output is it?"""
    picked = LabState.picked
    return dialog(
        picked.source != "",
        LabState.unpick,
        "What is this value?",
        rx.el.p(rx.el.code(picked.shown), " at ", rx.el.code(picked.source)),
        rx.cond(
            picked.regex != "",
            rx.el.p(
                "No group of the regex holds it. This one would: ",
                rx.el.code(picked.regex),
                class_name="small",
            ),
        ),
        rx.el.div(
            rx.foreach(
                LabState.outputs,
                lambda name: button(name, size="sm", on_click=LabState.map_to(name)),
            ),
            class_name="row wrap",
        ),
        rx.el.p("The draft is changed; what is published goes on as it is.", class_name="caption"),
        dismiss="None of these",
    )


def effect_chip() -> rx.Component:
    """What the operation does to money."""
    return rx.match(
        LabState.effect,
        ("spend", chip("warn", "alert", "Effect: spend · sent once")),
        ("release", chip("info", "undo", "Effect: release")),
        chip("", "eye", "Effect: read"),
    )
