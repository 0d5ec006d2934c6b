"""When a budget is kept."""

from __future__ import annotations

import pytest

from bench.ui import Budget


@pytest.mark.parametrize(
    ("value", "unit", "kept"),
    [(149.9, "ms", True), (150.0, "ms", False), (150.0, "KB", True), (150.1, "KB", False)],
)
def test_a_time_must_stay_below_and_a_weight_may_reach(value: float, unit: str, kept: bool) -> None:
    budget = Budget("x", value, 150, unit, samples=1)
    assert (budget.ok, budget.document()["ok"]) == (kept, kept)
