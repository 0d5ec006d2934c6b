"""Warnings: each rule speaks where it must, with place and cure, and is silent elsewhere."""

from __future__ import annotations

import json

import pytest

from nexnum_console.providers.lint import lint
from nexnum_console.providers.lint_recordings import lint_recordings
from nexnum_console.providers.loading import check_config
from tests.providers.conftest import CONFIGS

CLEAN = """{
  "name": "acme",
  "baseUrl": "https://api.acme.example",
  "auth": {"type": "bearer"},
  "statuses": {"NEW": "waiting", "GOT": "received", "DEAD": "cancelled", "END": "finished"},
  "errors": {
    "words": {"NO_NUMBERS": "no_numbers"},
    "rules": [{"regex": "^LOW:", "code": "no_balance"}]
  },
  "valueMaps": {"country": {"us": "1"}},
  "endpoints": {
    "buy": {"path": "/buy/{country}/{service}", "queryParams": {"cap": "$maxPrice"}},
    "status": {"path": "/get/{id}"}
  },
  "mappings": {
    "buy": {"type": "json_object", "fields": {"activation_id": "id", "phone": "tel"}},
    "status": {"type": "json_object", "fields": {"state": "state", "code": "code"}}
  }
}
"""

CASES = [
    ('"https://api', '"http://api', "http-scheme", "/baseUrl", 3, 14),
    ('{"type": "bearer"}', '{"type": "query_param", "name": "k"}', "key-in-url", "/auth", 4, 3),
    (
        '"cap": "$maxPrice"',
        '"cap": "$maxPrice", "api_key": "abc"',
        "key-in-url",
        "/endpoints/buy/queryParams/api_key",
        12,
        85,
    ),
    ('"cap": "$maxPrice"', '"cap": "5"', "no-price-cap", "/endpoints/buy", 12, 5),
    ("/{service}", "/tg", "unused-variable", "/endpoints/buy", 12, 5),
    ("/get/{id}", "/get/last", "unused-variable", "/endpoints/status", 13, 5),
    (
        '{"country": {',
        '{"operator": {"a": "b"}, "country": {',
        "unused-value-map",
        "/valueMaps/operator",
        10,
        17,
    ),
    ('"DEAD": "cancelled"', '"DEAD": "expired"', "no-terminal-status", "/mappings/status", 17, 5),
    (', "END": "finished"', "", "no-terminal-status", "/mappings/status", 17, 5),
    (', "code": "code"', "", "missing-output", "/mappings/status", 17, 5),
    (
        '{"type": "json_object", "fields": {"state": "state", "code": "code"}}',
        '{"replies": [{"type": "json_object", "fields": {"state": "state", "code": "code"}},\n'
        '{"type": "json_object", "fields": {"state": "state", "code": "code"}}]}',
        "unreachable-reply",
        "/mappings/status/replies/1",
        18,
        1,
    ),
    (
        '"status": {"path": "/get/{id}"}',
        '"status": {"routes": [{"path": "/get/{id}"}, {"path": "/old/{id}", "requires": ["id"]}]}',
        "unreachable-route",
        "/endpoints/status/routes/1",
        13,
        50,
    ),
    ('"^LOW:"', '"^(LOW|NO)"', "shadowed-word", "/errors/words/NO_NUMBERS", 7, 15),
]


def test_a_good_config_has_no_warning() -> None:
    assert lint(check_config(CLEAN, "c.json"), "c.json") == []


@pytest.mark.parametrize(("good", "bad", "rule", "pointer", "line", "column"), CASES)
def test_a_warning_names_rule_place_and_cure(
    good: str, bad: str, rule: str, pointer: str, line: int, column: int
) -> None:
    assert good in CLEAN
    checked = check_config(CLEAN.replace(good, bad), "c.json")
    assert checked.problems == []
    (found,) = lint(checked, "c.json")
    assert (found.rule, found.pointer, found.line, found.column) == (rule, pointer, line, column)
    assert found.severity == "warning"
    assert found.cure
    assert found.excerpt


def recording(operation: str, body: str, path: str = "/get/7") -> dict:
    return {
        "id": body,
        "operation": operation,
        "request": {"method": "GET", "path": path},
        "response": {"status": 200, "body": body},
        "expected": {"ok": {}},
    }


WAITING = recording("status", '{"state": "NEW"}')
LOW = recording("buy", "LOW: 3", "/buy/1/tg")


def warned(text: str, recordings: list[dict]) -> list[tuple[str, str]]:
    checked = check_config(text, "c.json")
    assert checked.problems == []
    found = lint_recordings(checked, "c.json", recordings)
    assert all(each.line > 1 and each.cure for each in found)
    return [(each.rule, each.pointer) for each in found]


def test_recordings_that_use_everything_give_no_warning() -> None:
    assert warned(CLEAN, [WAITING, LOW]) == []


def test_a_regex_that_no_recording_matches() -> None:
    assert warned(CLEAN, [WAITING]) == [("regex-never-matches", "/errors/rules/0/regex")]


def test_a_reply_that_no_recording_takes() -> None:
    text = CLEAN.replace(
        '{"type": "json_object", "fields": {"state": "state", "code": "code"}}',
        '{"replies": [{"type": "text_regex", "regex": "^(?<s>[A-Z]+)$", "fields": {"state": "s"}},'
        '{"type": "json_object", "fields": {"state": "state", "code": "code"}}]}',
    )
    assert warned(text, [WAITING, LOW]) == [
        ("reply-never-taken", "/mappings/status/replies/0"),
        ("regex-never-matches", "/mappings/status/replies/0/regex"),
    ]


def test_a_status_word_that_no_table_knows() -> None:
    unknown = recording("status", '{"state": "REVOKED"}')
    assert warned(CLEAN, [WAITING, LOW, unknown]) == [("no-terminal-status", "/statuses")]


@pytest.mark.parametrize("name", ["fivesim", "sms_activate"])
def test_the_shipped_configs_have_only_warnings_that_are_meant(name: str) -> None:
    text = (CONFIGS / f"{name}.json").read_text("utf-8")
    recordings = json.loads((CONFIGS / "recordings" / f"{name}.json").read_text("utf-8"))
    checked = check_config(text, name)
    rules = {each.rule for each in lint(checked, name)}
    rules |= {each.rule for each in lint_recordings(checked, name, recordings)}
    assert rules <= {"key-in-url", "regex-never-matches", "reply-never-taken"}
