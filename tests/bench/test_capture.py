"""What is recorded is what was committed."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import DBAPIError

from bench.capture import recording


def test_transactions_are_kept_in_order_and_rollbacks_are_not(database):
    with recording(database) as tape:
        with database.transaction() as unit:
            unit.run("select cast(:n as int)", n=7)
        with pytest.raises(DBAPIError), database.transaction() as unit:
            unit.run("select 1 / 0")
        with database.transaction():
            pass
    with database.transaction() as unit:
        unit.run("select 'afterwards'")
    (only,) = tape.transactions
    assert [(each.sql, dict(each.parameters)) for each in only] == [
        ("select cast(%(n)s as int)", {"n": 7})
    ]
