"""Picking members out of a list: the row of one activation in a list of many."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from nexnum_console.providers import grammar
from nexnum_console.providers.rules import equals
from nexnum_console.providers.sources import Keys, path
from nexnum_console.providers.templates import Template

if TYPE_CHECKING:
    from nexnum_console.providers.rows import Found, Walk

Variables = Mapping[str, str]
Test = Callable[[Any], bool]


def filtered(reply: grammar.Reply, walk: Walk) -> Walk:
    """Walk only the members that ``where`` means; ``found.root`` becomes the first of them."""
    tests = [(path(place), _template(value)) for place, value in reply.where.items()]

    def members(root: Any, keys: Keys, parent: Any, variables: Variables, found: Found) -> None:
        wanted = [(place, _equal(value, variables)) for place, value in tests]

        def meant(node: Any) -> bool:
            return all(fits(place(node)) for place, fits in wanted)

        if isinstance(root, dict):
            kept: Any = {key: node for key, node in root.items() if meant(node)}
            found.root = next(iter(kept.values()), None)
        else:
            kept = [node for node in root if meant(node)]
            found.root = kept[0] if kept else None
        walk(kept, keys, parent, variables, found)

    return members


def _template(value: str | int | bool) -> Template:
    return Template(str(value).lower() if isinstance(value, bool) else str(value))


def _equal(value: Template, variables: Variables) -> Test:
    """A variable that is not given means no member."""
    wanted = value.render(variables)
    return (lambda _: False) if wanted is None else equals(wanted)
