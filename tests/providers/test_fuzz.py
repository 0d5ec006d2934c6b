"""Whatever a provider answers, nothing but a typed error comes out, and no sale is invented."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from nexnum_console.providers.body import Reply
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.reply import read
from nexnum_console.providers.vocabulary import OUTPUTS
from tests.providers.conftest import shipped

COMPILED = [shipped("fivesim"), shipped("sms_activate")]

WORDS = st.sampled_from(
    [
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
        "",
        "1",
        "Price",
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


@settings(max_examples=300, deadline=None)
@given(
    body=BODIES,
    status=st.sampled_from([200, 201, 202, 204, 301, 400, 404, 429, 500, 503]),
    operation=st.sampled_from(sorted(OUTPUTS)),
)
def test_only_typed_errors_escape(body: bytes, status: int, operation: str) -> None:
    for compiled in COMPILED:
        try:
            found = read(compiled, operation, Reply(status, {}, body), {"id": "1"})
        except ProviderError:
            continue
        assert 200 <= status < 300
        if operation == "buy":
            assert found["activation_id"]
            assert found["phone"].removeprefix("+").isdigit()
        if operation == "status":
            assert found["state"] in {
                "waiting",
                "retry",
                "received",
                "finished",
                "cancelled",
                "expired",
            }
