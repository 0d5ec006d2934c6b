"""Broken configs: every fault names its place and a cure; the reference's sample works."""

from __future__ import annotations

import json

import pytest

from nexnum_console.providers.body import Reply
from nexnum_console.providers.compile import compile_config
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.loading import ConfigError, load_config
from nexnum_console.providers.reply import read
from nexnum_console.providers.request import build
from nexnum_console.providers.schema import schema_text
from tests.providers.conftest import CONFIGS

SAMPLE = r"""{
  "name": "my-provider",
  "apiBaseUrl": "https://api.provider.com/v1",
  "authType": "query_param",
  "authQueryParam": "api_key",

  "endpoints": {
    "getNumber": {
      "method": "GET",
      "path": "/buy",
      "queryParams": {
        "country": "$country",
        "service": "$service"
      }
    }
  },

  "mappings": {
    "getNumber": {
      "type": "text_regex",
      "regex": "ACCESS_NUMBER:(?<id>\\d+):(?<phone>\\d+)",
      "fields": {
        "activationId": "id",
        "phoneNumber": "phone"
      },
      "errors": {
        "patterns": {
          "NO_NUMBERS": "NO_NUMBERS",
          "NO_BALANCE": "not enough balance"
        }
      }
    }
  }
}
"""


def test_the_sample_of_the_reference_works_as_written() -> None:
    compiled = compile_config(load_config(SAMPLE, "sample.json"))
    request = build(compiled, "buy", {"country": "7", "service": "tg"}, "S3")
    assert request.url == "https://api.provider.com/v1/buy?api_key=S3&country=7&service=tg"
    assert (request.method, request.effect) == ("GET", "spend")
    assert "service" not in build(compiled, "buy", {"country": "7"}, "S3").url
    found = read(compiled, "buy", Reply(200, {}, "ACCESS_NUMBER:123:15551234"), {})
    assert (found["activation_id"], found["phone"]) == ("123", "+15551234")
    for body, code in (
        ("NO_NUMBERS", "no_numbers"),
        ("Sorry, not enough balance.", "no_balance"),
        ('{"error":"not enough balance"}', "no_balance"),
        ("gibberish", "parse_error"),
    ):
        with pytest.raises(ProviderError) as caught:
            read(compiled, "buy", Reply(200, {}, body), {})
        assert caught.value.code == code


BROKEN = [
    ('"regex"', '"regx"', 21, 7, "unknown key “regx”; did you mean “regex”?"),
    ('"text_regex"', '"text_regx"', 20, 15, "did you mean “text_regex”?"),
    (r"(?<phone>\\d+)", r"(?<phone>\\d+", 21, 43, "missing )"),
    (r"(?<phone>", r"(?<id>", 21, 45, "the group “id” is named twice"),
    (r"(?<phone>", r"(?=x)(?<phone>", 21, 43, "invalid perl operator"),
    ('"$country"', '"$contry"', 12, 22, "did you mean “country”?"),
    ('"NO_BALANCE":', '"NO_BALLANCE":', 29, 11, "did you mean “no_balance”?"),
    ('"getNumber"', '"getNumbr"', 8, 5, "did you mean “getNumber”?"),
    ('"phoneNumber": "phone"', '"phonNumber": "phone"', 24, 9, "did you mean “phoneNumber”?"),
    ('"phoneNumber": "phone"', '"phoneNumber": "fone"', 24, 24, "did you mean “phone”?"),
    (
        '"phoneNumber": "phone"',
        '"operator": "phone"',
        22,
        17,
        "the output “phone” of “buy” is missing",
    ),
    ('"/buy"', '"https://evil.example/buy"', 10, 15, "stay on the base URL's host"),
    ('"/buy"', '"/../admin"', 10, 15, "may not climb"),
    ('"/buy"', "7", 10, 15, "expected text in double quotes, not the number 7"),
    ('"GET"', '"GTE"', 9, 17, "did you mean “GET”?"),
    ('"https://api.provider.com/v1"', '"ftp://x"', 3, 17, "is not a web address"),
    ('"https://api.provider.com/v1"', '"https://k:s@x"', 3, 17, "no key and no query"),
    ('"authQueryParam"', '"authQueryParm"', 5, 3, "did you mean “authQueryParam”?"),
    ('  "authQueryParam": "api_key",\n', "", 4, 15, "needs the name that carries the key"),
    ('"name": "my-provider"', '"name": "My Provider"', 2, 11, "expected lower-case letters"),
    ('  "name": "my-provider",\n', "", 1, 1, "“name” is missing"),
    ('"phoneNumber": "phone"\n', '"phoneNumber": "phone",\n', 24, 31, "comma"),
    ('"method": "GET"', '"method": "GET", "method": "GET"', 9, 24, "given twice"),
    ('"method": "GET"', '"effect": "read"', 9, 17, "is always “spend”"),
    ('"method": "GET"', '"method": GET', 9, 17, "expected a value"),
    ('"method": "GET"', '"requires": ["contry"]', 9, 21, "did you mean “country”?"),
    (
        '"fields": {',
        '"transform": {"phone": "uper"},\n      "fields": {',
        22,
        30,
        "did you mean “upper”?",
    ),
    (
        '"fields": {',
        '"statusMapping": {"A": "recieved"},\n      "fields": {',
        22,
        30,
        "did you mean “received”?",
    ),
    ('"fields": {', '"rootPath": "a[",\n      "fields": {', 22, 22, "is not a path"),
    (
        '"mappings": {',
        '"mappings": {"getBalance": {"type": "json_value", "valueField": "balance"},',
        18,
        16,
        "asks for “getBalance”",
    ),
]


