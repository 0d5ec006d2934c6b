"""The sweep: what a killed process left half done is put where others find it."""

from __future__ import annotations

from nexnum_console.activations.attempts import fail, mark_unknown
from nexnum_console.activations.desk import Desk
from nexnum_console.activations.inbound import match_waiting
from nexnum_console.activations.mishaps import apart
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
    settled = 0
    for row in silent:
        with apart(desk, f"attempt {row['id']}", "mark this purchase as unknown"):
            mark_unknown(desk, row["id"], "no_answer", "the process that asked is gone", now)
            settled += 1
    with desk.database.transaction() as unit:
        idle = unit.all(
            "select id from activation a where state = 'buying' and lease_until < :now"
            " and not exists (select from attempt where activation_id = a.id"
            "  and state in ('sent','unknown')) order by id limit :batch",
            now=now,
            batch=BATCH,
        )
    for row in idle:
        with apart(desk, f"activation {row['id']}", "release the hold of this order"):
            settled += fail(desk, row["id"], "interrupted", now)
    match_waiting(desk)
    failpoint("sweep.swept")
    return settled
