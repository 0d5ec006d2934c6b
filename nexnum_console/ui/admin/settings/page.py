"""The settings page: each rule with its meaning, its bounds and its default."""

from __future__ import annotations

from itertools import groupby
from typing import Any, Final

import reflex as rx

from nexnum_console.core.known_settings import SETTINGS, Setting
from nexnum_console.ui.admin.settings.state import RulesState
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.card import card
from nexnum_console.ui.components.clock import ago
from nexnum_console.ui.components.field import money_field, select_field, switch_field, text_field
from nexnum_console.ui.components.states import loading
from nexnum_console.ui.shell.layouts import account_bar, console_layout

PATH: Final = "/console/settings"
ELSEWHERE: Final = "Routing"


def page() -> rx.Component:
    """One card for each group of rules."""
    here = [one for one in SETTINGS if one.group != ELSEWHERE]
    groups = [(name, list(found)) for name, found in groupby(here, lambda one: one.group)]
    return console_layout(
        RulesState,
        PATH,
        "Settings",
        rx.el.div(
            rx.el.h1("Settings", class_name="grow"),
            rx.el.p("A change holds at once, here and in every worker.", class_name="caption"),
            class_name="head",
        ),
        rx.el.div(*(_group(name, found) for name, found in groups), _routing(), class_name="rules"),
        account=account_bar(RulesState.email),
        undo=RulesState.undo,
    )


def _routing() -> rx.Component:
    """Weights are tried on past orders before they are saved, so they have a page of their own."""
    return card(
        ELSEWHERE,
        rx.el.div(
            rx.el.p(
                "Who is asked first: weights, caps, the share of new providers, pins and bans."
            ),
            rx.el.a("Routing policy", href="/console/routing", class_name="btn btn--secondary"),
            class_name="card__body stack",
        ),
    )


def _group(name: str, settings: list[Setting]) -> rx.Component:
    rows = rx.el.div(*(_rule(setting) for setting in settings), class_name="card__body rules__list")
    return card(name, rx.cond(RulesState.loaded, rows, loading()))


def _rule(setting: Setting) -> rx.Component:
    control = _switch(setting) if setting.kind == "switch" else _form(setting)
    changed = RulesState.changed_ms[setting.name]
    return rx.el.div(
        control,
        rx.el.p(
            "Default ",
            RulesState.defaults[setting.name],
            rx.cond(changed > 0, rx.fragment(" · changed ", ago(changed)), " · never changed"),
            class_name="caption",
        ),
        class_name="rule",
        custom_attrs={"data-rule": setting.name},
    )


def _switch(setting: Setting) -> rx.Component:
    on = RulesState.values[setting.name] == "on"
    return switch_field(
        setting.title,
        on,
        RulesState.change(setting.name, rx.cond(on, "off", "on")),
        help_text=setting.help,
    )


def _form(setting: Setting) -> rx.Component:
    value = RulesState.values[setting.name]
    return rx.el.form(
        _field(setting, value),
        button("Save", type="submit", custom_attrs={"aria-label": f"Save: {setting.title}"}),
        on_submit=lambda data: RulesState.change(
            setting.name, data.to(dict[str, str])[setting.name]
        ),
        # A new value is a new field; what is being typed elsewhere stays.
        key=f"{setting.name}-{value}",
        class_name="rule__form",
    )


def _field(setting: Setting, value: rx.Var[str]) -> rx.Component:
    props: dict[str, Any] = {
        "help_text": setting.help,
        "error": rx.cond(RulesState.faulty == setting.name, RulesState.fault, ""),
        "default_value": value,
    }
    if setting.kind == "amount":
        return money_field(setting.title, setting.name, RulesState.currency, **props)
    if setting.kind == "choice":
        options = [(option, option) for option in setting.options]
        return select_field(setting.title, setting.name, options, **props)
    mode = {"count": "numeric", "factor": "decimal"}.get(setting.kind, "text")
    return text_field(
        setting.title,
        setting.name,
        input_mode=mode,
        auto_complete="off",
        max_length=int(setting.most) if setting.kind == "text" else 12,
        **props,
    )
