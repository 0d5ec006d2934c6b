"""Migrations make exactly the tables that the code declares, and take them away again."""

from __future__ import annotations

import importlib
import pkgutil

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlmodel import SQLModel

import nexnum_console
from nexnum_console.core.db import driver_url
from nexnum_console.stack.layout import CHECKOUT
from tests.support.services import DatabaseUrls

# What proves the money is only ever added to.
ADD_ONLY = {"account", "entry", "journal", "ledger_block"}

_DISPUTED = "deposit 9 is disputed at stripe"
_STANDING_STILL = """
with who as (
  insert into app_user (email, password_hash) values ('a@example.org', 'x'),
    ('b@example.org', 'x') returning id, email
), held as (
  insert into wallet (user_id, currency, head, frozen_reason)
  select id, 'USD', '', case when email like 'a%'
    then 'I3 does not hold, evidence 5: off by one' end from who
  returning id
)
insert into deposit_intent
  (id, wallet_id, gateway, ticket, amount, currency, state, created_at, expires_at)
select case id when (select min(id) from held) then 9 else 10 end, id, 'stripe', 't' || id, 5,
  'USD', 'disputed', now(), now() from held
"""


def _config(url: str) -> Config:
    config = Config(str(CHECKOUT / "alembic.ini"))
    config.attributes["url"] = url
    return config


def _declare_every_table() -> None:
    for room in pkgutil.iter_modules(nexnum_console.__path__):
        inside = [f"{nexnum_console.__path__[0]}/{room.name}"] if room.ispkg else []
        for module in pkgutil.iter_modules(inside, f"nexnum_console.{room.name}."):
            if module.name.endswith("models"):
                importlib.import_module(module.name)


def test_there_is_one_newest_revision() -> None:
    assert len(ScriptDirectory.from_config(_config("")).get_heads()) == 1


def test_the_migrated_database_is_what_the_code_declares(fresh_urls: DatabaseUrls) -> None:
    _declare_every_table()
    engine = create_engine(driver_url(fresh_urls.owner))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, SQLModel.metadata)
    engine.dispose()
    assert differences == []


def test_every_migration_goes_down_and_up_again(fresh_urls: DatabaseUrls) -> None:
    config = _config(fresh_urls.owner)
    engine = create_engine(driver_url(fresh_urls.owner))
    before = set(inspect(engine).get_table_names())
    command.downgrade(config, "base")
    assert set(inspect(engine).get_table_names()) == {"alembic_version"}
    command.upgrade(config, "head")
    assert set(inspect(engine).get_table_names()) == before
    engine.dispose()


def test_a_wallet_that_stood_still_keeps_its_cause_and_the_disputes_that_it_hid(
    fresh_urls: DatabaseUrls,
) -> None:
    config = _config(fresh_urls.owner)
    command.downgrade(config, "0023_asked_to_pay_back")
    engine = create_engine(driver_url(fresh_urls.owner))
    with engine.begin() as connection:
        connection.execute(text(_STANDING_STILL))
    command.upgrade(config, "head")
    with engine.connect() as connection:
        told = connection.execute(
            text(
                "select f.cause, w.frozen_reason from wallet_freeze f join wallet w"
                " on w.id = f.wallet_id order by f.id"
            )
        ).all()
    engine.dispose()
    broken = "I3 does not hold, evidence 5: off by one"
    assert [tuple(row) for row in told] == [
        ("break:I3", f"{broken}; {_DISPUTED}"),
        (_DISPUTED, f"{broken}; {_DISPUTED}"),
    ]


def test_the_running_product_has_its_rights_on_every_table(fresh_urls: DatabaseUrls) -> None:
    engine = create_engine(driver_url(fresh_urls.app))
    with engine.connect() as connection:
        tables = set(inspect(connection).get_table_names()) - {"alembic_version"}
        for table in sorted(tables):
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE"):
                asked = text("select has_table_privilege(current_user, :table, :right)")
                may = connection.scalar(asked, {"table": f'"{table}"', "right": right})
                add_only = table in ADD_ONLY and right in {"UPDATE", "DELETE"}
                assert may != add_only, f"{right} on {table}"
    engine.dispose()
    assert "inbound_delivery" in tables
