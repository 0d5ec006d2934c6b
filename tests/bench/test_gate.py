"""The gate's bench: a Redis of its own, and every look is really one."""

from __future__ import annotations

import pytest

from bench import gate
from nexnum_console.providers import gate as product


def test_looks_are_the_products_and_are_all_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    entered: list[str] = []
    enter = product.Gate.enter

    def counted(self: product.Gate, call: product.Call) -> product.Permit:
        entered.append(call.operation)
        return enter(self, call)

    monkeypatch.setattr(product.Gate, "enter", counted)
    monkeypatch.setattr(gate, "TURNS", 40)
    monkeypatch.setattr(gate, "WARM", 5)
    found = gate.measured()
    assert entered == ["status"] * 45
    assert found["turns"] == 40
    for name in ("ping", "empty_script", "look", "told"):
        assert 0 < found[f"{name}_p50_ms"] <= found[f"{name}_p95_ms"]
    assert found["server_us_a_script"] > found["server_us_a_ping"] > 0
