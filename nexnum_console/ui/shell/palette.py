"""The command palette and the sheet of shortcuts: native dialogs that ``assets/palette.js`` runs.

They open and filter in the browser, with what the server sent for this person; only the search
for records asks the server.
"""

from __future__ import annotations

import reflex as rx

from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.icon import icon
from nexnum_console.ui.components.states import notice
from nexnum_console.ui.shell.palette_state import PaletteState, RecordLink
from nexnum_console.ui.shell.shell_state import ActionItem, NavItem, ShellState

WAIT_MS = 150
_LIST = "palette-list"
_MODES = (("#", "numbers"), ("@", "users"), ("$", "ledger"), (">", "actions"))
_KEYS = (
    ("?", "This sheet"),
    ("/", "The search of the list on this page"),
    ("Esc", "Close what is on top"),
    ("↑ ↓", "Move in a list of choices"),
    ("↵", "Open what is chosen"),
)


def palette() -> rx.Component:
    """Once on each page behind the door."""
    return rx.fragment(_palette(), _shortcuts(), _errands())


def palette_notice() -> rx.Component:
    """What an action of the palette has to say."""
    return notice(PaletteState.notice, PaletteState.dismiss_notice)


def _palette() -> rx.Component:
    return rx.el.dialog(
        rx.el.div(
            icon("search"),
            rx.el.input(
                id="palette-words",
                type="text",
                placeholder="Search or jump to",
                auto_complete="off",
                spell_check=False,
                max_length=120,
                role="combobox",
                on_change=lambda words: PaletteState.find(words).debounce(WAIT_MS),
                custom_attrs={
                    "aria-label": "Search or jump to",
                    "aria-controls": _LIST,
                    "aria-expanded": "true",
                    "aria-autocomplete": "list",
                    "enterkeyhint": "go",
                },
            ),
            rx.el.button(rx.el.kbd("Esc"), type="button", custom_attrs={"data-shuts": ""}),
            class_name="palette__in",
        ),
        rx.el.div(
            _group("records", "Records", rx.foreach(PaletteState.found, _record)),
            _group("go", "Go to", rx.foreach(ShellState.console, _go), _go_store()),
            _group("do", "Actions", rx.foreach(ShellState.actions, _action)),
            id=_LIST,
            role="listbox",
            class_name="palette__list",
            custom_attrs={"aria-label": "Results", "data-asked": PaletteState.asked},
        ),
        rx.el.p("Nothing matches.", class_name="palette__none", hidden=True),
        rx.el.p(class_name="sr", role="status", custom_attrs={"data-count": ""}),
        rx.el.p(
            *(rx.el.span(rx.el.kbd(mark), " ", word) for mark, word in _MODES),
            rx.el.span(rx.el.kbd("?"), " keys", class_name="wide-only"),
            class_name="palette__foot",
        ),
        id="palette",
        class_name="palette",
        custom_attrs={"data-local": "", "aria-label": "Search or jump to"},
    )


def _group(key: str, title: str, *options: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.div(title, id=f"palette-{key}", class_name="palette__group"),
        *options,
        role="group",
        custom_attrs={"aria-labelledby": f"palette-{key}", "data-group": key},
    )


def _record(row: rx.Var[RecordLink]) -> rx.Component:
    return _option(
        row.key, icon(row.icon), row.title, rx.el.span(row.detail, class_name="end"), row.href
    )


def _go(item: rx.Var[NavItem]) -> rx.Component:
    keys = rx.cond(
        item.hotkey != "",
        rx.fragment(" ", rx.el.kbd("G"), " ", rx.el.kbd(item.hotkey.upper())),
    )
    return _option(
        "go-" + item.path,
        icon(item.icon),
        item.title,
        rx.el.span(item.area, keys, class_name="end"),
        item.path,
        {"data-words": item.words, "data-hotkey": item.hotkey},
    )


def _go_store() -> rx.Component:
    return rx.foreach(ShellState.store, _go)


def _action(item: rx.Var[ActionItem]) -> rx.Component:
    return rx.cond(
        item.href != "",
        _option("do-" + item.title, icon(item.icon), item.title, None, item.href, _words(item)),
        _option(
            "do-" + item.title,
            icon(item.icon),
            item.title,
            None,
            None,
            {**_words(item), "data-act": item.act},
        ),
    )


def _words(item: rx.Var[ActionItem]) -> dict[str, rx.Var[str]]:
    return {"data-words": item.words}


def _option(
    key: rx.Var[str],
    picture: rx.Component,
    title: rx.Var[str],
    end: rx.Component | None,
    href: rx.Var[str] | None,
    attrs: dict | None = None,
) -> rx.Component:
    parts = [picture, rx.el.span(title, class_name="cut"), *([end] if end is not None else [])]
    marks = {"aria-selected": "false", **(attrs or {})}
    shared = {"id": "palette-" + key, "role": "option", "tab_index": -1, "custom_attrs": marks}
    if href is None:
        return rx.el.div(*parts, class_name="palette__one", **shared)
    return rx.el.a(*parts, href=href, class_name="palette__one", **shared)


def _shortcuts() -> rx.Component:
    fixed = [rx.el.div(rx.el.dt(_caps(keys)), rx.el.dd(words)) for keys, words in _KEYS]
    return rx.el.dialog(
        rx.el.div(
            rx.el.h2("Keyboard shortcuts", class_name="grow"),
            button(
                icon("x"),
                kind="ghost",
                size="sm icon",
                custom_attrs={"data-shuts": "", "aria-label": "Close"},
            ),
            class_name="drawer__head",
        ),
        rx.el.dl(
            rx.el.div(
                rx.el.dt(
                    rx.el.kbd("⌘", class_name="mac-only"),
                    rx.el.kbd("Ctrl", class_name="pc-only"),
                    rx.el.kbd("K"),
                ),
                rx.el.dd("Search or jump to"),
            ),
            *fixed,
            rx.foreach(ShellState.console, _hotkey),
            rx.foreach(ShellState.store, _hotkey),
            class_name="keys",
        ),
        id="shortcuts",
        class_name="dialog",
        custom_attrs={"data-local": "", "aria-label": "Keyboard shortcuts"},
    )


def _caps(keys: str) -> rx.Component:
    return rx.fragment(*(rx.el.kbd(key) for key in keys.split()))


def _hotkey(item: rx.Var[NavItem]) -> rx.Component:
    return rx.cond(
        item.hotkey != "",
        rx.el.div(
            rx.el.dt(rx.el.kbd("G"), rx.el.kbd(item.hotkey.upper())),
            rx.el.dd("Go to " + item.title, rx.cond(item.area == "Store", " (store)", "")),
        ),
    )


def _errands() -> rx.Component:
    """What the scripts press: no words, no place in the order of the keyboard."""
    presses = (
        ("sync", PaletteState.sync_all),
        ("hidden", ShellState.tab_hidden),
        ("seen", ShellState.tab_seen),
        ("feel", ShellState.feel),
    )
    return rx.el.div(
        *(
            rx.el.button(type="button", on_click=event, custom_attrs={"data-errand": name})
            for name, event in presses
        ),
        hidden=True,
    )
