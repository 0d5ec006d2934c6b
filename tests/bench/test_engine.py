"""The engine's bench: the same bytes each time, verdicts that can fail."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bench import engine, price_lists
from bench.engine import Target, WrongRows

MAKERS = {
    "fivesim": (price_lists.fivesim, 5.3),
    "v3": (price_lists.v3, 6.2),
    "flat": (price_lists.flat, 6.3),
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_list_has_its_size_its_offers_and_the_same_bytes(name: str) -> None:
    make, megabytes = MAKERS[name]
    body = make()
    assert body == make()
    assert len(body) / 1e6 == pytest.approx(megabytes, rel=0.1)
    compiled = {
        "fivesim": lambda: engine.shipped("fivesim"),
        "v3": lambda: engine.shipped("smsbower_v3"),
        "flat": engine.flat_provider,
    }[name]()
    rows = engine.checked(body, compiled).rows
    assert len({(row.country, row.service, row.operator, row.price, row.stock) for row in rows}) > (
        price_lists.OFFERS * 0.99
    )
    assert all(row.country and row.service and row.price for row in rows)


def test_rows_that_are_not_read_stop_the_bench() -> None:
    short = [{"price": 1, "country": 1, "service": str(n)} for n in range(4)]
    body = json.dumps([*short, None]).encode()
    compiled = engine.flat_provider()
    with pytest.raises(WrongRows, match="4 rows read and 1 skipped"):
        engine.checked(body, compiled)


@pytest.mark.parametrize(
    ("value", "limit", "kept"), [(2.0, 2.0, True), (2.01, 2.0, False), (99.0, None, True)]
)
def test_a_target_is_kept_up_to_its_limit(value: float, limit: float | None, kept: bool) -> None:
    target = Target("x", value, limit, "ratio")
    assert (target.ok, target.document()["ok"]) == (kept, kept)


def test_one_broken_target_fails_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[str, Any]] = []

    class Quiet:
        def doing(self, what: str) -> None: ...
        def tell(self, **facts: Any) -> None: ...
        def close(self, summary: Any) -> None:
            told.append(dict(summary))

    found = [Target("a", 1.0, 4.0, "ratio"), Target("b", 60.0, 50.0, "ms")]
    monkeypatch.setattr(engine, "_targets", lambda report: iter(found))
    assert engine.run(Quiet(), 1.0) is False
    assert {name: each["ok"] for name, each in told[0]["targets"].items()} == {
        "a": True,
        "b": False,
    }
    assert told[0]["targets"]["a"]["ratio"] == 1.0


def test_the_small_exchange_is_what_a_poll_gets() -> None:
    short = engine.shortened(price_lists.fivesim())
    assert engine.TRACED_BYTES * 0.9 < len(short) <= engine.TRACED_BYTES * 1.02
    assert engine.ratio([2.0, 9.0, 3.0], [1.0, 3.0, 1.0]) == 3.0
