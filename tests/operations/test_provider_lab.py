"""The lab tries operations without showing a key, and never buys by accident."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from nexnum_console.core.actor import Actor
from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import Database
from nexnum_console.core.errors import InvalidInput
from nexnum_console.operations import provider_lab
from nexnum_console.operations.provider_lab import Target, TrialRefused
from nexnum_console.providers import fixtures, registry, versions
from nexnum_console.providers.compile import CompiledProvider
from tests.operations.conftest import Answering
from tests.support.wire import Answer, Wire

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
BOX = SecretBox("k" * 32)
KEY = "s3cr3t-k3y-9876"
ADMIN = Actor(7, "ops@example.com", "admin", frozenset({"providers.manage"}))
CONFIG: dict[str, Any] = {
    "name": "acme",
    "baseUrl": "https://api.acme.example",
    "auth": {"type": "query_param", "name": "api_key"},
    "endpoints": {
        "balance": {"path": "/balance"},
        "buy": {"path": "/buy", "queryParams": {"service": "$service", "maxPrice": "$max_price"}},
    },
    "mappings": {
        "balance": {"type": "json_object", "fields": {"balance": "balance"}},
        "buy": {"type": "json_object", "fields": {"id": "id", "phone": "phone"}},
    },
}


def _compiled() -> CompiledProvider:
    return versions.compiled(json.dumps(CONFIG), "acme")


def _target(wire: Wire) -> Target:
    return Target("live", wire.url, KEY)


def test_a_trial_shows_all_but_the_key(answering: Answering) -> None:
    wire = answering(json.dumps({"balance": "4.20", "echo": f"key {KEY}"}))
    run = provider_lab.call(_compiled(), "balance", {}, _target(wire), wire.policy)
    assert KEY.encode() in wire.requests[0], "the provider got it"
    assert run.trace is not None
    assert run.trace.result == {"balance": "4.20", "currency": "USD"}
    assert [part.name for part in run.parts] == ["connect", "wait", "read"]
    told = repr(run) + repr(run.reply) + json.dumps(provider_lab.recording_of(run, "x"))
    assert KEY not in told
    assert run.curl.endswith("'\"$API_KEY\"''") or '"$API_KEY"' in run.curl


def test_an_outage_is_told_and_not_raised(wire: Callable[[Answer], Wire]) -> None:
    silent = wire(lambda connection, _: None)
    hasty = versions.compiled(json.dumps(CONFIG | {"deadlines": {"readSeconds": 1}}), "acme")
    run = provider_lab.call(hasty, "balance", {}, _target(silent), silent.policy)
    assert "the call was cut off" in run.failure
    assert run.reply is None
    with pytest.raises(InvalidInput):
        provider_lab.recording_of(run, "x")


def test_what_cannot_be_built_is_not_sent(answering: Answering) -> None:
    wire = answering("{}")
    with pytest.raises(TrialRefused, match="Nothing was sent"):
        provider_lab.call(_compiled(), "cancel", {}, _target(wire), wire.policy)
    assert wire.requests == []


def test_a_list_of_the_config_is_told_without_a_call(answering: Answering) -> None:
    listed = {"type": "fixed", "rows": [{"id": "us", "name": "United States"}, {"id": "gb"}]}
    config = {**CONFIG, "mappings": {**CONFIG["mappings"], "countries": listed}}
    wire = answering("{}")
    compiled = versions.compiled(json.dumps(config), "acme")
    run = provider_lab.call(compiled, "countries", {}, _target(wire), wire.policy)
    assert wire.requests == []
    assert (run.failure, run.url) == ("", "the list stands in the config, nothing is sent")
    again = provider_lab.replay(compiled, provider_lab.recording_of(run, "x"))
    for each in (run, again):
        assert each.trace is not None
        assert each.trace.result is not None
        assert [row["id"] for row in each.trace.result["countries"]] == ["us", "gb"]


def test_a_purchase_by_hand_is_capped_confirmed_and_sent_once(
    answering: Answering,
) -> None:
    for most, confirmed in (("", True), ("0", True), ("abc", True), ("1.5", False)):
        with pytest.raises(TrialRefused, match=r"nothing was bought|Nothing was bought"):
            provider_lab.spend_variables({"service": "tg"}, most, confirmed)
    given = provider_lab.spend_variables({"service": "tg"}, " 1.50 ", confirmed=True)
    assert given == {"service": "tg", "max_price": "1.50"}
    wire = answering('{"id": 5, "phone": "447700900123"}')
    provider_lab.call(_compiled(), "buy", given, _target(wire), wire.policy)
    assert len(wire.requests) == 1
    assert b"maxPrice=1.50" in wire.requests[0]


def test_a_key_never_goes_to_another_host(database: Database) -> None:
    with database.transaction() as unit:
        registry.add_provider(unit, BOX, CONFIG, secret=KEY, margin="1.5")
        target = provider_lab.live_target(unit, BOX, "acme", _compiled())
        assert target.secret == KEY
        moved = versions.compiled(json.dumps(CONFIG | {"baseUrl": "https://thief.example"}), "acme")
        with pytest.raises(TrialRefused, match="The key is for api"):
            provider_lab.live_target(unit, BOX, "acme", moved)


def test_a_trial_is_pinned_with_what_it_gave(database: Database, answering: Answering) -> None:
    wire = answering('{"balance": 7}')
    run = provider_lab.call(_compiled(), "balance", {}, _target(wire), wire.policy)
    with database.transaction() as unit:
        provider_id, _ = registry.add_provider(unit, BOX, CONFIG, secret=KEY, margin="1.5")
        provider_lab.pin(unit, ADMIN, "acme", _compiled(), run, "first", NOW)
        (pinned,) = fixtures.fixtures(unit, provider_id)
        assert pinned.recording["expected"] == {"ok": {"balance": "7", "currency": "USD"}}
        assert KEY not in json.dumps(pinned.recording)
        assert fixtures.check(_compiled(), [pinned])[0].passed


def test_a_key_is_replaced_and_only_its_ending_is_known(database: Database) -> None:
    with database.transaction() as unit:
        _, account = registry.add_provider(unit, BOX, CONFIG, margin="1.5")
        with pytest.raises(InvalidInput):
            provider_lab.replace_key(unit, BOX, ADMIN, "acme", " ", NOW)
        provider_lab.replace_key(unit, BOX, ADMIN, "acme", f" {KEY}\n", NOW)
        assert registry.open_secret(unit, BOX, account) == KEY
        assert provider_lab.key_ending(unit, BOX, account) == "9876"
        told = str(unit.all("select * from audit_entry"))
        assert "provider.secret" in told
        assert KEY not in told
        provider_lab.replace_key(unit, BOX, ADMIN, "acme", "short", NOW)
        assert provider_lab.key_ending(unit, BOX, account) == ""


def test_the_sandbox_stands_in_for_the_dialect() -> None:
    urls = {"fivesim": "http://127.0.0.1:1", "sms_activate": "http://127.0.0.1:2"}
    assert provider_lab.sandbox_target(_compiled(), urls, "k").base_url == urls["fivesim"]
    handler = json.loads(json.dumps(CONFIG))
    handler["endpoints"]["balance"]["path"] = "/stubs/handler_api.php"
    compiled = versions.compiled(json.dumps(handler), "acme")
    assert provider_lab.sandbox_target(compiled, urls, "k").base_url == urls["sms_activate"]
    with pytest.raises(TrialRefused):
        provider_lab.sandbox_target(compiled, {}, None)


def test_a_text_is_checked_whatever_it_is() -> None:
    assert provider_lab.check("{", "acme").document is None
    faulty = provider_lab.check('{"name": "acme"}', "acme")
    assert faulty.document == {"name": "acme"}
    assert faulty.compiled is None
    assert faulty.problems
    assert provider_lab.check(json.dumps(CONFIG), "acme").problems == []