@pytest.mark.parametrize(("good", "bad", "line", "column", "message"), BROKEN)
def test_a_broken_config_names_place_and_cure(
    good: str, bad: str, line: int, column: int, message: str
) -> None:
    assert good in SAMPLE
    with pytest.raises(ConfigError) as caught:
        load_config(
            SAMPLE.replace(good, bad, 1) if "getNumbr" not in bad else SAMPLE.replace(good, bad),
            "c.json",
        )
    problem = caught.value.problems[0]
    assert message in str(problem)
    assert (problem.line, problem.column) == (line, column), str(problem)
    assert str(problem).startswith(f"c.json:{line}:{column}: ")


def test_all_faults_come_at_once_in_file_order() -> None:
    broken = (
        SAMPLE.replace('"regex"', '"regx"').replace('"GET"', '"GTE"').replace('"path"', '"paht"')
    )
    with pytest.raises(ConfigError) as caught:
        load_config(broken, "c.json")
    assert [problem.pointer for problem in caught.value.problems] == [
        "/endpoints/getNumber/method",
        "/endpoints/getNumber/paht",
        "/mappings/getNumber/regx",
    ]


def test_snake_case_is_read_as_well() -> None:
    text = SAMPLE.replace("apiBaseUrl", "base_url").replace("queryParams", "query_params")
    assert load_config(text, "c").base_url == "https://api.provider.com/v1"


def test_nothing_is_asked_where_no_base_url_says_whom() -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(
            SAMPLE.replace('  "apiBaseUrl": "https://api.provider.com/v1",\n', ""), "c.json"
        )
    (problem,) = caught.value.problems
    assert (problem.pointer, problem.line, problem.column) == ("/endpoints/getNumber", 7, 5)
    assert "no “baseUrl” says where" in problem.message
    assert 'add "baseUrl"' in problem.cure


def test_a_config_that_is_only_called_needs_no_base_url() -> None:
    hooks = {"webhook": {"type": "json_object", "fields": {"code": "pin"}}}
    config = load_config(json.dumps({"name": "inbound", "mappings": hooks}), "c.json")
    assert (config.base_url, config.endpoints) == ("", {})
    assert "baseUrl" not in json.loads((CONFIGS / "webhooks.json").read_text("utf-8"))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 1000, '"x"', '{"a":1}x', "\ufeff{}"])
def test_what_is_no_config_at_all(text: str) -> None:
    with pytest.raises(ConfigError):
        load_config(text, "c.json")


def test_the_schema_file_is_current() -> None:
    assert (CONFIGS / "schema.json").read_text("utf-8") == schema_text()


def test_the_schema_wants_one_base_url_where_something_is_asked() -> None:
    schema = json.loads(schema_text())
    assert "baseUrl" not in schema["required"]
    assert schema["if"]["properties"]["endpoints"] == {"minProperties": 1}
    assert schema["then"]["oneOf"] == [{"required": ["baseUrl"]}, {"required": ["apiBaseUrl"]}]


def test_the_schema_names_every_key_of_the_shipped_configs() -> None:
    schema = json.loads(schema_text())
    for name in ("fivesim", "sms_activate"):
        written = json.loads((CONFIGS / f"{name}.json").read_text("utf-8"))
        assert set(written) <= set(schema["properties"])
