"""The newest live exchanges, kept for the lab. A sale never waits for it.

A call leaves a note in a bounded queue and goes on; a thread of its own takes secrets and people
out and writes. Where the queue is full, the database slow or gone, notes are dropped and counted.
"""

from __future__ import annotations

import json
import logging
import queue
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy.exc import SQLAlchemyError

from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.providers.disguise import disguise_of
from nexnum_console.providers.redaction import MASK, redact
from nexnum_console.providers.request import Request
from nexnum_console.providers.talk import Exchanged

log = logging.getLogger(__name__)

KEPT: Final = 200
CALLS_KEPT: Final = 2_000
BODY_MOST: Final = 64 * 1024
WAITING_MOST: Final = 512
BATCH: Final = 64
# Of one operation and outcome, one exchange in this time is enough to know them by.
SAMPLE_SECONDS: Final = 1.0
# The very same answer is kept again after so many times as long: a waiting number is polled often.
SAME_FACTOR: Final = 60
SEEN_MOST: Final = 10_000
# A list of a hundred numbers takes half a second to be made nobody's; so long a kind rests then
# that it costs no more than a hundredth of a processor.
REST_FACTOR: Final = 100
_HEADERS: Final = ("content-type", "retry-after", "content-encoding")
_SENSITIVE: Final = ("authorization", "cookie", "key", "token", "secret", "auth")


