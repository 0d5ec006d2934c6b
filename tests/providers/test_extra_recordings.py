"""Every documented answer of a shipped provider, beside the recordings its config ships with.

A file of ``extra_recordings`` belongs to the config of its name; those of DIALECT hold what every
speaker of handler_api.php may answer and are replayed through each of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from nexnum_console.providers.recordings import read_recordings
from nexnum_console.providers.replay import replay, result_of
from tests.providers.conftest import CONFIGS, shipped

FILES = Path(__file__).parent / "extra_recordings"
BY_COUNTRY: Final = (
    "sms_activate",
    "sms_activate_v2",
    "herosms",
    "herosms_v2",
    "smsbower",
    "grizzlysms",
    "tigersms",
    "smshub",
)
SPEAKERS: Final = (*BY_COUNTRY, "smsbower_v2", "smsbower_v3", "daisysms")
DIALECT: Final[dict[str, tuple[str, ...]]] = {
    "handler_api": SPEAKERS,
    "handler_prices": BY_COUNTRY,
    "handler_v2": SPEAKERS,
}
EVIDENCE: Final = {"live", "doc", "client", "reconstructed", "robustness"}
REFUSALS: Final = (
    '{"message":"Unauthenticated."}',
    '{"error":"something"}',
    '{"status":"error","message":"something"}',
    '{"success":false,"message":"something"}',
    '{"detail":"something"}',
    '{"code":500,"msg":"something"}',
    '{"title":"SOMETHING","status":400}',
    '{"errorCode":"SOMETHING","errorDescription":"something"}',
    "null",
    "true",
    '"something"',
    "Server Error",
)
NAMES: Final = sorted(file.stem for file in FILES.glob("*.json"))


def recordings(name: str) -> list[dict[str, Any]]:
    return read_recordings((FILES / f"{name}.json").read_bytes(), f"{name}.json")


@pytest.mark.parametrize(
    ("config", "name"),
    [(config, name) for name in NAMES for config in DIALECT.get(name, (name,))],
)
def test_every_answer_means_what_it_must(config: str, name: str) -> None:
    compiled = shipped(config)
    known = [each for each in recordings(name) if each["operation"] in compiled.operations]
    outcomes = replay(compiled, known)
    assert outcomes or name in DIALECT
    wrong = [f"{each.id}: {each.difference}" for each in outcomes if not each.passed]
    assert wrong == []


@pytest.mark.parametrize("name", NAMES)
def test_every_recording_tells_where_it_comes_from(name: str) -> None:
    listed = recordings(name)
    assert {each["evidence"] for each in listed} <= EVIDENCE
    assert all(each["source"] for each in listed)
    assert len({each["id"] for each in listed}) == len(listed) > 0


@pytest.mark.parametrize(
    "config", sorted({file.stem for file in CONFIGS.glob("*.json")} - {"schema", "webhooks"})
)
def test_a_refusal_in_an_envelope_is_never_a_result(config: str) -> None:
    compiled = shipped(config)
    asked = {"method": "GET", "path": "/", "query": {"country": "1", "service": "tg", "id": "1"}}
    for operation in sorted(set(compiled.operations) - {"webhook"}):
        for body in REFUSALS:
            response = {"status": 200, "headers": {}, "body": body}
            recorded = {"operation": operation, "request": asked, "response": response}
            assert "ok" not in result_of(compiled, recorded), f"{operation}: {body}"
