"""The audit log in words: no code that the product writes is left without a sentence."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from nexnum_console import operations, providers
from nexnum_console.accounts.capabilities import EVERY
from nexnum_console.operations import ledger_check
from nexnum_console.reports import deeds

CODE = re.compile(r"[a-z]+(\.[a-z_]+)+")


def written() -> set[str]:
    """Codes that stand in the operations, and those of providers about themselves."""
    found = {text for text in _texts(operations.__path__) if CODE.fullmatch(text)}
    found |= {t for t in _texts(providers.__path__) if CODE.fullmatch(t) and t[:9] == "provider."}
    return {text for text in found if not text.startswith("workers.")}


def _texts(room: Iterable[str]) -> Iterator[str]:
    for file in Path(next(iter(room))).glob("*.py"):
        if file.name == "models.py":  # names of columns look like codes
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_every_deed_has_words_and_no_words_are_of_nothing() -> None:
    assert set(deeds.DEEDS) <= written()
    assert written() - set(deeds.DEEDS) - EVERY == {ledger_check.KIND}


@pytest.mark.parametrize(
    ("target", "email", "name", "page"),
    [
        ("user:7", "ann@example.org", "ann@example.org", "/console/users/7"),
        ("user:7", None, "user 7", "/console/users/7"),
        ("provider:fivesim", None, "provider fivesim", "/console/providers/fivesim"),
        ("penalty:4", None, "penalty 4", "/console/deposits/penalties?no=4"),
        ("setting:margin:low", None, "setting margin:low", ""),
        ("sandbox", None, "sandbox", ""),
    ],
)
def test_a_target_is_named_and_found(target: str, email: str | None, name: str, page: str) -> None:
    assert (deeds.name_of(target, email), deeds.page_of(target)) == (name, page)


def test_a_code_nobody_knows_is_still_read() -> None:
    assert deeds.words("gateway.closed_early") == "Gateway closed early"