@dataclass(frozen=True, slots=True)
class Note:
    """What a call leaves behind; ``counted`` while a draft of the provider has a share."""

    provider_id: int
    version: int
    compiled: CompiledProvider
    base_url: str | None
    exchanged: Exchanged
    at: datetime
    counted: bool

    def __repr__(self) -> str:
        return f"Note({self.compiled.name}, {self.exchanged!r})"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A stored exchange, secrets and people taken out. ``variables`` are in our words."""

    id: int
    version: int
    operation: str
    variables: dict[str, str]
    request: dict[str, Any]
    status: int
    headers: dict[str, str]
    body: str
    outcome: str
    millis: int
    at: datetime

    def recording(self, name: str, expected: dict[str, Any]) -> dict[str, Any]:
        """The exchange in the form of a recording file."""
        return {
            "id": name,
            "operation": self.operation,
            "request": self.request,
            "response": {"status": self.status, "headers": self.headers, "body": self.body},
            "expected": expected,
        }


class ExchangeLog:
    """Takes notes of calls and writes them from a thread of its own."""

    def __init__(self, database: Database, *, sample_seconds: float = SAMPLE_SECONDS) -> None:
        self._database = database
        self._sample_seconds = sample_seconds
        self._waiting: queue.Queue[Note | threading.Event] = queue.Queue(WAITING_MOST)
        self._seen: dict[tuple[int, str, str, int], float] = {}
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self.dropped = 0

    def take(self, note: Note) -> None:
        """Leave a note; never waits and never raises."""
        if not note.counted and not self._is_new(note):
            return
        try:
            self._waiting.put_nowait(note)
        except queue.Full:
            self.dropped += 1
            return
        if self._thread is None or not self._thread.is_alive():
            self._start()

    def flush(self, seconds: float = 5.0) -> bool:
        """Wait until what waits now is written; False where that took too long."""
        if self._thread is None:
            return True
        done = threading.Event()
        try:
            self._waiting.put(done, timeout=seconds)
        except queue.Full:
            return False
        return done.wait(seconds)

    def _is_new(self, note: Note) -> bool:
        """Whether an exchange of its kind is worth its place: not one of many, nor the same."""
        reply = note.exchanged.reply
        if reply is None or len(reply.body) > BODY_MOST:
            return False
        now = time.monotonic()
        if len(self._seen) > SEEN_MOST:
            self._seen.clear()
        kind = _kind(note)
        if now - self._seen.get((*kind, 0), -self._sample_seconds) < self._sample_seconds:
            return False
        same = (*kind, hash(reply.body))
        again = self._sample_seconds * SAME_FACTOR
        if now - self._seen.get(same, -again) < again:
            return False
        self._seen[(*kind, 0)] = self._seen[same] = now
        return True

    def _start(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="exchanges", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            batch = [self._waiting.get()]
            while len(batch) < BATCH:
                try:
                    batch.append(self._waiting.get_nowait())
                except queue.Empty:
                    break
            notes = [one for one in batch if isinstance(one, Note)]
            try:
                if notes:
                    self._write(notes)
            except SQLAlchemyError as error:
                self.dropped += len(notes)
                log.warning("%s exchanges were not kept: %s", len(notes), type(error).__name__)
            for one in batch:
                if isinstance(one, threading.Event):
                    one.set()

    def _write(self, notes: list[Note]) -> None:
        rows: list[Mapping[str, Any]] = [row for note in notes if (row := self._row(note))]
        calls: list[Mapping[str, Any]] = [
            {
                "provider_id": note.provider_id,
                "version": note.version,
                "operation": note.exchanged.operation,
                "outcome": note.exchanged.outcome,
                "at": note.at,
            }
            for note in notes
            if note.counted
        ]
        with self._database.transaction() as unit:
            unit.many(_INSERT, rows)
            unit.many(_COUNT, calls)
            for provider_id in {note.provider_id for note in notes}:
                unit.run(_TRIM, id=provider_id, kept=KEPT)
                unit.run(_TRIM_CALLS, id=provider_id, kept=CALLS_KEPT)

    def _row(self, note: Note) -> dict[str, Any] | None:
        began = time.monotonic()
        row = stored(note)
        rest = (time.monotonic() - began) * REST_FACTOR
        if rest > self._sample_seconds:
            self._seen[(*_kind(note), 0)] = began + rest - self._sample_seconds
        return row


def _kind(note: Note) -> tuple[int, str, str]:
    return note.provider_id, note.exchanged.operation, note.exchanged.outcome


_INSERT: Final = (
    "insert into provider_exchange (provider_id, version, operation, variables, request, status,"
    " headers, body, outcome, millis, at) values (:provider_id, :version, :operation,"
    " cast(:variables as jsonb), cast(:request as jsonb), :status, cast(:headers as jsonb), :body,"
    " :outcome, :millis, :at)"
)
_COUNT: Final = (
    "insert into provider_call (provider_id, version, operation, outcome, at)"
    " values (:provider_id, :version, :operation, :outcome, :at)"
)
_TRIM: Final = (
    "delete from provider_exchange where provider_id = :id and id <= (select id from"
    " provider_exchange where provider_id = :id order by id desc offset :kept limit 1)"
)
_TRIM_CALLS: Final = (
    "delete from provider_call where provider_id = :id and id <= (select id from provider_call"
    " where provider_id = :id order by id desc offset :kept limit 1)"
)


def stored(note: Note) -> dict[str, Any] | None:
    """The row of a note, without the secret and without people; None for what must not or cannot
    be read again: a login, an answer that is too long."""
    told, reply = note.exchanged, note.exchanged.reply
    if reply is None or told.request is None or told.operation == "login":
        return None
    if len(reply.body) > BODY_MOST:
        return None
    raw = reply.body
    body = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
    if "\x00" in body:
        return None
    request = asked(told.request, note.base_url or note.compiled.config.base_url)
    headers = {name: reply.headers[name] for name in _HEADERS if name in reply.headers}
    clean = redact(body, told.secret)
    answer = {"status": reply.status, "headers": headers, "body": clean}
    exchange = {"operation": told.operation, "request": request, "response": answer}
    nobody = disguise_of(note.compiled, exchange)
    variables = json.loads(redact(json.dumps(dict(told.variables)), told.secret))
    return {
        "provider_id": note.provider_id,
        "version": note.version,
        "operation": told.operation,
        "variables": json.dumps(nobody.value(variables)),
        "request": json.dumps(nobody.value(request)),
        "status": reply.status,
        "headers": redact(json.dumps(headers), told.secret),
        "body": nobody.text(clean),
        "outcome": told.outcome,
        "millis": round(told.seconds * 1000),
        "at": note.at,
    }


def asked(request: Request, base_url: str) -> dict[str, Any]:
    """The request as a recording holds it, with masks in the place of secrets; its path is the
    one below ``base_url``."""
    parts = urlsplit(request.url)
    above = urlsplit(base_url).path.rstrip("/")
    written: dict[str, Any] = {
        "method": request.method,
        "path": parts.path.removeprefix(above),
        "query": dict(parse_qsl(parts.query, keep_blank_values=True)),
        "headers": {
            name: MASK if any(word in name.lower() for word in _SENSITIVE) else value
            for name, value in request.headers.items()
        },
    }
    if request.content is not None:
        written["body"] = request.content.decode("utf-8", "replace")
    clean: dict[str, Any] = json.loads(redact(json.dumps(written), request.secret))
    return clean


def recent(
    unit: UnitOfWork, provider_id: int, *, limit: int = 50, operation: str = ""
) -> list[Exchange]:
    """The newest exchanges, of one operation where it is named."""
    rows = unit.all(
        "select id, version, operation, variables, request, status, headers, body, outcome,"
        " millis, at from provider_exchange where provider_id = :id"
        " and (:operation = '' or operation = :operation) order by id desc limit :limit",
        id=provider_id,
        operation=operation,
        limit=limit,
    )
    return [Exchange(**row) for row in rows]


def one(unit: UnitOfWork, provider_id: int, exchange_id: int) -> Exchange | None:
    """An exchange of the provider by its id."""
    row = unit.first(
        "select id, version, operation, variables, request, status, headers, body, outcome,"
        " millis, at from provider_exchange where provider_id = :provider and id = :id",
        provider=provider_id,
        id=exchange_id,
    )
    return Exchange(**row) if row else None
