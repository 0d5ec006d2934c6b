"""Every fault says what to do: of the checks' own source, and of every broken config here."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from nexnum_console import providers
from nexnum_console.providers.loading import check_config, text_of
from nexnum_console.providers.problems import ConfigError
from tests.providers.test_broken import BROKEN

ROOM = Path(providers.__file__).parent
CHECKS = sorted(ROOM.glob("check*.py"))
_KNOWN_WORDS = 4  # path, message, word, the words that are known: the cure is made of them


def calls(file: Path) -> list[ast.Call]:
    found = ast.walk(ast.parse(file.read_text("utf-8")))
    return [
        node
        for node in found
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Fault"
    ]


@pytest.mark.parametrize("file", CHECKS, ids=lambda file: file.stem)
def test_no_check_makes_a_fault_without_a_cure(file: Path) -> None:
    made = calls(file)
    silent = [
        call.lineno
        for call in made
        if len(call.args) < _KNOWN_WORDS and "cure" not in {each.arg for each in call.keywords}
    ]
    assert made
    assert silent == []


@pytest.mark.parametrize("file", sorted(BROKEN.glob("*.json")), ids=lambda file: file.stem)
def test_every_fault_of_a_broken_file_has_place_and_cure(file: Path) -> None:
    try:
        found = check_config(text_of(file.read_bytes(), file.name), file.name).problems
    except ConfigError as error:
        found = error.problems
    assert found
    for problem in found:
        assert problem.source == file.name
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.cure, problem
