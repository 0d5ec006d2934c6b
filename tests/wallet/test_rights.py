"""What the running product's own role may not do, whatever its code says."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError, ProgrammingError

UNIT = 1_000_000


@pytest.mark.parametrize("table", ["journal", "entry", "ledger_block", "account"])
@pytest.mark.parametrize(
    "deed",
    [
        "update {table} set {column} = {column}",
        "delete from {table}",
        "truncate {table} cascade",
        "alter table {table} disable trigger all",
        "drop trigger {table}_append_only on {table}",
    ],
)
def test_the_running_role_may_only_add(database, open_wallet, table, deed):
    open_wallet(UNIT)
    column = {"ledger_block": "number"}.get(table, "id")
    refused = pytest.raises(ProgrammingError, match=r"permission denied|must be owner")
    with refused, database.transaction() as unit:
        unit.run(deed.format(table=table, column=column))


@pytest.mark.parametrize("deed", ["update account set code = 'x'", "delete from account"])
def test_the_owner_meets_the_trigger(owner_database, database, open_wallet, deed):
    open_wallet(UNIT)
    with pytest.raises(IntegrityError, match="append-only"), owner_database.transaction() as unit:
        unit.run(deed)


def test_a_second_refund_of_an_order_is_refused_whatever_its_key(database, open_wallet):
    wallet = open_wallet(UNIT)
    insert = (
        "insert into journal (key, kind, ref, actor, currency, wallet_id, wallet_seq, hash,"
        " occurred_at) values (:key, 'refund', 'activation:1', 'x', 'USD', :w, :seq, '', now())"
    )
    with database.transaction() as unit:
        unit.run(insert, key="cancel_refund:1", w=wallet, seq=2)
    refused = pytest.raises(IntegrityError, match="journal_refunded_once")
    with refused, database.transaction() as unit:
        unit.run(insert, key="poller_refund:1", w=wallet, seq=3)
