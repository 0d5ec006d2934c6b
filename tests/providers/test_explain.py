"""A difference is told with the step that made it: reply, field, status or error rule."""

from __future__ import annotations

import json

import pytest

from nexnum_console.providers.compile import compile_config
from nexnum_console.providers.loading import load_config
from nexnum_console.providers.replay import replay
from tests.providers.conftest import CONFIGS

CASES = [
    # change of the config, recording, place of the cause, words of its steps
    (
        ('"cost": "price"', '"cost": "prise"'),
        "fivesim-003",
        "/mappings/buy/fields/cost",
        ("reply at /mappings/buy (json_object) was taken", "prise gave nothing"),
    ),
    (
        ('"operator": "operator",\n        "country"', '"country"'),
        "fivesim-003",
        "/mappings/buy/fields",
        ("no field of this reply gives “operator”",),
    ),
    (
        ('"price": "cost", "stock": "count"', '"price": "rate|cost", "stock": "count"'),
        "fivesim-044",
        "/mappings/prices/replies/1/fields/price",
        (
            "number 2 of 3",
            "rate at /england/facebook/vodafone/rate = '99.99'",
            "replies/0 (json_dictionary) does not fit: it is for calls without country",
        ),
    ),
    (
        ('"no free phones": "no_numbers"', '"no free phones": "no_balance"'),
        "fivesim-005",
        "/errors/words",
        ("gives no_balance", "no rule of the config gives no_numbers"),
    ),
    (
        ('"RECEIVED": "received"', '"RECEIVED": "expired"'),
        "fivesim-021",
        "/mappings/status/fields/state",
        ("= 'RECEIVED'", "then state: statuses: RECEIVED → expired"),
    ),
    (
        ('"status": {\n      "type": "json_object"', '"status": {\n      "type": "json_array"'),
        "fivesim-021",
        "",
        ("reply at /mappings/status (json_array) does not fit", "no rule knows this answer"),
    ),
]


@pytest.mark.parametrize(("change", "recording", "place", "words"), CASES)
def test_the_step_that_made_a_difference(
    change: tuple[str, str], recording: str, place: str, words: tuple[str, ...]
) -> None:
    text = (CONFIGS / "fivesim.json").read_text("utf-8")
    assert change[0] in text
    compiled = compile_config(load_config(text.replace(*change), "changed.json"))
    recordings = json.loads((CONFIGS / "recordings" / "fivesim.json").read_text("utf-8"))
    (outcome,) = replay(compiled, [r for r in recordings if r["id"] == recording], explained=1)
    assert not outcome.passed
    assert outcome.cause is not None
    assert outcome.cause.place == place
    for each in words:
        assert each in str(outcome.cause)


def test_a_result_where_an_error_is_due_names_the_reply_that_took_it() -> None:
    compiled = compile_config(
        load_config((CONFIGS / "fivesim.json").read_text("utf-8"), "fivesim.json")
    )
    recordings = json.loads((CONFIGS / "recordings" / "fivesim.json").read_text("utf-8"))
    sale = next(each for each in recordings if each["id"] == "fivesim-003")
    (outcome,) = replay(compiled, [sale | {"expected": {"error": "no_numbers"}}], explained=1)
    assert outcome.cause is not None
    assert outcome.cause.place == "/mappings/buy"
    assert "comes before every error rule" in str(outcome.cause)


def test_a_row_far_down_a_long_list_is_told_as_well() -> None:
    compiled = compile_config(
        load_config((CONFIGS / "sms_activate.json").read_text("utf-8"), "sms_activate.json")
    )
    prices = {str(n): {"tg": {"cost": f"0.{n}", "count": n}} for n in range(1, 1001)}
    rows = [{"country": c, "service": "tg", "stock": d["tg"]["count"]} for c, d in prices.items()]
    rows[900]["stock"] = 7777
    recording = {
        "id": "long",
        "operation": "prices",
        "request": {"method": "GET", "path": "/stubs/handler_api.php"},
        "response": {"status": 200, "headers": {}, "body": json.dumps(prices)},
        "expected": {"ok": {"offers": rows}},
    }
    (outcome,) = replay(compiled, [recording], explained=1)
    assert "stock: expected 7777, got 901" in (outcome.difference or "")
    assert outcome.cause is not None
    assert outcome.cause.place == "/mappings/prices/replies/1/fields/stock"
    assert "count at /901/tg/count = '901'" in str(outcome.cause)


def test_an_operation_that_the_config_lacks_never_passes() -> None:
    compiled = compile_config(
        load_config((CONFIGS / "fivesim.json").read_text("utf-8"), "fivesim.json")
    )
    recording = {
        "id": "x",
        "operation": "resend",
        "request": {"method": "GET", "path": "/"},
        "response": {"status": 200, "body": ""},
        "expected": {"error": "bad_request"},
    }
    (outcome,) = replay(compiled, [recording])
    assert outcome.difference == "the config reads no answers of “resend”"
