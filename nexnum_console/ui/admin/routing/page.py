"""The policy page: each weight with what it does, tried on past orders before it is saved."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

from nexnum_console.core.known_settings import SETTINGS, Setting
from nexnum_console.reports.routing_policy import RuleLine
from nexnum_console.ui.admin.facts import heads, labelled
from nexnum_console.ui.admin.routing.frame import PATH, routing_frame
from nexnum_console.ui.admin.routing.preview import preview_card
from nexnum_console.ui.admin.routing.state import RoutingState
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.card import card
from nexnum_console.ui.components.cells import moment
from nexnum_console.ui.components.clock import ago
from nexnum_console.ui.components.dialog import dialog
from nexnum_console.ui.components.field import money_field, select_field, text_field
from nexnum_console.ui.components.states import chip, loading

__all__ = ["PATH", "page"]

_PREFIX: Final = "routing_"
_WEIGHTS: Final = tuple(one for one in SETTINGS if one.name.startswith(_PREFIX))
_LAST: Final = [("500", "500 orders"), ("2000", "2,000 orders"), ("10000", "10,000 orders")]
_HOURS: Final = [
    ("0", "Until it is taken back"),
    ("1", "1 hour"),
    ("6", "6 hours"),
    ("24", "1 day"),
    ("168", "7 days"),
    ("720", "30 days"),
]


def page() -> rx.Component:
    """Policy and preview side by side, pins and bans below."""
    return routing_frame(
        RoutingState,
        "policy",
        "Routing",
        rx.cond(RoutingState.loaded, _whole(), loading(8)),
        _rule_form(),
        side=rx.el.p("Policy ", rx.el.code(RoutingState.version), class_name="caption"),
    )


def _whole() -> rx.Component:
    return rx.fragment(
        rx.el.div(
            rx.el.div(_policy(), class_name="span6"),
            rx.el.div(preview_card(), class_name="span6 routing__preview"),
            class_name="board",
        ),
        _rules(),
    )


def _policy() -> rx.Component:
    rows = rx.el.div(*(_weight(one) for one in _WEIGHTS), class_name="rules__list routing__weights")
    way = rx.el.div(
        rx.cond(
            RoutingState.fault != "",
            rx.el.p(RoutingState.fault, class_name="fault", role="alert"),
        ),
        rx.el.div(
            select_field("Look back at the last", "last", _LAST, default_value="2000"),
            button(
                "Try on past orders",
                kind="primary",
                symbol="activity",
                type="submit",
                busy=RoutingState.trying,
            ),
            class_name="row wrap routing__try",
        ),
        rx.el.p(
            "Nothing is saved by trying: what it would have changed is shown first.",
            class_name="caption",
        ),
        class_name="stack",
    )
    return card(
        "Policy",
        rx.el.form(
            rows,
            rx.cond(RoutingState.may_manage, way),
            on_submit=lambda data: RoutingState.try_policy(
                _written(data.to(dict[str, str])), data.to(dict[str, str])["last"]
            ),
            # What is typed stays until another policy holds.
            key=RoutingState.version,
            class_name="card__body",
            custom_attrs={"aria-label": "Policy"},
        ),
    )


def _written(data: Any) -> dict[str, Any]:
    """The form's weights by their names, without what else it holds."""
    names = [one.name.removeprefix(_PREFIX) for one in _WEIGHTS]
    return {name: data[name] for name in names}


def _weight(setting: Setting) -> rx.Component:
    name = setting.name.removeprefix(_PREFIX)
    changed = RoutingState.changed_ms[name]
    return rx.el.div(
        _field(setting, name),
        rx.el.p(RoutingState.words[name], class_name="small"),
        rx.el.p(
            "Default ",
            RoutingState.defaults[name],
            rx.cond(changed > 0, rx.fragment(" · changed ", ago(changed))),
            class_name="caption",
        ),
        class_name="rule",
        custom_attrs={"data-weight": name},
    )


def _field(setting: Setting, name: str) -> rx.Component:
    props: dict[str, Any] = {
        "help_text": setting.help,
        "default_value": RoutingState.values[name],
        "disabled": ~RoutingState.may_manage,
    }
    if setting.kind == "choice":
        options = [(option, option.capitalize()) for option in setting.options]
        return select_field(setting.title, name, options, **props)
    if setting.kind == "amount":
        return money_field(setting.title, name, RoutingState.currency, **props)
    return text_field(
        setting.title, name, input_mode="decimal", auto_complete="off", max_length=12, **props
    )


def _rules() -> rx.Component:
    table = rx.el.table(
        heads("Provider", "What", "For", "Why", "By", ">Since", ">Until", ""),
        rx.el.tbody(rx.foreach(RoutingState.rules, _rule)),
        class_name="table",
        custom_attrs={"data-testid": "rules"},
    )
    add = rx.cond(
        RoutingState.may_manage,
        button("Pin or ban", size="sm", symbol="plus", on_click=RoutingState.ask_rule),
    )
    return card(
        "Pins and bans",
        rx.cond(
            RoutingState.rules.length() > 0,
            rx.el.div(table, class_name="tablewrap"),
            rx.el.p(
                "No provider is pinned or banned. A pin leaves only the pinned, while one of them"
                " can be asked; a ban leaves one out. The narrowest rule that fits an order holds.",
                class_name="card__body mid",
            ),
        ),
        side=[add],
    )


def _rule(line: rx.Var[RuleLine]) -> rx.Component:
    mark = rx.cond(
        line.holds,
        rx.cond(
            line.kind == "pin", chip("info", "bookmark", "Pinned"), chip("danger", "ban", "Banned")
        ),
        chip("low", "clock", "Ended"),
    )
    free = rx.cond(
        RoutingState.may_manage,
        button(
            "Take back",
            size="sm",
            on_click=RoutingState.free_rule(line.provider, line.service, line.country),
            custom_attrs={"aria-label": "Take back the rule of " + line.provider},
        ),
    )
    return rx.el.tr(
        rx.el.th(
            rx.el.a(line.title, href="/console/providers/" + line.provider, class_name="link"),
            scope="row",
        ),
        labelled("What", mark),
        labelled("For", line.where),
        labelled("Why", line.reason),
        labelled("By", line.actor),
        labelled("Since", moment(line.at_ms), "r"),
        labelled("Until", rx.cond(line.until_ms > 0, moment(line.until_ms), "no end"), "r"),
        labelled("", free, "r"),
    )


def _rule_form() -> rx.Component:
    options = [rx.foreach(RoutingState.providers, lambda name: rx.el.option(name, value=name))]
    form = rx.el.form(
        select_field("Provider", "provider", options),
        select_field(
            "What",
            "kind",
            [("ban", "Ban: never ask it"), ("pin", "Pin: ask the pinned alone")],
        ),
        text_field("Service", "service", help_text="Our code, as telegram. Empty: every service."),
        text_field("Country", "country", help_text="Two letters, as GB. Empty: every country."),
        select_field("How long", "hours", _HOURS, default_value="24"),
        text_field("Reason", "reason", required=True, max_length=240, error=RoutingState.wrong),
        id="rule-form",
        class_name="stack",
        on_submit=lambda data: RoutingState.add_rule(
            *(
                data.to(dict[str, str])[name]
                for name in ("provider", "kind", "service", "country", "hours", "reason")
            )
        ),
    )
    return dialog(
        RoutingState.ruling,
        RoutingState.close_rule,
        "Pin or ban a provider",
        form,
        foot=[button("Save the rule", kind="primary", type="submit", form="rule-form")],
    )
