"""The wizard: from a template or an import to the first number sold."""

from __future__ import annotations

import reflex as rx

from nexnum_console.ui.admin.lab.frame import PROVIDERS
from nexnum_console.ui.admin.lab.new_state import PATH, NewProviderState, Step
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.card import card
from nexnum_console.ui.components.field import area_field, select_field, text_field
from nexnum_console.ui.components.icon import icon
from nexnum_console.ui.components.progress import progress
from nexnum_console.ui.components.states import banner
from nexnum_console.ui.shell.layouts import account_bar, console_layout

ROUTE = PATH
KINDS = (
    ("template", "Template"),
    ("curl", "curl"),
    ("openapi", "OpenAPI"),
    ("postman", "Postman"),
    ("har", "HAR"),
)


def page() -> rx.Component:
    """The form, or the checklist of what was begun."""
    begun = NewProviderState.name != ""
    return console_layout(
        NewProviderState,
        PROVIDERS,
        "New provider",
        rx.el.div(
            rx.el.h1(
                rx.cond(begun, "Set up " + NewProviderState.title, "New provider"),
                class_name="grow",
            ),
            class_name="head",
        ),
        rx.cond(begun, _checklist(), _start()),
        account=account_bar(NewProviderState.email),
    )


def _start() -> rx.Component:
    template = select_field(
        "Template",
        "source",
        [rx.foreach(NewProviderState.templates, lambda one: rx.el.option(one, value=one))],
        help_text="Most of the market speaks one of these dialects.",
    )
    source = area_field(
        "Source",
        "source",
        help_text="Paste the whole of it. Keys in it are taken out and not kept.",
        rows=10,
        required=True,
        spell_check=False,
    )
    form = rx.el.form(
        rx.cond(NewProviderState.kind == "template", template, source),
        text_field(
            "Name",
            "name",
            help_text="Small letters, digits, - and _; it stands in addresses and never changes.",
            required=True,
            max_length=40,
            auto_complete="off",
        ),
        text_field("Name shown", "title", help_text="Optional.", max_length=80),
        select_field(
            "Where calls go",
            "carrier",
            [
                rx.el.option("The provider itself", value=""),
                rx.foreach(
                    NewProviderState.carriers,
                    lambda one: rx.el.option("Simulated carrier " + one, value=one),
                ),
            ],
            help_text="A simulated carrier stands in for the provider and brings its key.",
        ),
        button("Add provider", kind="primary", type="submit"),
        on_submit=lambda data: NewProviderState.begin(
            data.to(dict[str, str])["source"],
            data.to(dict[str, str])["name"],
            data.to(dict[str, str])["title"],
            data.to(dict[str, str])["carrier"],
        ),
        class_name="card__body stack",
    )
    return card(
        "Begin with",
        rx.el.div(
            *(_kind(key, word) for key, word in KINDS),
            class_name="paces labkinds",
            role="group",
            custom_attrs={"aria-label": "Begin with"},
        ),
        form,
        class_name="labnew",
    )


def _kind(key: str, word: str) -> rx.Component:
    return rx.el.button(
        word,
        type="button",
        on_click=NewProviderState.set_kind(key),
        custom_attrs={"aria-pressed": rx.cond(NewProviderState.kind == key, "true", "false")},
    )


def _checklist() -> rx.Component:
    points = banner(
        "warn",
        "alert",
        rx.el.div(
            rx.el.b("What the source did not say"),
            rx.el.ul(
                rx.foreach(NewProviderState.open_points, rx.el.li),
                class_name="small",
            ),
        ),
    )
    return rx.el.div(
        rx.cond(NewProviderState.open_points.length() > 0, points),
        rx.el.section(
            rx.el.div(
                progress(
                    (NewProviderState.done * 100 / 7).to(int),
                    "Steps done",
                    NewProviderState.done.to(str) + " of 7",
                ),
                class_name="card__body",
            ),
            rx.el.ol(rx.foreach(NewProviderState.steps, _step), class_name="labsteps"),
            class_name="card labnew",
            custom_attrs={"data-testid": "checklist"},
        ),
        class_name="stack",
    )


def _step(step: rx.Var[Step]) -> rx.Component:
    mark = rx.cond(
        step.done,
        rx.el.span(icon("check"), class_name="timeline__icon timeline__icon--ok labmark"),
        rx.el.span(icon("right"), class_name="timeline__icon timeline__icon--todo labmark"),
    )
    return rx.el.li(
        mark,
        rx.el.div(
            rx.el.b(step.title),
            rx.el.span(rx.cond(step.done, "done", "to do"), class_name="sr"),
            rx.el.p(step.detail, class_name="caption"),
        ),
        rx.el.div(_act(step), class_name="row"),
        custom_attrs={"data-step": step.key, "data-done": rx.cond(step.done, "yes", "no")},
    )


def _act(step: rx.Var[Step]) -> rx.Component:
    lab = f"{PROVIDERS}/" + NewProviderState.name + "/lab"
    return rx.match(
        step.key,
        ("config", rx.el.a("Open the lab", href=lab, class_name="btn btn--secondary btn--sm")),
        ("key", _key(step)),
        ("test", _work("Ask for the balance", "test", NewProviderState.try_balance, step)),
        ("map", _work("Read its catalogue", "map", NewProviderState.map_it, step)),
        ("margin", _margin(step)),
        ("publish", _publish(step)),
        ("buy", rx.el.a("Go to the store", href="/store", class_name="btn btn--secondary btn--sm")),
        rx.fragment(),
    )


def _key(step: rx.Var[Step]) -> rx.Component:
    form = rx.el.form(
        rx.el.input(
            name="key",
            type="password",
            required=True,
            auto_complete="off",
            max_length=512,
            class_name="input input--sm",
            custom_attrs={"aria-label": "Key"},
        ),
        button("Seal key", size="sm", type="submit"),
        on_submit=lambda data: NewProviderState.give_key(data.to(dict[str, str])["key"]),
        class_name="row",
    )
    change = rx.el.a(
        "Replace",
        href=f"{PROVIDERS}/" + NewProviderState.name + "/lab/keys",
        class_name="link small",
    )
    return rx.cond(step.done, change, form)


def _work(word: str, key: str, event, step: rx.Var[Step]) -> rx.Component:
    return button(
        word,
        size="sm",
        kind="secondary",
        busy=NewProviderState.working == key,
        on_click=event,
    )


def _margin(step: rx.Var[Step]) -> rx.Component:
    return rx.el.form(
        rx.el.input(
            name="margin",
            default_value=NewProviderState.factor,
            key="margin-" + NewProviderState.factor,
            input_mode="decimal",
            auto_complete="off",
            max_length=12,
            class_name="input input--sm num labvar",
            custom_attrs={"aria-label": "Margin, a factor"},
        ),
        button("Set margin", size="sm", type="submit"),
        on_submit=lambda data: NewProviderState.set_margin(data.to(dict[str, str])["margin"]),
        class_name="row",
    )


def _publish(step: rx.Var[Step]) -> rx.Component:
    return rx.cond(
        step.done,
        rx.el.span("Sells", class_name="ok small"),
        button(
            "Publish",
            kind="primary",
            size="sm",
            on_click=NewProviderState.publish,
            disabled=~step.now,
        ),
    )
