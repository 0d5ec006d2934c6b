"""The parts a form is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, get_args

from nexnum_console.providers import editing, transforms
from nexnum_console.providers.errors import Code
from nexnum_console.providers.grammar import Auth, Body, Pagination, ReplyType, Route
from nexnum_console.providers.vocabulary import STATES

# What a field may be, by the name of the list: the page holds the lists, no message does.
CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "method": get_args(Route.model_fields["method"].annotation),
    "auth": get_args(Auth.model_fields["type"].annotation),
    "reply": get_args(ReplyType),
    "body": get_args(Body.model_fields["type"].annotation),
    "pages": get_args(Pagination.model_fields["type"].annotation),
    "code": tuple(code.value for code in Code),
    "state": STATES,
    "transform": tuple(transforms.NAMED),
    "yes": ("true", "false"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to edit. ``kind`` text, select, pair or field; ``json`` is only told here.

    A pair has a ``key`` to rename and a ``value``; a field is an output (``key``), its source
    (``value``) and its transform (``extra``). ``options`` names one of CHOICES; ``odd`` is a
    value that is not in it.
    """

    kind: str
    pointer: str
    label: str
    value: str
    key: str = ""
    extra: str = ""
    options: str = ""
    odd: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Items under one heading; ``adds`` is the pointer of the map that pairs are added to."""

    title: str
    items: list[Item]
    adds: str = ""
    add_word: str = ""


def odd(value: str, options: str) -> str:
    """The value, where it is none of the list."""
    return "" if not options or value in CHOICES[options] else value


def text_item(where: str, label: str, value: Any) -> Item:
    """A line of text."""
    return Item("text", where, label, editing.shown(value))


def select_item(where: str, label: str, value: Any, options: str) -> Item:
    """One of a list, or nothing."""
    chosen = editing.shown(value)
    return Item("select", where, label, chosen, "", "", options, odd(chosen, options))
