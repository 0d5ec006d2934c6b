"""Junk where recordings are due is told with line, column and what is wrong."""

from __future__ import annotations

import json
import time

import pytest

from nexnum_console.providers.compare import first_difference, same
from nexnum_console.providers.recordings import BadRecording, load_recordings, read_recordings

GOOD = {
    "id": "a-1",
    "operation": "buy",
    "request": {"method": "GET", "path": "/"},
    "response": {"status": 200, "headers": {}, "body": "x"},
    "expected": {"error": "no_numbers"},
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"operation": "byu"}, "“byu” is no operation; did you mean “buy”?"),
        ({"operation": ["buy"]}, "is no operation"),
        ({"id": 7}, "“id” is text, not a number"),
        ({"request": []}, "“request” is an object"),
        ({"request": {"path": "/"}}, "“request” has no “method”"),
        ({"request": {"method": "GET", "path": "/", "query": "a=1"}}, "“query” is an object"),
        ({"response": {"status": "200"}}, "“status” is an HTTP status as 200, not text"),
        ({"response": {"status": 200, "body": {"a": 1}}}, "“body” is the raw text"),
        ({"expected": {}}, "“expected” is"),
        ({"expected": {"ok": {}, "error": "no_numbers"}}, "“expected” is"),
        ({"expected": {"ok": []}}, "“ok” is an object"),
        ({"expected": {"error": "no_number"}}, "did you mean “no_numbers”?"),
        ({"expected": {"error": ["no_numbers"]}}, "is no error code"),
    ],
)
def test_a_wrong_part_is_told_with_its_place(change: dict, words: str) -> None:
    text = json.dumps([GOOD, GOOD | change], indent=1)
    with pytest.raises(BadRecording) as caught:
        load_recordings(text, "r.json")
    assert words in str(caught.value)
    line = int(str(caught.value).split(":")[1])
    assert line > text[: text.index("},\n {") + 1].count("\n")
    assert f"(at /1/{next(iter(change))}" in str(caught.value)


def test_every_fault_is_told_up_to_ten() -> None:
    with pytest.raises(BadRecording) as caught:
        load_recordings(json.dumps([7] * 25), "r.json")
    assert str(caught.value).count("is a number, not an object") == 10
    assert "r.json: 15 more faults" in str(caught.value)


@pytest.mark.parametrize("raw", [b"\xff\xfe[\x00", b"[\x80]", b"[1,]", b'{"a": NaN}', b"[" * 9000])
def test_what_cannot_be_read_at_all(raw: bytes) -> None:
    with pytest.raises(BadRecording, match=r"^r\.json:\d+:\d+: "):
        read_recordings(raw, "r.json")


def test_fractions_stay_text() -> None:
    (found,) = load_recordings(
        json.dumps([GOOD | {"expected": {"ok": {"cost": 0.1, "stock": 3}}}]), "r.json"
    )
    assert found["expected"]["ok"] == {"cost": "0.1", "stock": 3}


def test_a_long_list_is_compared_as_fast_as_it_is_read() -> None:
    rows = [{"country": str(i % 200), "service": "tg", "price": "0.1"} for i in range(50_000)]
    found = [row | {"stock": 1} for row in reversed(rows)]
    began = time.process_time()
    assert same("offers", rows, found)
    found[0] = found[0] | {"price": "0.2"}
    told = first_difference({"offers": rows}, {"offers": found})
    assert time.process_time() - began < 10
    assert told is not None
    assert told.message.endswith("price: expected '0.1', got '0.2'")
    assert told.row == 0


def test_rows_that_fit_several_find_a_pairing() -> None:
    wanted = [{"price": "1"}, {"price": "1", "stock": 2}, {"stock": 3}]
    found = [{"price": "1", "stock": 2}, {"price": "2", "stock": 3}, {"price": "1.0", "stock": 9}]
    assert same("offers", wanted, found)
    assert same("offers", list(reversed(wanted)), found)
    assert not same("offers", [{"stock": 9}, {"stock": 9}, {"price": "2"}], found)
