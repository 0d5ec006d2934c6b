"""Broken configs: each fault with pointer, line, column, words and cure; all of them in one go."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexnum_console.providers.lint import lint
from nexnum_console.providers.loading import (
    ConfigError,
    Problem,
    check_config,
    load_config,
    text_of,
)
from tests.providers.broken_faults import FAULTS

BROKEN = Path(__file__).parent / "broken"


def expected() -> dict[str, list[tuple[str, int, int, str, str]]]:
    table = defaultdict(list)
    for name, *fault in FAULTS:
        table[name].append(tuple(fault))
    return table


def problems(name: str) -> list[Problem]:
    file = BROKEN / f"{name}.json"
    with pytest.raises(ConfigError) as caught:
        load_config(text_of(file.read_bytes(), file.name), file.name)
    return caught.value.problems


def test_every_file_is_in_the_table() -> None:
    assert {file.stem for file in BROKEN.glob("*.json")} == set(expected())
    assert len(expected()) >= 50


@pytest.mark.parametrize("name", sorted(expected()))
def test_a_broken_config_is_told_with_place_and_cure(name: str) -> None:
    found = problems(name)
    told = [(each.pointer, each.line, each.column) for each in found]
    assert told == [fault[:3] for fault in expected()[name]]
    for problem, (_, _, _, message, cure) in zip(found, expected()[name], strict=True):
        assert message in problem.message
        assert problem.cure.startswith(cure)


@pytest.mark.parametrize("name", sorted(set(expected()) - {"utf_16", "empty"}))
def test_the_caret_stands_under_the_fault(name: str) -> None:
    raw = (BROKEN / f"{name}.json").read_bytes().decode("utf-8", errors="replace")
    for problem in problems(name):
        line, caret = problem.excerpt.split("\n")
        written = raw.split("\n")[problem.line - 1].replace("\ufeff", " ")
        after = written[problem.column - 1 :]
        assert line[caret.index("^") :].rstrip("…").startswith(after[:9].rstrip())
        assert caret.strip() == "^"


def test_a_pasted_key_is_not_shown() -> None:
    for problem in problems("unknown_key_that_is_a_secret"):
        assert "4242" not in problem.shown()
        assert "4242" not in str(problem)
        assert '"apiKey": "••••••••••••",' in problem.excerpt


SHIPPED = (Path(__file__).parents[2] / "provider_configs" / "fivesim.json").read_text("utf-8")
SIGNS = st.sampled_from([*'{}[]":,\\ \n0-x"“', "null", "//", "NaN", "'", "\ud800", "\x00"])


@settings(max_examples=200, deadline=None)
@given(
    cut=st.integers(0, len(SHIPPED)),
    length=st.integers(0, 40),
    put=st.lists(SIGNS, max_size=4).map("".join),
)
def test_any_damage_is_told_within_the_file_and_nothing_else_escapes(
    cut: int, length: int, put: str
) -> None:
    text = SHIPPED[:cut] + put + SHIPPED[cut + length :]
    checked = check_config(text, "damaged.json")
    assert (checked.config is None) == bool(checked.problems)
    lines = text.split("\n")
    for problem in checked.problems:
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
        assert problem.message
        assert problem.shown()


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_value_of_another_type_is_told_at_its_pointer(data: st.DataObject) -> None:
    document = json.loads(SHIPPED)
    place, steps = document, list[str]()
    while isinstance(place, dict) and place:
        key = data.draw(st.sampled_from(sorted(place)))
        steps.append(key)
        if not isinstance(place[key], dict) or data.draw(st.booleans()):
            place[key] = data.draw(
                st.sampled_from([None, 3.5, [], {}, True, "", "x", [1], {"a": {"b": 1}}, -1])
            )
            break
        place = place[key]
    text = json.dumps(document, indent=2)
    checked = check_config(text, "changed.json")
    for problem in checked.problems:
        line = text.split("\n")[problem.line - 1]
        assert problem.column <= len(line) + 1
    if checked.config is not None:
        assert lint(checked, "changed.json") is not None
