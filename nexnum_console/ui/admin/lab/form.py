"""The form pane: the common parts of a config, each field tied to its place in the JSON."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.lab_form_items import CHOICES, Group, Item
from nexnum_console.ui.admin.lab.state import LabState
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.icon import icon
from nexnum_console.ui.components.states import banner

# What it means that a choice is not made.
_BLANK = {"transform": "none", "method": "GET, if not said"}


def form_pane() -> rx.Component:
    """All groups of the chosen operation, then those of the provider."""
    return rx.el.section(
        rx.el.header(rx.el.h2("Form", id="pane-form", class_name="grow")),
        rx.el.div(
            rx.cond(
                LabState.stale,
                banner(
                    "warn",
                    "alert",
                    rx.el.p("The JSON has faults. This is the last form without any; it is off."),
                ),
            ),
            rx.el.fieldset(
                rx.foreach(LabState.groups, _group),
                disabled=LabState.stale | ~LabState.may_manage,
                class_name="labform",
            ),
            class_name="pane__b pane__b--form",
            tab_index=0,
            role="region",
            custom_attrs={"aria-labelledby": "pane-form"},
        ),
        class_name="pane",
        custom_attrs={"data-testid": "form"},
    )


def _group(group: rx.Var[Group]) -> rx.Component:
    more = button(
        group.add_word,
        kind="ghost",
        size="sm",
        symbol="plus",
        on_click=LabState.add(group.adds),
    )
    return rx.el.fieldset(
        rx.el.legend(group.title),
        rx.foreach(group["items"], _item),
        rx.cond(group.adds != "", more),
        class_name="labgroup",
    )


def _item(item: rx.Var[Item]) -> rx.Component:
    return rx.match(
        item.kind,
        ("select", _select(item)),
        ("pair", _pair(item)),
        ("field", _field(item)),
        ("json", _json(item)),
        _text(item),
    )


def _text(item: rx.Var[Item]) -> rx.Component:
    return rx.el.label(
        rx.el.span(item.label),
        _input(item.value, item.pointer, item.label),
        class_name="labfield",
    )


def _json(item: rx.Var[Item]) -> rx.Component:
    """What no line of text can hold: told, with the way to its place."""
    return rx.el.div(
        rx.el.span(item.label),
        rx.el.button(
            item.value,
            ", edited in JSON",
            type="button",
            class_name="link small",
            on_click=LabState.jump(item.pointer),
        ),
        class_name="labfield",
    )


def _input(value: rx.Var[str], pointer: rx.Var[str], label: rx.Var[str]) -> rx.Component:
    return rx.el.input(
        default_value=value,
        key=pointer + "=" + value,
        on_blur=lambda text: rx.cond(text == value, rx.noop(), LabState.put(pointer, text)),
        class_name="input input--mono input--sm",
        spell_check=False,
        auto_complete="off",
        custom_attrs={"aria-label": label, "data-pointer": pointer},
    )


def _choice(item: rx.Var[Item], value: rx.Var[str], on_change, label: rx.Var | str):
    """A select of a list that the page knows; what the config says beside it is offered, too."""

    def select(name: str) -> rx.Component:
        return rx.el.select(
            rx.el.option(_BLANK.get(name, "not set"), value=""),
            rx.cond(item.odd != "", rx.el.option(item.odd, value=item.odd)),
            *(rx.el.option(one, value=one) for one in CHOICES[name]),
            value=value,
            on_change=on_change,
            class_name="select input--sm",
            custom_attrs={"aria-label": label},
        )

    first, *others = CHOICES
    lists = rx.match(item.options, *((name, select(name)) for name in others), select(first))
    return rx.el.span(lists, icon("chevron"), class_name="selectwrap")


def _select(item: rx.Var[Item]) -> rx.Component:
    return rx.el.label(
        rx.el.span(item.label),
        _choice(item, item.value, lambda text: LabState.put(item.pointer, text), item.label),
        class_name="labfield",
    )


def _key(item: rx.Var[Item]) -> rx.Component:
    return rx.el.input(
        default_value=item.key,
        key=item.pointer + "#" + item.key,
        on_blur=lambda text: rx.cond(
            text == item.key, rx.noop(), LabState.rename(item.pointer, text)
        ),
        class_name="input input--mono input--sm",
        spell_check=False,
        auto_complete="off",
        custom_attrs={"aria-label": "Key " + item.key},
    )


def _pair(item: rx.Var[Item]) -> rx.Component:
    known = _choice(
        item, item.value, lambda text: LabState.put(item.pointer, text), "Value of " + item.key
    )
    return rx.el.div(
        _key(item),
        rx.cond(
            item.options != "",
            known,
            _input(item.value, item.pointer, "Value of " + item.key),
        ),
        class_name="labpair",
    )


def _field(item: rx.Var[Item]) -> rx.Component:
    """An output, where it comes from, and its transform; pointing at it lights its bytes."""
    return rx.el.div(
        _key(item),
        rx.el.span("←", class_name="low", custom_attrs={"aria-hidden": "true"}),
        _input(item.value, item.pointer, "Source of " + item.key),
        _choice(
            item,
            item.extra,
            lambda text: LabState.transform(item.pointer, text),
            "Transform of " + item.key,
        ),
        class_name="labmap",
        custom_attrs={"data-lights": item.key},
    )
