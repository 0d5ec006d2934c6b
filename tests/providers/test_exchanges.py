"""Live exchanges are kept without secrets, without end, and without a call waiting for it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from nexnum_console.core.clock import utc_now
from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import Database
from nexnum_console.providers import exchanges, registry, versions
from nexnum_console.providers.body import Reply
from nexnum_console.providers.carriers import StoredCarriers
from nexnum_console.providers.compile import compile_config
from nexnum_console.providers.differences import of_exchanges, summary
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.exchanges import ExchangeLog, Note, asked, recent, stored
from nexnum_console.providers.gates import Gates
from nexnum_console.providers.loading import load_config
from nexnum_console.providers.replay import could_send, replay
from nexnum_console.providers.request import build
from nexnum_console.providers.split import SplitClient
from nexnum_console.providers.talk import Exchanged
from tests.providers.test_versions import ADMIN, CONFIG
from tests.support.wire import Answer, Wire, says

KEY = "s3cr3t/k+y"
BOX = SecretBox("k" * 32)
SELLER = {
    "name": "acme",
    "baseUrl": "https://api.acme.example/v1",
    "auth": [{"type": "query_param", "name": "api_key"}, {"type": "bearer"}],
    "endpoints": {
        "balance": {"path": "/balance"},
        "status": {"path": "/orders/{id}", "queryParams": {"lang": "$operator|en"}},
    },
    "mappings": {
        "balance": CONFIG["mappings"]["balance"],
        "status": {"type": "text_regex", "regex": "S:(?P<w>\\w+)", "fields": {"status": "w"},
                   "statusMapping": {"WAIT": "waiting"}},
    },
}  # fmt: skip
COMPILED = compile_config(load_config(json.dumps(SELLER), "acme"))
NOTE = Note(
    provider_id=1,
    version=3,
    compiled=COMPILED,
    base_url=None,
    exchanged=Exchanged(
        "status",
        {"id": "77"},
        build(COMPILED, "status", {"id": "77"}, KEY),
        Reply(200, {"content-type": "text/plain", "set-cookie": "x"}, b"S:WAIT"),
        "ok",
        0.0421,
        KEY,
    ),
    at=datetime(2026, 11, 25, tzinfo=UTC),
    counted=False,
)


def _note(**changes: Any) -> Note:
    return replace(NOTE, exchanged=replace(NOTE.exchanged, **changes))


def test_what_is_kept_holds_no_secret() -> None:
    told = _note(reply=Reply(200, {}, f"bad key {KEY} or s3cr3t%2Fk%2By"))
    row = stored(told)
    assert row is not None
    assert "s3cr3t" not in json.dumps(row, default=str)
    assert KEY not in repr(NOTE)
    request = json.loads(row["request"])
    assert request["path"] == "/orders/77"
    assert request["query"] == {"api_key": "•••", "lang": "en"}
    assert request["headers"]["Authorization"] == "•••"


def test_a_kept_exchange_is_a_recording_that_replays() -> None:
    request = asked(build(COMPILED, "status", {"id": "77"}, KEY), COMPILED.config.base_url)
    recording = {
        "id": "x",
        "operation": "status",
        "request": request,
        "response": {"status": 200, "headers": {}, "body": "S:WAIT"},
        "expected": {"ok": {"state": "waiting"}},
    }
    assert replay(NOTE.compiled, [recording])[0].passed
    assert could_send(NOTE.compiled, recording) is None


def test_long_and_unreadable_bodies_are_left_out() -> None:
    assert stored(_note(reply=Reply(200, {}, b"x" * 70_000))) is None
    assert stored(_note(reply=Reply(200, {}, b"a\x00b"))) is None
    assert stored(_note(reply=None)) is None


@pytest.fixture
def seller(database: Database, wire_ok: Wire) -> int:
    with database.transaction() as unit:
        provider_id, _ = registry.add_provider(
            unit, BOX, SELLER, base_url=wire_ok.url, secret=KEY, margin="1.5"
        )
    return provider_id


@pytest.fixture
def wire_ok(wire: Callable[[Answer], Wire]) -> Wire:
    return wire(says("B:1.50"))


def test_live_calls_are_kept_and_the_ring_has_an_end(
    database: Database, seller: int, wire_ok: Wire, gates: Gates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchanges, "KEPT", 3)
    monkeypatch.setattr(exchanges, "REST_FACTOR", 0)
    log = ExchangeLog(database, sample_seconds=0)
    carriers = StoredCarriers(database, BOX, wire_ok.policy, lambda *_: None, utc_now, gates, log)
    client = carriers.get(1).client
    for _ in range(5):
        assert client.balance().amount == "1.50"
    with pytest.raises(ProviderError):
        client.status("9")
    assert log.flush()
    with database.transaction() as unit:
        kept = recent(unit, seller)
        assert [one.operation for one in kept] == ["status", "balance", "balance"]
        assert (kept[0].outcome, kept[0].version, kept[0].body) == ("parse_error", 1, "B:1.50")
        assert unit.scalar("select count(*) from provider_call") == 0
        assert KEY not in str(unit.all("select * from provider_exchange"))
    carriers.close()


def test_calls_are_counted_while_a_draft_has_a_share(
    database: Database, seller: int, wire_ok: Wire, gates: Gates
) -> None:
    with database.transaction() as unit:
        draft = json.dumps(SELLER).replace("B:(?P<b>", "(?P<b>")
        versions.save_draft(unit, ADMIN, "acme", draft, now=utc_now())
        versions.set_canary(unit, ADMIN, "acme", 50, "try", now=utc_now())
    log = ExchangeLog(database)
    carriers = StoredCarriers(database, BOX, wire_ok.policy, lambda *_: None, utc_now, gates, log)
    client = carriers.get(1).client
    assert isinstance(client, SplitClient)
    for _ in range(40):
        client.balance()
    assert log.flush()
    assert len(wire_ok.requests) == 40, "each call goes out once"
    with database.transaction() as unit:
        counts = {
            row["version"]: row["n"]
            for row in unit.all("select version, count(*) as n from provider_call group by version")
        }
    assert sum(counts.values()) == 40
    assert set(counts) == {1, 2}
    carriers.close()


def test_a_lost_database_costs_no_call(caplog: pytest.LogCaptureFixture) -> None:
    dead = Database("postgresql://nobody@127.0.0.1:9/none")
    log = ExchangeLog(dead, sample_seconds=0)
    began = time.perf_counter()
    for _ in range(2_000):
        log.take(NOTE)
    assert time.perf_counter() - began < 1.0, "notes are dropped, never waited for"
    assert log.flush()
    assert log.dropped > 0
    dead.close()


def test_one_exchange_a_second_of_a_kind_is_enough(database: Database) -> None:
    log = ExchangeLog(database, sample_seconds=60)
    assert log._is_new(NOTE)
    assert not log._is_new(NOTE)
    assert log._is_new(_note(outcome="parse_error"))
    assert not log._is_new(_note(outcome="provider_unavailable", reply=None))


def test_what_takes_long_to_make_nobodys_is_kept_seldom(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(_: Note) -> None:
        time.sleep(0.02)

    monkeypatch.setattr(exchanges, "stored", slow)
    log = ExchangeLog(database, sample_seconds=0.01)
    log.take(NOTE)
    assert log.flush()
    time.sleep(0.05)
    assert not log._is_new(_note(reply=Reply(200, {}, b"S:ELSE"))), "for two seconds"
    assert log._is_new(_note(outcome="parse_error")), "another kind has its own time"


def test_two_versions_are_compared_by_what_they_read() -> None:
    old = NOTE.compiled
    row = stored(NOTE)
    assert row is not None
    one = exchanges.Exchange(
        5, 3, "status", {"id": "77"}, {}, 200, {}, row["body"], "ok", 42, NOTE.at
    )
    bad = replace(one, id=6, body="S:ELSE")
    first, second = of_exchanges(old, old, [one, bad])
    assert (summary(first.before), summary(first.after)) == ("state waiting", "state waiting")
    assert (summary(second.before), second.kind, second.message) == ("parse error", "same", "")
    new = compile_config(
        load_config(json.dumps(SELLER).replace('"waiting"', '"cancelled"'), "acme")
    )
    (changed,) = of_exchanges(old, new, [one])
    assert changed.message == "state: 'waiting' → 'cancelled'"
