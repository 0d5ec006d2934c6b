"""What is kept of an exchange names nobody, and every config reads it as it read the original."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nexnum_console.providers.compile import CompiledProvider, compile_config
from nexnum_console.providers.disguise import disguised
from nexnum_console.providers.loading import load_config
from nexnum_console.providers.replay import load_recordings, replay, result_of

SHIPPED = Path("provider_configs")
INVENTED = Path("tests/providers/invented")
CONFIG: dict[str, Any] = {
    "name": "acme",
    "baseUrl": "https://api.acme.example",
    "auth": {"type": "bearer", "uses": "token"},
    "endpoints": {
        "login": {"path": "/login", "method": "POST"},
        "status": {"path": "/orders/$id"},
    },
    "mappings": {
        "login": {"type": "json_object", "fields": {"token": "jwt"}},
        "status": {
            "type": "json_object",
            "fields": {"state": "s", "phone": "tel", "text": "sms"},
            "statusMapping": {"1": "received"},
        },
    },
}
COMPILED = compile_config(load_config(json.dumps(CONFIG), "acme"))


def _configs() -> Iterator[tuple[CompiledProvider, list[dict[str, Any]]]]:
    for path in sorted([*SHIPPED.glob("*.json"), *INVENTED.glob("*.json")]):
        side = path.parent / "recordings" / path.name
        recordings = side if side.exists() else path.with_suffix(".recordings.json")
        if recordings.exists() and path.name != "schema.json":
            yield (
                compile_config(load_config(path.read_text(), path.stem)),
                load_recordings(recordings.read_text(), path.stem),
            )


def _people(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            if name in {"phone", "code", "text", "token"} and isinstance(one, str):
                yield one
            yield from _people(one)
    elif isinstance(value, list):
        for one in value:
            yield from _people(one)


def _recording(body: str, operation: str = "status", path: str = "/orders/5") -> dict[str, Any]:
    return {
        "id": "x",
        "operation": operation,
        "request": {"method": "GET", "path": path},
        "response": {"status": 200, "headers": {}, "body": body},
    }


def test_every_recording_is_read_alike_without_its_people() -> None:
    seen = 0
    for compiled, recordings in _configs():
        for recording in recordings:
            before = result_of(compiled, recording)
            found = disguised(compiled, recording)
            (outcome,) = replay(compiled, [found])
            assert outcome.passed, (recording["id"], outcome.difference)
            after = outcome.result
            assert after.keys() == before.keys(), recording["id"]
            kept = json.dumps([found["request"], found.get("response")], ensure_ascii=False)
            for one in _people(before.get("ok")):
                plain = re.sub(r"[\s().+-]", "", one)
                if any(sign.isdigit() for sign in one) and len(plain) > 3:
                    seen += 1
                    written = r"[\s().-]*".join(map(re.escape, plain))
                    assert not re.search(rf"(?<!\d){written}(?!\d)", kept), recording["id"]
    assert seen > 60


def test_number_text_and_code_change_together() -> None:
    body = (
        '{"s": 1, "id": 5, "tel": "44 7700 900-123", "code": "482-193",'
        ' "sms": "G-482193 is your code, \\u041fетр! Call +447700900123"}'
    )
    found = disguised(COMPILED, _recording(body))["response"]["body"]
    told = json.loads(found)
    assert told["tel"].startswith("44 77")
    assert re.fullmatch(r"44 77\d\d \d{3}-\d{3}", told["tel"])
    digits = re.sub(r"\D", "", told["tel"])
    assert f"+{digits}" in told["sms"]
    assert "Петр" in told["sms"]
    assert re.sub(r"\D", "", told["code"]) == told["sms"][2:8] != "482193"
    assert told["id"] == 5
    assert "900123" not in found


def test_a_token_becomes_another_of_its_shape() -> None:
    found = disguised(COMPILED, _recording('{"jwt": "eyJhbGci.Zx9-q1"}', "login", "/login"))
    token = json.loads(found["response"]["body"])["jwt"]
    assert token != "eyJhbGci.Zx9-q1"
    assert re.fullmatch(r"[A-Za-z]{8}\.[A-Z][a-z]\d-[a-z]\d", token)


@pytest.mark.parametrize("body", ['{"odd": "447700900123 code 48219"}', "447700900123|48219"])
def test_what_nobody_could_read_is_disguised_all_the_same(body: str) -> None:
    found = disguised(COMPILED, _recording(body))["response"]["body"]
    assert "447700900123" not in found
    assert "48219" not in found
    assert len(found) == len(body)


def test_what_names_nobody_stays_as_it_came() -> None:
    recording = _recording('{"s": 1}') | {"operation": "balance"}
    assert disguised(COMPILED, recording) == recording
