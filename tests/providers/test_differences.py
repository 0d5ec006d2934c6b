"""Two configs: results that differ over the same exchanges."""

from __future__ import annotations

import json

import pytest

from nexnum_console.providers.compile import compile_config
from nexnum_console.providers.differences import of_recordings
from nexnum_console.providers.loading import load_config
from tests.providers.conftest import CONFIGS, shipped

TEXT = (CONFIGS / "fivesim.json").read_text("utf-8")
RECORDINGS = json.loads((CONFIGS / "recordings" / "fivesim.json").read_text("utf-8"))


def changes(good: str, bad: str) -> dict[str, tuple[str, str]]:
    assert good in TEXT
    after = compile_config(load_config(TEXT.replace(good, bad), "after"))
    found = of_recordings(shipped("fivesim"), after, RECORDINGS)
    assert [each.id for each in found] == [each["id"] for each in RECORDINGS]
    return {each.id: (each.kind, each.message) for each in found if each.kind != "same"}


def test_the_same_config_changes_nothing() -> None:
    assert changes("5sim", "5sim") == {}


@pytest.mark.parametrize(
    ("good", "bad", "recording", "kind", "message"),
    [
        ('"cost": "price"', '"cost": "prise"', "fivesim-003", "changed", "cost: '21' → None"),
        (
            '"phone": "phone",\n        "cost"',
            '"phone": "tel",\n        "cost"',
            "fivesim-003",
            "error",
            "a result → the error parse_error",
        ),
        (
            '"no free phones": "no_numbers"',
            '"no free phones": "rate_limited"',
            "fivesim-005",
            "changed",
            "the error no_numbers → the error rate_limited",
        ),
        (
            '"state": "status", "activation_id": "id"}},\n    "finish"',
            '"state": "status", "activation_id": "product"}},\n    "finish"',
            "fivesim-032",
            "changed",
            "activation_id: '11631253' → 'facebook'",
        ),
    ],
)
def test_a_changed_result(good: str, bad: str, recording: str, kind: str, message: str) -> None:
    found = changes(good, bad)
    assert found[recording][0] == kind
    assert found[recording][1].startswith(message)


def test_a_mended_result_and_one_that_gained_a_key() -> None:
    before = compile_config(load_config(TEXT.replace('"cost": "price",', ""), "before"))
    found = of_recordings(before, shipped("fivesim"), RECORDINGS)
    sale = next(each for each in found if each.id == "fivesim-003")
    assert (sale.kind, sale.message) == ("changed", "cost: None → '21'")
    broken = compile_config(
        load_config(TEXT.replace('"balance": "balance"', '"balance": "b"'), "b")
    )
    mended = of_recordings(broken, shipped("fivesim"), RECORDINGS)[0]
    assert (mended.kind, mended.message) == ("mended", "the error parse_error → a result")
