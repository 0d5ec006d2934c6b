"""The form shows all that a config holds, and writing what it shows changes nothing."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexnum_console.providers import editing
from nexnum_console.providers.positions import pointer
from nexnum_console.reports import lab_form
from nexnum_console.reports.lab_form_items import Item

CONFIGS = sorted(
    path
    for folder in ("provider_configs", "tests/providers/invented")
    for path in Path(folder).glob("*.json")
    if path.name != "schema.json" and not path.name.endswith(".recordings.json")
)


def _documents() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in CONFIGS:
        yield path.stem, json.loads(path.read_text())


def _items(document: dict[str, Any], operation: str) -> list[Item]:
    return [item for group in lab_form.groups(document, operation) for item in group.items]


def _leaves(value: Any, where: str = "") -> Iterator[str]:
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for step, one in inside:
        below = f"{where}{pointer((step,))}"
        if isinstance(one, dict | list) and one:
            yield from _leaves(one, below)
        else:
            yield below


def _changed(item: Item, held: Any) -> str:
    """Another value of the same kind."""
    if isinstance(held, bool):
        return "false" if held else "true"
    if isinstance(held, list):
        return f"{item.value}, {held[0]}"
    return str(int(item.value) + 1) if type(held) is int else f"{item.value}x"


def test_there_are_configs_to_try() -> None:
    assert len(CONFIGS) >= 16


@pytest.mark.parametrize(("name", "document"), list(_documents()))
def test_everything_a_config_holds_is_shown(name: str, document: dict[str, Any]) -> None:
    shown: set[str] = set()
    for operation in lab_form.operations(document):
        items = _items(document, operation)
        pointers = [item.pointer for item in items]
        assert len(set(pointers)) == len(pointers), "nothing is shown twice"
        shown |= set(pointers)
    for leaf in _leaves(document):
        steps = leaf.split("/")
        above = {"/".join(steps[:end]) for end in range(2, len(steps) + 1)}
        assert above & shown, leaf


@pytest.mark.parametrize(("name", "document"), list(_documents()))
def test_writing_what_is_shown_changes_nothing(name: str, document: dict[str, Any]) -> None:
    for operation in lab_form.operations(document):
        again = copy.deepcopy(document)
        for item in _items(document, operation):
            if item.kind != "json":
                editing.put(again, item.pointer, item.value)
            if item.key:
                editing.rename(again, item.pointer, item.key)
        assert json.dumps(again) == json.dumps(document), operation


@pytest.mark.parametrize(("name", "document"), list(_documents()))
def test_an_edit_and_its_undoing_leave_the_config_as_it_was(
    name: str, document: dict[str, Any]
) -> None:
    """Form to JSON to form: edited values are shown as they were written."""
    for operation in lab_form.operations(document):
        items = [one for one in _items(document, operation) if one.kind != "json" and one.value]
        edited = copy.deepcopy(document)
        wanted = {one.pointer: _changed(one, editing.look(document, one.pointer)) for one in items}
        for place, value in wanted.items():
            editing.put(edited, place, value)
        shown = {one.pointer: one.value for one in _items(edited, operation)}
        assert {place: shown.get(place, wanted[place]) for place in wanted} == wanted
        for item in items:
            editing.put(edited, item.pointer, item.value)
        assert edited == document, operation


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(part=st.dictionaries(st.text(min_size=1), VALUES, max_size=5))
def test_whatever_stands_in_a_config_the_form_shows_it_and_loses_nothing(
    part: dict[str, Any],
) -> None:
    document = {"x": part, "endpoints": {"buy": {**part, "path": "/a"}}, "mappings": {"buy": part}}
    items = _items(document, "buy")
    shown = {item.pointer for item in items}
    for leaf in _leaves(document):
        steps = leaf.split("/")
        assert {"/".join(steps[:end]) for end in range(2, len(steps) + 1)} & shown, leaf
    for item in items:
        again = copy.deepcopy(document)
        if item.kind != "json":
            editing.put(again, item.pointer, item.value)
        assert json.dumps(again) == json.dumps(document), item.pointer
