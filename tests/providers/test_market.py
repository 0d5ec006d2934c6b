"""What the market is known to answer beyond the recordings: words, envelopes, empty lists.

``market.json``: ``means`` is an error, a state, ``ok``, or how many rows a list has.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nexnum_console.providers.vocabulary import LIST_KEYS
from tests.providers.conftest import shipped
from tests.providers.making import answer, result

KNOWN = json.loads((Path(__file__).parent / "market.json").read_text("utf-8"))


def meaning(operation: str, found: dict[str, Any]) -> Any:
    if "error" in found:
        return found["error"]
    if operation in LIST_KEYS:
        return len(found[LIST_KEYS[operation]])
    return found.get("state", "ok")


@pytest.mark.parametrize(
    "known", KNOWN, ids=lambda known: f"{known['config']}-{known['operation']}-{known['means']}"
)
def test_an_answer_of_the_market(known: dict[str, Any]) -> None:
    reply = answer(known["body"], known["status"])
    asked = known.get("asked", {})
    found = result(shipped(known["config"]), known["operation"], reply, **asked)
    assert meaning(known["operation"], found) == known["means"]


def test_numbers_in_national_form_become_international() -> None:
    body = {"data": {"orderId": "1", "phoneNumber": 7700900123, "countryCode": "UK"}}
    found = result(shipped("smspva"), "buy", answer(body), country="UK")
    assert (found["phone"], found["country"]) == ("+447700900123", "UK")
