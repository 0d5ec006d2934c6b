from __future__ import annotations

from typing import Any

import pytest

from nexnum_console.ui.shell.arguments import (
    Arguments,
    ArgumentsRefused,
    Key,
    Micro,
    Operator,
    Words,
)

BUY = Arguments({"key": Key, "operator": Operator, "most": Micro})
GOOD = {"key": "a" * 32, "operator": "any", "most": 420_000}


def test_what_was_declared_passes() -> None:
    BUY.check(GOOD)
    Arguments({}).check({})


@pytest.mark.parametrize(
    "change",
    [
        {"most": "420000"},
        {"most": 0.42},
        {"most": True},
        {"most": 0},
        {"most": None},
        {"key": "A" * 32},
        {"key": "a" * 31},
        {"operator": ""},
        {"operator": {"a": 1}},
        {"more": 1},
    ],
)
def test_anything_else_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ArgumentsRefused):
        BUY.check({**GOOD, **change})


def test_a_missing_argument_is_refused_and_values_stay_unsaid() -> None:
    with pytest.raises(ArgumentsRefused, match="words") as refused:
        Arguments({"words": Words}).check({"words": "secret" * 100})
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None
