"""Whatever a provider answers, nothing but a typed error comes out, and no sale is invented."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from nexnum_console.providers.body import Reply
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.reply import read
from nexnum_console.providers.vocabulary import LIST_KEYS, OUTPUTS, STATES
from tests.providers.conftest import CONFIGS, shipped

NAMES = sorted(file.stem for file in CONFIGS.glob("*.json") if file.stem != "schema")
COMPILED = [shipped(name) for name in NAMES]
RECORDED = [
    (compiled, recording)
    for compiled in COMPILED
    for file in [CONFIGS / "recordings" / f"{compiled.name}.json"]
    for recording in (json.loads(file.read_text("utf-8")) if file.exists() else [])
    if recording["operation"] != "webhook"
]
ASKED = {"id": "1", "country": "2", "service": "tg"}

WORDS = st.sampled_from(
    [
        "",
        "id",
        "phone",
        "sms",
        "status",
        "Data",
        "Total",
        "error",
        "message",
        "activationId",
        "phoneNumber",
        "ACCESS_NUMBER:1:",
        "STATUS_OK:",
        "BANNED:",
        "RECEIVED",
        "cost",
        "count",
        "balance",
        "1",
        "Price",
        "data",
        "response",
        "orderId",
        "success",
        "statusCode",
        "request_id",
        "number",
        "activeActivations",
        "verificationType",
        "prices",
        "event",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | WORDS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=20,
)
BODIES = (
    VALUES.map(json.dumps).map(str.encode)
    | st.binary(max_size=200)
    | st.lists(WORDS, max_size=4).map("".join).map(str.encode)
)
STATUSES = st.sampled_from([200, 201, 202, 204, 301, 400, 404, 407, 409, 422, 429, 500, 503])


def check(operation: str, found: dict[str, Any]) -> None:
    """A result that came out of junk still keeps every promise of the normal form."""
    if operation == "buy":
        assert found["activation_id"]
        assert found.get("phone", "+1").removeprefix("+").isdigit()
    if operation == "status":
        assert found["state"] in STATES
    if operation in {"cancel", "finish", "resend", "ban"}:
        assert found["state"] in STATES
    if operation in LIST_KEYS:
        assert isinstance(found[LIST_KEYS[operation]], list | dict)


@settings(max_examples=200, deadline=None)
@given(body=BODIES, status=STATUSES, operation=st.sampled_from(sorted(OUTPUTS)))
def test_only_typed_errors_escape(body: bytes, status: int, operation: str) -> None:
    for compiled in COMPILED:
        try:
            found = read(compiled, operation, Reply(status, {}, body), ASKED)
        except ProviderError:
            continue
        check(operation, found)


Change = Callable[[Any], Any]


@st.composite
def mutated(draw: st.DrawFn, value: Any) -> Any:
    """The value with some member replaced, dropped, wrapped or doubled."""
    if isinstance(value, dict) and value and draw(st.booleans()):
        key = draw(st.sampled_from(sorted(value)))
        rest = {name: member for name, member in value.items() if name != key}
        return rest if draw(st.booleans()) else value | {key: draw(mutated(value[key]))}
    if isinstance(value, list) and value and draw(st.booleans()):
        index = draw(st.integers(0, len(value) - 1))
        return [*value[:index], draw(mutated(value[index])), *value[index:]]
    return draw(
        st.sampled_from([[value], {"x": value}, str(value), None, [], {}, "", -1]) | SCALARS
    )


@settings(max_examples=300, deadline=None)
@given(data=st.data(), case=st.sampled_from(RECORDED), status=STATUSES | st.none())
def test_recorded_answers_gone_wrong(
    data: st.DataObject, case: tuple[Any, dict], status: int | None
) -> None:
    compiled, recording = case
    body: str = recording["response"]["body"]
    try:
        changed = json.dumps(data.draw(mutated(json.loads(body))))
    except ValueError:
        cut = data.draw(st.integers(0, len(body)))
        changed = body[:cut] + data.draw(st.text(max_size=5)) + body[cut + 1 :]
    reply = Reply(status or recording["response"]["status"], {}, changed)
    try:
        found = read(compiled, recording["operation"], reply, ASKED)
    except ProviderError:
        return
    check(recording["operation"], found)
