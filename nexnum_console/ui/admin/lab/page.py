"""The lab: which version is in play, and form, JSON and test of an operation side by side."""

from __future__ import annotations

import reflex as rx

from nexnum_console.providers.errors import Code
from nexnum_console.providers.schema import hints, words
from nexnum_console.reports.lab_page import FixtureRow, OperationTab
from nexnum_console.ui.admin.facts import heads, labelled
from nexnum_console.ui.admin.lab.form import form_pane
from nexnum_console.ui.admin.lab.frame import PROVIDERS, lab_frame
from nexnum_console.ui.admin.lab.state import LabState
from nexnum_console.ui.admin.lab.test import effect_chip, picked_dialog, test_pane
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.card import card
from nexnum_console.ui.components.clock import ago
from nexnum_console.ui.components.dialog import dialog
from nexnum_console.ui.components.field import area_field
from nexnum_console.ui.components.icon import icon
from nexnum_console.ui.components.states import chip
from nexnum_console.ui.components.wrappers.code_mirror import code_editor

PATH = f"{PROVIDERS}/[provider_name]/lab"
SHARES = ("0", "1", "5", "10", "25", "50")
_KEYS, _VALUES = words()
_SCHEMA = hints()


def page() -> rx.Component:
    """Version bar, panes, fixtures."""
    return lab_frame(
        LabState,
        "lab",
        _versions(),
        rx.el.section(
            rx.el.div(
                rx.el.div(
                    rx.foreach(LabState.operations, _operation),
                    class_name="labops",
                    role="group",
                    custom_attrs={"aria-label": "Operation"},
                ),
                rx.el.span(effect_chip(), class_name="wide-only"),
                class_name="labbar",
            ),
            rx.el.div(form_pane(), _json(), test_pane(), class_name="panes"),
            class_name="card",
            custom_attrs={"aria-label": "Lab"},
        ),
        _fixtures(),
        layers=(_publish_dialog(), picked_dialog()),
    )


def _versions() -> rx.Component:
    head = LabState.head
    draft = rx.fragment(
        rx.el.span(icon("file"), rx.el.b("Draft v", head.draft.to(str)), class_name="row nowrap"),
        rx.el.span(
            "beside v",
            head.served.to(str),
            ", by ",
            head.by,
            " ",
            ago(head.at_ms),
            class_name="low small",
        ),
        rx.el.a(
            LabState.changes.to(str),
            rx.cond(LabState.changes == 1, " line changed", " lines changed"),
            href=f"{PROVIDERS}/" + head.name + "/lab/versions",
            class_name="link small",
        ),
    )
    served = rx.fragment(
        rx.el.span(
            icon("check"), rx.el.b("v", head.served.to(str), " is published"), class_name="row"
        ),
        rx.el.span(
            "by ",
            head.by,
            " ",
            ago(head.at_ms),
            ". The first change begins a draft.",
            class_name="low small",
        ),
    )
    return rx.el.section(
        rx.cond(head.draft > 0, draft, served),
        _verdict_chip(),
        rx.cond(LabState.may_manage & (head.draft > 0), _acts()),
        rx.cond(
            (head.draft > 0) & (LabState.why_not != ""),
            rx.el.p(
                LabState.why_not,
                " v",
                head.served.to(str),
                " keeps serving all other calls.",
                id="why-not",
                class_name="labver__why caption",
            ),
        ),
        class_name="card labver",
        custom_attrs={"aria-label": "Version", "data-testid": "version"},
    )


def _verdict_chip() -> rx.Component:
    total = (LabState.passing + LabState.failing).to(str)
    bad = chip("danger", "x", LabState.failing.to(str) + " of " + total + " fixtures fail")
    good = chip("ok", "check", LabState.passing.to(str) + " fixtures pass")
    none = chip("", "info", "No fixtures")
    return rx.cond(LabState.failing > 0, bad, rx.cond(LabState.passing > 0, good, none))


def _acts() -> rx.Component:
    head = LabState.head
    return rx.el.span(
        rx.el.label(
            "Share",
            rx.el.span(
                rx.el.select(
                    *(rx.el.option(f"{one} %", value=one) for one in SHARES),
                    value=head.percent.to(str),
                    on_change=LabState.share,
                    class_name="select",
                ),
                icon("chevron"),
                class_name="selectwrap",
            ),
            class_name="row small mid",
        ),
        button("Discard", kind="ghost", on_click=LabState.discard),
        button(
            "Publish v" + head.draft.to(str),
            kind="primary",
            symbol="lock",
            disabled=LabState.why_not != "",
            on_click=LabState.ask_publish,
            custom_attrs={"aria-describedby": "why-not"},
        ),
        class_name="row wrap end",
    )


