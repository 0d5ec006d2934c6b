"""A purchase by hand is held to its cap and its number is never forgotten."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from nexnum_console.core.actor import SYSTEM
from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import Database
from nexnum_console.operations import lab_purchase, provider_lab
from nexnum_console.operations.provider_lab import Target, TrialRefused
from nexnum_console.providers import registry, versions
from nexnum_console.providers.carrier import Terms
from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.reports.lab_purchase import fate
from nexnum_console.wallet import ledger
from tests.operations.conftest import Answering
from tests.operations.test_provider_lab import CONFIG, _compiled, _target

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
BOX = SecretBox("k" * 32)
GIVEN = {"country": "england", "service": "tg", "max_price": "1.50"}


def _uncapped() -> CompiledProvider:
    config: dict[str, Any] = json.loads(json.dumps(CONFIG))
    del config["endpoints"]["buy"]["queryParams"]["maxPrice"]
    return versions.compiled(json.dumps(config), "acme")


def _terms(unit: Any) -> Terms:
    _, account = registry.add_provider(unit, BOX, CONFIG, margin="1.5")
    return Terms(account, "acme", "USD", 1200, 0, 150, 5, True)


def test_only_a_config_that_sends_the_cap_is_trusted_with_it() -> None:
    assert lab_purchase.sends_cap(_compiled(), GIVEN)
    assert not lab_purchase.sends_cap(_uncapped(), GIVEN)
    lab_purchase.check_cap(_compiled(), 9_000_000, GIVEN)
    lab_purchase.check_cap(_uncapped(), 1_500_000, GIVEN)
    lab_purchase.check_cap(_uncapped(), None, GIVEN)
    with pytest.raises(TrialRefused, match=r"sends no cap.*9\.00 USD.*Nothing was bought"):
        lab_purchase.check_cap(_uncapped(), 9_000_000, GIVEN)


def test_a_request_is_shown_and_not_sent(answering: Answering) -> None:
    wire = answering('{"id": 5}')
    run = provider_lab.preview(_compiled(), "buy", GIVEN, _target(wire))
    assert wire.requests == []
    assert "maxPrice=1.50" in run.url
    assert "s3cr3t" not in repr(run)
    assert run.reply is None
    with pytest.raises(TrialRefused, match="Nothing can be sent so"):
        provider_lab.preview(_compiled(), "cancel", {}, Target("live", wire.url, "s3cr3t"))


def test_what_was_bought_is_a_stray_with_a_line_of_cost(
    database: Database, answering: Answering
) -> None:
    wire = answering('{"id": 5, "phone": "447700900123"}')
    run = provider_lab.call(_compiled(), "buy", GIVEN, _target(wire), wire.policy)
    with database.transaction() as unit:
        terms = _terms(unit)
        unit.run("insert into country (iso2, name) values ('GB', 'UK')")
        unit.run("insert into service (code, name) values ('telegram', 'Telegram')")
        unit.run(
            "insert into offer (provider_id, country, service, external_country,"
            " external_service, cost_micro, price_micro, sync_no) select id, 'GB', 'telegram',"
            " 'england', 'tg', 420000, 700000, 1 from provider"
        )
        assert lab_purchase.listed_cost(unit, "acme", GIVEN) == 420_000
        assert lab_purchase.hand_over(unit, terms, run, GIVEN, NOW) == "5"
        found = fate(unit, terms, "5")
        assert found.state == "seen"
        assert "In 160 s the reconciler gives it back" in found.words
        assert found.lines == ["orphan_expense:acme −0.42 USD", "float:acme +0.42 USD"]
        shared = fate(unit, replace(terms, exclusive=False), "5")
        assert "cancel it here" in shared.words

        number = unit.scalar("update sighting set state = 'lost' returning id")
        legs = {"orphan_expense:acme": -420_000, "float:acme": 420_000}
        cause = ledger.Cause(f"orphan:{number}", SYSTEM, NOW)
        ledger.book_house(unit, "orphan_cost", legs, "USD", cause)
        kept = fate(unit, terms, "5")
    assert kept.state == "lost"
    assert sorted(kept.lines) == ["float:acme 0.42 USD", "orphan_expense:acme -0.42 USD"]


def test_a_refusal_leaves_no_stray(database: Database, answering: Answering) -> None:
    wire = answering('{"message": "no"}')
    run = provider_lab.call(_compiled(), "buy", GIVEN, _target(wire), wire.policy)
    with database.transaction() as unit:
        terms = _terms(unit)
        assert lab_purchase.hand_over(unit, terms, run, GIVEN, NOW) == ""
        assert unit.scalar("select count(*) from sighting") == 0
        assert fate(unit, terms, "").state == ""
