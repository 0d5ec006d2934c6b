"""Every recording of a shipped config means what it must, and the comparison can say no."""

from __future__ import annotations

import copy
import json

import pytest

from nexnum_console.providers.compare import difference
from nexnum_console.providers.replay import (
    BadRecording,
    could_send,
    load_recordings,
    recorded_variables,
    replay,
)
from tests.providers.conftest import CONFIGS, shipped

SHIPPED = sorted(file.stem for file in (CONFIGS / "recordings").glob("*.json"))


def recordings(name: str) -> list[dict]:
    return json.loads((CONFIGS / "recordings" / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("name", "recording"),
    [
        pytest.param(name, recording, id=recording["id"])
        for name in SHIPPED
        for recording in recordings(name)
    ],
)
def test_a_recording_means_what_it_must(name: str, recording: dict) -> None:
    (outcome,) = replay(shipped(name), [recording])
    assert outcome.difference is None
    assert could_send(shipped(name), recording) is None


def test_a_wrong_expectation_fails_and_says_where() -> None:
    recording = copy.deepcopy(recordings("fivesim")[1])
    recording["expected"]["ok"]["phone"] = "+447350690993"
    (outcome,) = replay(shipped("fivesim"), [recording])
    assert not outcome.passed
    assert "phone: expected '+447350690993', got '+447350690992'" in (outcome.difference or "")


def test_an_error_where_a_result_is_due_fails() -> None:
    recording = copy.deepcopy(recordings("sms_activate")[0])
    recording["response"]["body"] = "ERROR_SQL"
    (outcome,) = replay(shipped("sms_activate"), [recording])
    assert "got the error provider_error" in (outcome.difference or "")


def test_variables_come_from_the_path_and_the_query() -> None:
    fivesim = shipped("fivesim")
    request = {"method": "GET", "path": "/v1/user/buy/activation/south%20x/any/tg", "query": {}}
    assert recorded_variables(fivesim, "buy", request) == {
        "country": "south x",
        "operator": "any",
        "service": "tg",
    }
    asked = {"method": "POST", "path": "/elsewhere", "query": {}, "body": {"service": "tg"}}
    assert recorded_variables(fivesim, "buy", asked) == {"service": "tg"}


@pytest.mark.parametrize(
    ("expected", "result", "equal"),
    [
        ({"cost": "12.5"}, {"cost": "12.50"}, True),
        ({"cost": "12.5"}, {"cost": "12.51"}, False),
        ({"cost": "12.5"}, {}, False),
        ({"code": "012"}, {"code": "12"}, False),
        ({"activation_id": "1.0"}, {"activation_id": "1.00"}, False),
        (
            {"expires_at": "2018-10-13T08:28:38.809469028Z"},
            {"expires_at": "2018-10-13T10:28:38.809469+02:00"},
            True,
        ),
        ({"expires_at": "2018-10-13T08:28:38Z"}, {"expires_at": "2018-10-13T08:28:39Z"}, False),
        (
            {"offers": [{"price": "1"}, {"price": "2"}]},
            {"offers": [{"price": "2.0"}, {"price": "1"}]},
            True,
        ),
        (
            {"offers": [{"price": "1"}, {"price": "1"}]},
            {"offers": [{"price": "1"}, {"price": "2"}]},
            False,
        ),
        ({"offers": [{"price": "1"}]}, {"offers": [{"price": "1"}, {"price": "1"}]}, False),
        (
            {"offers": [{"price": "1"}, {"price": "1", "stock": 2}]},
            {"offers": [{"price": "1", "stock": 2}, {"price": "1", "stock": 3}]},
            True,
        ),
        ({"operators": {"1": ["a", "b"]}}, {"operators": {"1": ["b", "a"]}}, True),
        ({"operators": {}}, {"operators": {"1": []}}, False),
        ({"offers": [{"stock": 1}]}, {"offers": [{"stock": True}]}, False),
    ],
)
def test_equality_of_the_normal_form(expected: dict, result: dict, equal: bool) -> None:
    assert (difference(expected, result) is None) is equal


@pytest.mark.parametrize("text", ["", "{}", '[{"id":"x"}]', "[1]"])
def test_files_that_hold_no_recordings(text: str) -> None:
    with pytest.raises(BadRecording, match=r"r\.json"):
        load_recordings(text, "r.json")
