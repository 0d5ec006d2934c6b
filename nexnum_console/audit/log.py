"""The audit log: written in the transaction of the change it tells of, chained, append-only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from nexnum_console.core.actor import Actor
from nexnum_console.core.db import UnitOfWork

FIRST: Final = b"\x00" * 32
_LOCK: Final = "select pg_advisory_xact_lock(hashtext('nexnum.audit'))"

# What a hash covers; the same text for a given entry and for a stored one.
_CANONICAL: Final = (
    "convert_to(jsonb_build_array((extract(epoch from t.at) * 1000000)::bigint, t.actor, t.action,"
    " t.target, t.before, t.after, t.reason, t.request_id)::text, 'UTF8')"
)
_RECORD: Final = """
insert into audit_entry (at, actor, action, target, before, after, reason, request_id, hash)
select t.*, sha256(
  coalesce((select hash from audit_entry order by id desc limit 1), cast(:first as bytea))
  || CANONICAL)
from (select cast(:now as timestamptz) as at, cast(:actor as text) as actor,
  cast(:action as text) as action, cast(:target as text) as target,
  cast(:before as jsonb) as before, cast(:after as jsonb) as after,
  cast(:reason as text) as reason, cast(:request_id as text) as request_id) t
returning id
""".replace("CANONICAL", _CANONICAL)
_BROKEN: Final = """
select id from (
  select t.id, t.hash,
    sha256(coalesce(lag(t.hash) over (order by t.id), cast(:first as bytea)) || CANONICAL)
      as expected
  from audit_entry t) told
where hash is distinct from expected order by id limit 100
""".replace("CANONICAL", _CANONICAL)


def record(
    unit: UnitOfWork,
    actor: Actor | str,
    action: str,
    target: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    request_id: str = "",
    now: datetime,
) -> int:
    """Tell of a change; returns the entry's id.

    ``action`` is a verb and its object (``user.ban``), ``target`` a kind and an id (``user:42``);
    ``before`` and ``after`` are the changed values alone, JSON, and never secrets. Entries follow
    one another: a writer waits for the one before it to commit.
    """
    unit.run(_LOCK)
    return int(
        unit.scalar(
            _RECORD,
            now=now,
            actor=actor if isinstance(actor, str) else actor.name,
            action=action,
            target=target,
            before=None if before is None else json.dumps(dict(before)),
            after=None if after is None else json.dumps(dict(after)),
            reason=reason,
            request_id=request_id,
            first=FIRST,
        )
    )


def broken(unit: UnitOfWork) -> list[int]:
    """Ids of entries whose hash does not follow from themselves and the entry before them."""
    rows = unit.all(
        _BROKEN,
        first=FIRST,
    )
    return [int(row["id"]) for row in rows]
