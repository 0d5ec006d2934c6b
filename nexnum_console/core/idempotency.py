"""A request made twice is carried out once: the first answer is kept and replayed.

``begin`` belongs into the transaction that writes the work's intent, ``finish`` into the one that
completes it. When the worker in between dies, its lease runs out and the next caller with the
same key takes over; ``Fresh.ref`` then names the work the dead one had begun. A refusal keeps
nothing: the key is free again. Answers are kept for ``KEPT``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import BusinessError, InvalidInput

# Promised to callers: the same request is answered alike for this long, and is a new one after it.
KEPT: Final = timedelta(days=7)
BATCH: Final = 10_000
_KEY: Final = re.compile(r"[\x21-\x7e]{1,128}")


class InFlight(BusinessError):
    """The same request is being carried out; ``details.ref`` names the work once it is begun."""

    code = "in_flight"
    status = 409


class KeyReused(BusinessError):
    """The key belongs to a request with other content."""

    code = "idempotency_key_reused"
    status = 422


@dataclass(frozen=True, slots=True)
class Fresh:
    """The work is the caller's to do. ``ref`` names it: what a dead predecessor had ``begun``, else
    what the caller's ``naming`` made, or nothing yet."""

    ref: str = ""
    begun: bool = False


@dataclass(frozen=True, slots=True)
class Replay:
    """The work was done before; this was its answer."""

    status: int
    body: str


def check_key(key: str) -> str:
    """The key if it is 1 to 128 visible ASCII characters; InvalidInput."""
    if not _KEY.fullmatch(key):
        raise InvalidInput("Idempotency-Key must be 1 to 128 visible ASCII characters.")
    return key


def fingerprint(method: str, path: str, body: bytes) -> bytes:
    """What makes two requests the same request."""
    return sha256(b"\0".join((method.encode(), path.encode(), body))).digest()


def begin(
    unit: UnitOfWork,
    principal: str,
    key: str,
    request_hash: bytes,
    *,
    now: datetime,
    lease: timedelta,
    naming: str = "''",
) -> Fresh | Replay:
    """Claim the key for ``principal``; InFlight while another works, KeyReused for other content.

    ``naming``: SQL that makes the name of new work, where that is known beforehand; else ``attach``
    notes it. Two callers at once queue here: the second sees what the first one's transaction left.
    """
    ref = _claim(unit, principal, key, request_hash, naming, now=now, until=now + lease)
    if ref is not None:
        return Fresh(ref)
    row = unit.first(
        "select request_hash, state, ref, status, body, locked_until from idempotency_key"
        " where principal = :principal and key = :key for update",
        principal=principal,
        key=key,
    )
    if row is None:
        raise InFlight("This request was just cleared away; send it again.", retry_after=1)
    if bytes(row["request_hash"]) != request_hash:
        raise KeyReused(
            "This Idempotency-Key was used for another request; nothing was done. Take a new one."
        )
    if row["state"] == "done":
        return Replay(row["status"], row["body"])
    if row["locked_until"] > now:
        wait = max(1, round((row["locked_until"] - now).total_seconds()))
        raise InFlight(
            "The same request is being carried out; ask again shortly.",
            retry_after=min(wait, 5),
            **({"ref": row["ref"]} if row["ref"] else {}),
        )
    unit.run(
        "update idempotency_key set locked_until = :until"
        " where principal = :principal and key = :key",
        principal=principal,
        key=key,
        until=now + lease,
    )
    return Fresh(row["ref"], begun=bool(row["ref"]))


def attach(unit: UnitOfWork, principal: str, key: str, ref: str) -> None:
    """Note which work (``activation:42``) the request began, in the work's own transaction."""
    unit.run(
        "update idempotency_key set ref = :ref where principal = :principal and key = :key",
        principal=principal,
        key=key,
        ref=ref,
    )


def let_go(unit: UnitOfWork, principal: str, key: str, *, now: datetime) -> None:
    """The caller could not finish: the next one with the same key takes over at once."""
    unit.run(
        "update idempotency_key set locked_until = :now"
        " where principal = :principal and key = :key and state = 'open'",
        principal=principal,
        key=key,
        now=now,
    )


def free(unit: UnitOfWork, principal: str, key: str) -> None:
    """The request was refused and changed nothing: the key is as if it had never been used."""
    unit.run(
        "delete from idempotency_key"
        " where principal = :principal and key = :key and state = 'open'",
        principal=principal,
        key=key,
    )


def finish(unit: UnitOfWork, principal: str, key: str, status: int, body: str) -> Replay:
    """Keep the answer; the first one kept stays. Returns the one kept, for everyone to give."""
    kept = unit.first(
        "update idempotency_key set state = 'done', status = :status, body = :body"
        " where principal = :principal and key = :key and state = 'open' returning status, body",
        principal=principal,
        key=key,
        status=status,
        body=body,
    )
    kept = kept or unit.first(
        "select status, body from idempotency_key where principal = :principal and key = :key",
        principal=principal,
        key=key,
    )
    return Replay(kept["status"], kept["body"]) if kept else Replay(status, body)


def sweep(unit: UnitOfWork, now: datetime, *, most: int = BATCH) -> int:
    """Forget the oldest requests from before ``KEPT``, ``most`` at a time; returns how many. One
    that lost its work stays, as evidence."""
    return unit.run(
        "delete from idempotency_key where (principal, key) in (select principal, key"
        " from idempotency_key where created_at < :before and locked_until < :before"
        " and (state = 'done' or ref <> '') order by created_at limit :most)",
        before=now - KEPT,
        most=most,
    ).rowcount


def _claim(
    unit: UnitOfWork,
    principal: str,
    key: str,
    request_hash: bytes,
    naming: str,
    *,
    now: datetime,
    until: datetime,
) -> str | None:
    """The new work's name; None where the key is known."""
    ref: str | None = unit.scalar(
        "insert into idempotency_key (principal, key, request_hash, state, ref, created_at,"  # noqa: S608
        f" locked_until) values (:principal, :key, :hash, 'open', {naming}, :now, :until)"
        " on conflict do nothing returning ref",
        principal=principal,
        key=check_key(key),
        hash=request_hash,
        now=now,
        until=until,
    )
    return ref
