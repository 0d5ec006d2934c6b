"""What a provider's words mean, said by staff: it holds at once in store and purchase."""

from __future__ import annotations

import logging
from datetime import datetime

from redis.exceptions import RedisError

from nexnum_console.audit.log import record
from nexnum_console.catalogue import terms
from nexnum_console.catalogue.terms import Kind, Matched
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.core.events import ADMIN_CHANNEL, Events
from nexnum_console.core.queue import CATALOGUE, JobQueue
from nexnum_console.operations.provider_desk import SYNC_JOB, SYNC_TIMEOUT_SECONDS
from nexnum_console.providers import versions
from nexnum_console.providers.positions import parse

log = logging.getLogger(__name__)


def say_match(
    database: Database,
    jobs: JobQueue,
    events: Events,
    actor: Actor,
    provider: str,
    kind: Kind,
    theirs: str,
    ours: str,
    now: datetime,
) -> Matched:
    """Say what ``theirs`` means, or with "" leave it to the sync again; a sync is asked for.

    Raises NotFound, InvalidInput.
    """
    with database.transaction() as unit:
        found = terms.match(unit, actor.name, provider, kind, theirs, ours, now=now)
        record(
            unit,
            actor,
            "provider.match",
            f"provider:{provider}",
            before={"kind": kind, "theirs": theirs, "ours": found.before},
            after={"kind": kind, "theirs": theirs, "ours": found.after, "by_hand": bool(ours)},
            now=now,
        )
        unit.after_commit(lambda: events.publish(ADMIN_CHANNEL, "provider"))
    try:
        jobs.enqueue(CATALOGUE, SYNC_JOB, provider, timeout_seconds=SYNC_TIMEOUT_SECONDS)
    except RedisError as error:
        # The next sync on schedule does the same, in a quarter of an hour.
        log.warning("no sync of %s was asked for: %s", provider, type(error).__name__)
    return found


def change_sent(
    unit: UnitOfWork,
    actor: Actor,
    provider: str,
    kind: Kind,
    theirs: str,
    sent: str,
    now: datetime,
) -> int:
    """Send another value in the place of theirs: a value map of the draft, whose number it gives.

    The same value again, or "", takes the entry out. Raises NotFound, InvalidInput.
    """
    found = versions.draft(unit, provider)
    document = dict(parse(found.text if found else versions.served(unit, provider).text).value)
    name = "value_maps" if "value_maps" in document else "valueMaps"
    maps = document.setdefault(name, {})
    table = maps.setdefault(kind, {})
    value = sent.strip()
    if value in {"", theirs}:
        table.pop(theirs, None)
    else:
        table[theirs] = value
    if not table:
        del maps[kind]
    if not maps:
        del document[name]
    return versions.save_draft(unit, actor, provider, versions.written(document), now=now).number
