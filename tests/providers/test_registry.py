"""Providers and our accounts with them."""

from __future__ import annotations

import json

import pytest

from nexnum_console.core.clock import utc_now
from nexnum_console.core.crypto import SealBroken, SecretBox
from nexnum_console.core.db import Database
from nexnum_console.core.errors import InvalidInput, NotFound
from nexnum_console.core.runtime_settings import change
from nexnum_console.providers import registry
from nexnum_console.providers.registry import AccountTerms, ProviderExists

BOX = SecretBox("k" * 32)
CONFIG = {"name": "fivesim", "displayName": "5sim", "currency": "USD"}


def _add(database: Database, **options: object) -> tuple[int, int]:
    with database.transaction() as unit:
        return registry.add_provider(
            unit, BOX, CONFIG, base_url="https://api.example", secret="top secret", **options
        )


def test_a_client_gets_what_it_needs(database: Database) -> None:
    _, account_id = _add(database, terms=AccountTerms(settle_seconds=4, poll_seconds=0.5))
    with database.transaction() as unit:
        account = registry.account(unit, account_id)
        assert registry.accounts(unit, enabled_only=True) == [account]
        assert registry.open_secret(unit, BOX, account_id) == "top secret"
    assert account.config == CONFIG
    assert (account.base_url, account.secret_host) == ("https://api.example", "api.example")
    assert (account.settle_seconds, account.poll_seconds) == (4, 0.5)


def test_the_secret_of_who_only_calls_us_is_bound_to_no_host(database: Database) -> None:
    hooks = {"webhook": {"type": "json_object", "fields": {"code": "pin"}}}
    inbound = {"name": "hooks", "mappings": hooks}
    asking = inbound | {"baseUrl": "https://x.example", "endpoints": {"balance": {"path": "/b"}}}
    with database.transaction() as unit:
        _, account_id = registry.add_provider(unit, BOX, inbound, secret="shared")
        assert registry.open_secret(unit, BOX, account_id) == "shared"
        unit.run(
            "update provider set config = cast(:c as json) where name = 'hooks'",
            c=json.dumps(asking),
        )
        assert registry.open_secret(unit, BOX, account_id) == "", "no host may get it"
        nowhere = {"name": "nowhere", "endpoints": asking["endpoints"]}
        with pytest.raises(InvalidInput, match="no base URL"):
            registry.add_provider(unit, BOX, nowhere, secret="s")


def test_the_secret_is_sealed_for_its_place(database: Database) -> None:
    _, first = _add(database)
    with database.transaction() as unit:
        _, second = registry.add_provider(
            unit, BOX, CONFIG | {"name": "other"}, base_url="https://x.example", secret="x"
        )
        stored = bytes(
            unit.scalar("select secret_sealed from provider_account where id = :i", i=first)
        )
        assert b"top secret" not in stored
        unit.run("update provider_account set secret_sealed = :s where id = :i", s=stored, i=second)
        with pytest.raises(SealBroken):
            registry.open_secret(unit, BOX, second)


def test_terms_and_config_can_change(database: Database) -> None:
    _, account_id = _add(database)
    with database.transaction() as unit:
        registry.set_terms(unit, account_id, AccountTerms(settle_seconds=9, exclusive=False))
        registry.set_config(unit, "fivesim", CONFIG | {"currency": "RUB"})
        account = registry.account(unit, account_id)
        with pytest.raises(NotFound):
            registry.set_terms(unit, 99, AccountTerms())
    assert (account.settle_seconds, account.exclusive, account.currency) == (9, False, "RUB")


def test_the_order_of_a_configs_rules_is_kept(database: Database) -> None:
    rules = {"zz_first": "no numbers", "a": "no", "mmmm": "n"}
    with database.transaction() as unit:
        _, account_id = registry.add_provider(
            unit, BOX, CONFIG | {"errors": {"patterns": rules}}, base_url="https://x.example"
        )
        stored = registry.account(unit, account_id).config
    assert list(stored["errors"]["patterns"]) == list(rules)


def test_disabled_ones_are_not_listed_as_enabled(database: Database) -> None:
    _add(database)
    with database.transaction() as unit:
        registry.set_enabled(unit, "fivesim", False)
        assert registry.accounts(unit, enabled_only=True) == []
        (view,) = registry.providers(unit)
    assert (view.title, view.enabled, view.accounts, view.has_secret, view.offers) == (
        "5sim",
        False,
        1,
        True,
        0,
    )


def test_a_name_is_there_once(database: Database) -> None:
    _add(database)
    with pytest.raises(ProviderExists):
        _add(database)


@pytest.mark.parametrize("margin", ["0.99", "0", "-2", "1001", "1.00001", "much"])
def test_impossible_margins(database: Database, margin: str) -> None:
    with pytest.raises(InvalidInput):
        _add(database, margin=margin)


def test_unknown_names_say_so(database: Database) -> None:
    with database.transaction() as unit:
        with pytest.raises(NotFound):
            registry.set_enabled(unit, "nobody", True)
        with pytest.raises(NotFound):
            registry.set_margin(unit, "nobody", "2", reprice=lambda *_: 0)
        with pytest.raises(NotFound):
            registry.account(unit, 99)


def test_a_provider_without_a_margin_starts_with_the_one_that_admins_set(
    database: Database,
) -> None:
    with database.transaction() as unit:
        change(unit, "default_margin", "2.25", utc_now())
    _add(database)
    with database.transaction() as unit:
        assert str(registry.providers(unit)[0].margin) == "2.2500"


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({"base_url": "https://api.example"}, True),
        ({"base_url": "https://API.example/v2"}, True),
        ({"base_url": "https://evil.example"}, False),
        ({"base_url": "https://api.example.evil.example"}, False),
        ({"base_url": "https://api.example@evil.example"}, False),
        ({}, False),  # the config's own host holds again
    ],
)
def test_a_key_does_not_follow_a_changed_host(
    database: Database, change: dict[str, str], kept: bool
) -> None:
    _, account_id = _add(database)
    with database.transaction() as unit:
        registry.set_config(unit, "fivesim", CONFIG | {"baseUrl": "https://5sim.example"}, **change)
        account = registry.account(unit, account_id)
        secret = registry.open_secret(unit, BOX, account_id)
        stored = unit.scalar("select secret_sealed is not null from provider_account")
    assert (secret, account.secret_host, stored) == (
        ("top secret", "api.example", True) if kept else ("", None, False)
    )


def test_a_host_changed_behind_our_back_opens_no_key(database: Database) -> None:
    _, account_id = _add(database)
    with database.transaction() as unit:
        unit.run("update provider set base_url = 'https://evil.example'")
        assert registry.open_secret(unit, BOX, account_id) == ""
        unit.run("update provider set base_url = 'https://api.example'")
        assert registry.open_secret(unit, BOX, account_id) == "top secret"


def test_the_keys_of_other_providers_stay(database: Database) -> None:
    _add(database)
    with database.transaction() as unit:
        _, other = registry.add_provider(
            unit, BOX, CONFIG | {"name": "other"}, base_url="https://x.example", secret="theirs"
        )
        registry.set_config(unit, "fivesim", CONFIG, base_url="https://moved.example")
        assert registry.open_secret(unit, BOX, other) == "theirs"
