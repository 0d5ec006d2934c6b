"""A new provider, step by step; the checklist is what the database says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nexnum_console.core.actor import Actor
from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import Database
from nexnum_console.core.errors import InvalidInput, NotFound
from nexnum_console.operations import provider_lab, provider_setup
from nexnum_console.operations.provider_setup import Carrier, NotReady, Wish
from nexnum_console.providers import fixtures, registry, versions
from nexnum_console.providers.registry import ProviderExists

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
BOX = SecretBox("k" * 32)
ADMIN = Actor(7, "ops@example.com", "admin", frozenset({"providers.manage"}))
CURL = "curl 'https://api.other.example/v1/user/balance' -H 'Authorization: Bearer abcdef123456'"


def test_a_template_begins_switched_off_with_its_recordings(database: Database) -> None:
    assert {"fivesim", "sms_activate"} <= set(provider_setup.templates())
    with database.transaction() as unit:
        wish = Wish("template", "fivesim", " Acme ", "Acme SMS")
        begun = provider_setup.begin(unit, BOX, ADMIN, wish, now=NOW)
        assert begun.name == "acme"
        state = provider_setup.progress(unit, "acme")
        assert (state.config, state.key, state.tested, state.published) == (
            True, False, False, False,
        )  # fmt: skip
        assert state.title == "Acme SMS"
        assert len(fixtures.fixtures(unit, versions.served(unit, "acme").provider_id)) > 10
        assert unit.scalar("select count(*) from audit_entry where action = 'provider.add'") == 1
        with pytest.raises(ProviderExists):
            provider_setup.begin(unit, BOX, ADMIN, wish, now=NOW)


@pytest.mark.parametrize("name", ["", "new", "UPPER CASE", "a/b", "x" * 41, "-a"])
def test_names_that_cannot_be_addresses_are_refused(database: Database, name: str) -> None:
    with database.transaction() as unit, pytest.raises(InvalidInput, match="Nothing was added"):
        provider_setup.begin(unit, BOX, ADMIN, Wish("template", "fivesim", name), now=NOW)


def test_an_import_begins_as_a_draft_where_it_is_not_whole(database: Database) -> None:
    with database.transaction() as unit:
        begun = provider_setup.begin(unit, BOX, ADMIN, Wish("curl", CURL, "other"), now=NOW)
        state = provider_setup.progress(unit, begun.name)
        assert not state.config
        assert state.trouble.startswith("It says nothing of")
        everything = str(unit.all("select * from provider")) + str(
            unit.all("select * from provider_config_version")
        )
        assert "abcdef123456" not in everything, "a key in the source is taken out"
        with pytest.raises(InvalidInput, match="Nothing was added"):
            provider_setup.begin(unit, BOX, ADMIN, Wish("openapi", "{]", "third"), now=NOW)


def test_each_step_is_read_from_the_database(database: Database) -> None:
    with database.transaction() as unit:
        provider_setup.begin(unit, BOX, ADMIN, Wish("template", "fivesim", "acme"), now=NOW)
        with pytest.raises(NotReady, match="it has no key, none of its operations was tested"):
            provider_setup.open_shop(unit, ADMIN, "acme", now=NOW)
        provider_lab.replace_key(unit, BOX, ADMIN, "acme", "k3y", NOW)
        assert provider_setup.progress(unit, "acme").key
        provider_id = versions.served(unit, "acme").provider_id
        pinned = fixtures.fixtures(unit, provider_id)[0].recording | {"id": "mine"}
        fixtures.pin(unit, ADMIN, provider_id, "acme", pinned, now=NOW)
        assert provider_setup.progress(unit, "acme").tested
        provider_setup.keep_margin(unit, ADMIN, "acme", now=NOW)
        assert provider_setup.progress(unit, "acme").margin
        with pytest.raises(NotReady, match="its catalogue was not read"):
            provider_setup.open_shop(unit, ADMIN, "acme", now=NOW)
        with pytest.raises(NotFound):
            provider_setup.progress(unit, "nobody")


def test_two_providers_at_one_carrier_take_no_number_for_a_stray(database: Database) -> None:
    carrier = Carrier("fivesim", "http://127.0.0.1:9", "k3y")
    with database.transaction() as unit:
        for name in ("one", "two"):
            wish = Wish("template", "fivesim", name, carrier=carrier)
            provider_setup.begin(unit, BOX, ADMIN, wish, now=NOW)
        assert [account.exclusive for account in registry.accounts(unit)] == [False, False]
        assert all(account.base_url == carrier.url for account in registry.accounts(unit))
        assert provider_setup.progress(unit, "one").key, "the carrier brings its key"
