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


def test_a_price_and_a_text_in_headers() -> None:
    daisy = shipped("daisysms")
    sold = result(daisy, "buy", answer("ACCESS_NUMBER:5:12025550100", x_price="0.45"))
    assert (sold["phone"], sold["cost"]) == ("+12025550100", "0.45")
    told = result(daisy, "status", answer("STATUS_OK:0042", x_text="Your code: 0042"))
    assert (told["code"], told["text"]) == ("0042", "Your code: 0042")


def test_an_order_whose_number_comes_later() -> None:
    order = {"method": "GET", "href": "https://www.textverified.com/api/pub/v2/verifications/lr_1"}
    found = result(shipped("textverified"), "buy", answer(order, 201))
    assert found["activation_id"] == "lr_1"
    assert "phone" not in found
    waiting = {"id": "lr_1", "number": "5555550100", "state": "verificationPending"}
    assert result(shipped("textverified"), "status", answer(waiting))["phone"] == "+15555550100"


def test_numbers_in_national_form_become_international() -> None:
    body = {"data": {"orderId": "1", "phoneNumber": 7700900123, "countryCode": "UK"}}
    found = result(shipped("smspva"), "buy", answer(body), country="UK")
    assert (found["phone"], found["country"]) == ("+447700900123", "UK")
