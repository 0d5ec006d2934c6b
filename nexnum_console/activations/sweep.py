"""The sweep: what a killed process left half done is put where others find it."""

from __future__ import annotations

from nexnum_console.activations.attempts import fail, mark_unknown
from nexnum_console.activations.desk import Desk
from nexnum_console.activations.inbound import match_waiting
from nexnum_console.core.failpoints import failpoint

BATCH = 200


def sweep(desk: Desk) -> int:
    """Settle purchases whose process is gone; returns how many.

    A call that was sent and never answered is unknown. An order whose provider was not being
    asked sold nothing, so its hold goes back. An event that was pushed before its order was
    committed finds it here.
    """
    now = desk.clock()
    with desk.database.transaction() as unit:
        silent = unit.all(
            "select id from attempt where state = 'sent' and lease_until < :now"
            " order by id limit :batch",
            now=now,
            batch=BATCH,
        )
    for row in silent:
        mark_unknown(desk, row["id"], "no_answer", "the process that asked is gone", now)
    with desk.database.transaction() as unit:
        idle = unit.all(
            "select id from activation a where state = 'buying' and lease_until < :now"
            " and not exists (select from attempt where activation_id = a.id"
            "  and state in ('sent','unknown')) order by id limit :batch",
            now=now,
            batch=BATCH,
        )
    closed = sum(fail(desk, row["id"], "interrupted", now) for row in idle)
    match_waiting(desk)
    failpoint("sweep.swept")
    return len(silent) + closed
