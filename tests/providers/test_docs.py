"""The page that teaches the grammar: every example is valid and does what stands below it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from nexnum_console.providers.body import Reply
from nexnum_console.providers.compare import difference
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.loading import load_config
from nexnum_console.providers.reference import reference_text
from nexnum_console.providers.reply import read
from nexnum_console.providers.request import build
from nexnum_console.providers.vocabulary import REQUIRED
from tests.providers.making import provider

DOCS = Path(__file__).parents[2] / "docs"
_FENCE = re.compile(r"^```(\w+) (\w+)(?: (\w+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PARTS = ("variables", "answer", "result", "request")


@dataclass
class Example:
    """A block that says something, and the blocks below it that show what it does."""

    kind: str
    operation: str
    text: str
    shown: dict[str, str] = field(default_factory=dict)


def examples() -> list[Example]:
    found: list[Example] = []
    for _, kind, operation, text in _FENCE.findall((DOCS / "providers.md").read_text("utf-8")):
        if kind in _PARTS:
            found[-1].shown[kind] = text
        else:
            found.append(Example(kind, operation, text))
    return found


EXAMPLES = examples()


def ids(example: Example) -> str:
    return f"{example.kind}-{example.operation or json.loads(example.text)['name']}"


def variables(example: Example) -> dict[str, str]:
    return json.loads(example.shown.get("variables", "{}"))


def any_mapping(operation: str) -> dict[str, Any]:
    outputs = {*REQUIRED[operation], *(("phone",) if operation == "buy" else ())}
    return {"type": "json_object", "fields": {name: "x" for name in outputs or {"code"}}}


def head_and_body(text: str) -> tuple[str, dict[str, str], str]:
    head, _, body = text.partition("\n\n")
    first, *lines = head.strip().split("\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return first, headers, body.strip()


def test_there_are_examples_of_everything() -> None:
    assert {each.kind for each in EXAMPLES} == {"config", "endpoint", "mapping"}
    assert len(EXAMPLES) >= 14
    fences = (DOCS / "providers.md").read_text("utf-8").count("\n```json ")
    shown = sum(part in {"variables", "result"} for each in EXAMPLES for part in each.shown)
    assert fences == len(EXAMPLES) + shown


@pytest.mark.parametrize("example", [e for e in EXAMPLES if e.kind == "config"], ids=ids)
def test_a_config_is_valid(example: Example) -> None:
    load_config(example.text, "docs/providers.md")


@pytest.mark.parametrize("example", [e for e in EXAMPLES if e.kind == "endpoint"], ids=ids)
def test_an_endpoint_sends_what_is_shown(example: Example) -> None:
    kind = "json_array" if example.operation == "active" else "json_object"
    mapping = any_mapping(example.operation) | {"type": kind}
    compiled = provider({example.operation: json.loads(example.text)}, {example.operation: mapping})
    request = build(compiled, example.operation, variables(example), "K")
    first, headers, body = head_and_body(example.shown["request"])
    assert f"{request.method} {request.url.removeprefix('https://x.example')}" == first
    assert (request.content or b"").decode() == body
    sent = {name.lower(): value for name, value in request.headers.items()}
    assert {name: sent.get(name) for name in headers} == headers


@pytest.mark.parametrize("example", [e for e in EXAMPLES if e.kind == "mapping"], ids=ids)
def test_a_mapping_reads_what_is_shown(example: Example) -> None:
    mappings = {example.operation: json.loads(example.text)}
    listed = mappings[example.operation].get("type") == "fixed"
    endpoints = {} if listed else {example.operation: {"path": "/x"}}
    followed = mappings[example.operation].get("follow")
    if followed:
        endpoints[followed["operation"]] = {"path": "/y"}
        mappings[followed["operation"]] = any_mapping(followed["operation"])
    compiled = provider(endpoints, mappings)
    assert listed is ("answer" not in example.shown)
    first, headers, body = head_and_body(example.shown.get("answer", "HTTP/1.1 200"))
    reply = Reply(int(first.split()[1]), headers, body)
    expected = json.loads(example.shown["result"])
    try:
        found = read(compiled, example.operation, reply, variables(example))
    except ProviderError as error:
        found = {"error": str(error.code), "min_price": error.min_price}
    assert difference(expected, found) is None


def test_the_reference_is_current() -> None:
    assert (DOCS / "provider-reference.md").read_text("utf-8") == reference_text()