def _operation(one: rx.Var[OperationTab]) -> rx.Component:
    return rx.el.button(
        rx.cond(one.icon != "", rx.el.span(icon(one.icon, "icon--sm"), class_name=one.tone)),
        one.name,
        type="button",
        on_click=LabState.choose_operation(one.name),
        custom_attrs={"aria-pressed": rx.cond(LabState.operation == one.name, "true", "false")},
    )


def _json() -> rx.Component:
    fine = chip("ok", "check", "Valid")
    faulty = chip("danger", "x", LabState.problems.length().to(str) + " faults")
    return rx.el.section(
        rx.el.header(
            rx.el.h2("JSON"),
            rx.el.span(rx.cond(LabState.valid, fine, faulty), class_name="grow"),
            button(
                kind="ghost",
                size="sm icon",
                symbol="copy",
                custom_attrs={"data-copy": LabState.text, "aria-label": "Copy JSON"},
            ),
        ),
        rx.el.div(
            code_editor(
                value=LabState.text,
                problems=LabState.problems,
                schema=_SCHEMA,
                keys=_KEYS,
                values=[*_VALUES, *(code.value for code in Code)],
                line=LabState.line,
                turn=LabState.turn,
                label="Config of the provider, JSON",
                read_only=~LabState.may_manage,
                on_change=LabState.write.debounce(400),
            ),
            class_name="labeditor",
        ),
        rx.cond(~LabState.valid, _faults()),
        class_name="pane",
        custom_attrs={"data-testid": "json"},
    )


def _faults() -> rx.Component:
    return rx.el.ul(
        rx.foreach(
            LabState.problems,
            lambda one: rx.el.li(
                icon("alert"),
                rx.el.button(
                    "Line ",
                    one["line"].to(str),
                    type="button",
                    class_name="link",
                    on_click=LabState.go(one["line"].to(int)),
                ),
                rx.el.span(one["message"].to(str)),
            ),
        ),
        class_name="labfaults",
        role="status",
    )


def _fixtures() -> rx.Component:
    table = rx.el.table(
        heads("Fixture", "Operation", "Reply", "Published", "Draft", ""),
        rx.el.tbody(rx.foreach(LabState.fixture_rows, _fixture)),
        class_name="table table--cards table--compact",
    )
    none = rx.el.p(
        "Nothing is pinned yet. Run an operation and pin its exchange: a version that reads it"
        " differently is then never published.",
        class_name="card__body mid",
    )
    return card(
        "Fixtures",
        rx.cond(
            LabState.fixture_rows.length() > 0,
            rx.el.div(table, class_name="tablewrap labfixtures", tab_index=0),
            none,
        ),
        side=[
            chip("ok", "check", LabState.passing.to(str) + " pass"),
            rx.cond(LabState.failing > 0, chip("danger", "x", LabState.failing.to(str) + " fail")),
            button("Replay all", size="sm", symbol="refresh", on_click=LabState.replay_all),
        ],
        custom_attrs={"data-testid": "fixtures"},
    )


def _fixture(row: rx.Var[FixtureRow]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            rx.el.button(
                row.name,
                type="button",
                class_name="record labjump",
                on_click=LabState.choose_fixture(row.name),
            ),
            scope="row",
        ),
        labelled("Operation", row.operation),
        labelled("Reply", rx.el.span(row.reply, class_name="mono cut labreply")),
        labelled("Published", _pass(row.old)),
        labelled("Draft", _pass(row.new)),
        labelled(
            "",
            rx.cond(
                LabState.may_manage,
                button(
                    kind="ghost",
                    size="sm icon",
                    symbol="x",
                    on_click=LabState.unpin(row.id),
                    custom_attrs={"aria-label": "Unpin " + row.name},
                ),
            ),
            "r",
        ),
        custom_attrs={"aria-selected": rx.cond(LabState.fixture == row.name, "true", "false")},
    )


def _pass(why: rx.Var[str]) -> rx.Component:
    return rx.cond(
        why == "",
        rx.el.span(icon("check", "icon--sm"), " pass", class_name="ok nowrap"),
        rx.el.span(icon("x", "icon--sm"), " ", why, class_name="danger labwhy", title=why),
    )


def _publish_dialog() -> rx.Component:
    head = LabState.head
    return dialog(
        LabState.publishing,
        LabState.ask_publish,
        "Publish v" + head.draft.to(str) + "?",
        rx.el.p(
            "Every call goes through it within 3 seconds. v",
            head.served.to(str),
            " stays in the list of versions, one press away.",
        ),
        rx.el.form(
            area_field("Why", "reason", required=True, max_length=500, rows=2),
            button("Publish v" + head.draft.to(str), kind="primary", type="submit"),
            on_submit=lambda data: LabState.publish_draft(data.to(dict[str, str])["reason"]),
            class_name="stack",
        ),
    )
