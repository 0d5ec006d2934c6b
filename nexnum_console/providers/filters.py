"""Picking members out of a list: the row of one activation in a list of many."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from nexnum_console.providers import grammar
from nexnum_console.providers.bodies import template
from nexnum_console.providers.rules import equals
from nexnum_console.providers.sources import Keys, PathReader, path
from nexnum_console.providers.templates import Template

if TYPE_CHECKING:
    from nexnum_console.providers.rows import Found, Walk

Variables = Mapping[str, str]
Test = Callable[[Any], bool]
Meant = Callable[[str, Any], bool]  # a member's key, and the member

OWN_KEY: Final = "$key"


def where_path(written: str) -> PathReader | None:
    """A path of ``where``, None for the member's own key. Raises BadSource."""
    return None if written == OWN_KEY else path(written)


def chooser(reply: grammar.Reply) -> Callable[[Variables], Meant]:
    """Compile ``where``: given the variables, whether a member is meant."""
    tests = [(where_path(place), template(value)) for place, value in reply.where.items()]

    def chosen(variables: Variables) -> Meant:
        wanted = [(place, _equal(value, variables)) for place, value in tests]
        return lambda key, node: all(
            fits(key if place is None else place(node)) for place, fits in wanted
        )

    return chosen


def filtered(reply: grammar.Reply, walk: Walk) -> Walk:
    """Walk only the members that ``where`` means; ``found.root`` becomes the first of them."""
    choose = chooser(reply)

    def members(root: Any, keys: Keys, parent: Any, variables: Variables, found: Found) -> None:
        meant = choose(variables)
        if isinstance(root, dict):
            kept: Any = {key: node for key, node in root.items() if meant(key, node)}
            found.root = next(iter(kept.values()), None)
        else:
            kept = [node for index, node in enumerate(root) if meant(str(index), node)]
            found.root = kept[0] if kept else None
        walk(kept, keys, parent, variables, found)

    return members


def _equal(value: Template, variables: Variables) -> Test:
    """A variable that is not given means no member."""
    wanted = value.render(variables)
    return (lambda _: False) if wanted is None else equals(wanted)
