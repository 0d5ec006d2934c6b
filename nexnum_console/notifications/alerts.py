"""What an operator must look at: one open alert for each thing, however often it is seen."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.events import ADMIN_CHANNEL
from nexnum_console.core.outbox import Outbox
from nexnum_console.notifications import mail

log = logging.getLogger(__name__)

MAILED_AT_ONCE: Final = 20
_TOPIC: Final = "alert"


def raise_alert(unit: UnitOfWork, kind: str, subject: str, text: str, now: datetime) -> bool:
    """Open an alert of ``kind`` about ``subject``, or count it again; whether it is a new one.

    An open one says from then on what is said now. ``text`` says what happened, where, and what to
    do; no secrets.
    """
    new = bool(
        unit.scalar(
            "insert into alert (kind, subject, text, raised_at, seen_at)"
            " values (:kind, :subject, :text, :now, :now)"
            " on conflict (kind, subject) where closed_at is null"
            " do update set times = alert.times + 1, seen_at = excluded.seen_at,"
            " text = excluded.text returning times = 1",
            kind=kind,
            subject=subject[:200],
            text=text,
            now=now,
        )
    )
    if new:
        log.error("alert %s, %s: %s", kind, subject, text)
        unit.publish(ADMIN_CHANNEL, _TOPIC)
    return new


def is_open(unit: UnitOfWork, kind: str, subject: str) -> bool:
    """Whether nobody has settled it yet."""
    return bool(
        unit.scalar(
            "select true from alert where kind = :kind and subject = :subject"
            " and closed_at is null",
            kind=kind,
            subject=subject[:200],
        )
    )


def close_alert(unit: UnitOfWork, kind: str, subject: str, now: datetime) -> bool:
    """The matter is settled; whether there was an open alert."""
    closed = unit.scalar(
        "update alert set closed_at = :now where kind = :kind and subject = :subject"
        " and closed_at is null returning true",
        kind=kind,
        subject=subject[:200],
        now=now,
    )
    if closed:
        unit.publish(ADMIN_CHANNEL, _TOPIC)
    return bool(closed)


def last_seen(unit: UnitOfWork, kind: str) -> dict[str, datetime]:
    """When alerts of a kind were last raised, by subject: open ones, and those staff settled.

    What was over by itself and comes again is new.
    """
    rows = unit.all(
        "select subject, max(seen_at) as at from alert where kind = :kind"
        " and (closed_at is null or by_hand) group by subject",
        kind=kind,
    )
    return {row["subject"]: row["at"] for row in rows}


@dataclass(frozen=True, slots=True)
class Closed:
    """An alert that somebody settled."""

    id: int
    kind: str
    subject: str
    times: int


def close(unit: UnitOfWork, ids: Sequence[int], now: datetime) -> list[Closed]:
    """Settle these alerts; returns those that were open."""
    rows = unit.all(
        "update alert set closed_at = :now, by_hand = true where id = any(cast(:ids as bigint[]))"
        " and closed_at is null returning id, kind, subject, times",
        ids=list(ids),
        now=now,
    )
    if rows:
        unit.publish(ADMIN_CHANNEL, _TOPIC)
    return [Closed(**row) for row in rows]


def mail_new(
    unit: UnitOfWork, outbox: Outbox, box: SecretBox, recipients: Sequence[str], now: datetime
) -> int:
    """Write each alert that was not mailed yet to every recipient; returns how many alerts."""
    rows = unit.all(
        "update alert set mailed_at = :now where id in (select id from alert"
        " where mailed_at is null order by id limit :limit for update skip locked)"
        " returning kind, subject, text",
        now=now,
        limit=MAILED_AT_ONCE,
    )
    for row in rows:
        for recipient in recipients:
            mail.post(
                unit, outbox, box, recipient, f"Alert: {row['subject']}", row["text"], now=now
            )
    return len(rows)
