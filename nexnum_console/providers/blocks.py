"""Rows of a long list gathered into blocks, each with the keys that lead to it.

They step through an answer as the walkers of ``rows.py`` do, and count what those count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, repeat
from operator import itemgetter
from typing import Any, Final

from nexnum_console.providers.columns import Columns, Rows
from nexnum_console.providers.rows import Found

BLOCK: Final = 2_048  # rows converted together: few enough to stay in the processor's cache

Blocks = Callable[[Any, Found], Iterator[Rows]]


def array_blocks(columns: Columns) -> Blocks:
    """Blocks of a list's members; the key of each is its index."""
    asked = bool(columns.depths_asked)

    def blocks(root: Any, found: Found) -> Iterator[Rows]:
        for start in range(0, len(root), BLOCK):
            nodes = root[start : start + BLOCK]
            keys = list(map(str, range(start, start + len(nodes)))) if asked else None
            yield Rows(nodes, [keys])

    return blocks


def dictionary_blocks(levels: list[str], columns: Columns) -> Blocks:
    """Blocks from whole innermost objects: their keys and values are copied at once."""
    named = [level != "-" for level in levels]
    asked = [depth in columns.depths_asked for depth in range(len(levels))]
    holders = _holders(named[:-1])

    def blocks(root: Any, found: Found) -> Iterator[Rows]:
        pile = _Pile(asked)
        for keys, objects in holders(root, (), found):
            pile.add(keys, objects, named[-1], found)
            if len(pile.nodes) >= BLOCK:
                yield pile.rows()
                pile = _Pile(asked)
        yield pile.rows()

    return blocks


class _Pile:
    """Rows gathered from objects that hold them, and what is needed to tell their keys."""

    def __init__(self, asked: list[bool]) -> None:
        self.nodes: list[Any] = []
        self._asked = asked
        self._own: list[str] = []
        self._parents: list[str] = []
        self._counts: list[int] = []
        self._above: list[tuple[str, ...]] = []
        self._totals: list[int] = []

    def add(
        self, keys: tuple[str, ...], objects: dict[str, Any], named: bool, found: Found
    ) -> None:
        """Take the rows of every object; ``keys`` lead to what holds the objects."""
        before = len(self.nodes)
        nodes, own, counts = self.nodes.extend, self._own.extend, self._counts.append
        tells = self._asked[-1]
        for members in objects.values():
            if type(members) is not dict or (named and "" in members):
                members = _members(members, named, found)  # noqa: PLW2901
            nodes(members.values())
            counts(len(members))
            if tells:
                own(members)
        self._parents.extend(objects)
        self._above.append(keys)
        self._totals.append(len(self.nodes) - before)

    def rows(self) -> Rows:
        """All of them as one block."""
        *above, parents, own = [None, *self._asked]
        keys: list[list[str] | None] = [
            _spread(map(itemgetter(depth), self._above), self._totals) if asked else None
            for depth, asked in enumerate(above[1:])
        ]
        if len(self._asked) > 1:
            keys.append(_spread(self._parents, self._counts) if parents else None)
        return Rows(self.nodes, [*keys, self._own if own else None])


def _spread(keys: Iterable[str], counts: list[int]) -> list[str]:
    """The keys of outer objects, repeated for each of their rows."""
    return list(chain.from_iterable(map(repeat, keys, counts)))


Walk = Callable[[Any, tuple[str, ...], Found], Iterator[tuple[tuple[str, ...], dict[str, Any]]]]


def _holders(named: list[bool]) -> Walk:
    """What holds the objects of rows, each with the keys that lead to it."""
    if not named:
        return lambda node, keys, found: iter([(keys, {"": node})])
    first, *rest = named
    if not rest:
        return lambda node, keys, found: iter([(keys, _members(node, first, found))])
    inner = _holders(rest)

    def walk(node: Any, keys: tuple[str, ...], found: Found) -> Any:
        for key, member in _members(node, first, found).items():
            yield from inner(member, (*keys, key), found)

    return walk


def _members(node: Any, named: bool, found: Found) -> dict[str, Any]:
    """As ``rows.py`` steps into a level: what has no key or is no level counts as unreadable."""
    if type(node) is dict:
        if named and "" in node:
            found.skipped += 1
            return {key: member for key, member in node.items() if key}
        return node
    if type(node) is list and not (named and node):
        return {str(index): member for index, member in enumerate(node)}
    found.skipped += 1
    return {}
