"""Requests that are carried out once for their ``Idempotency-Key``, and answered alike again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Final

from fastapi import Header, Request, Response
from pydantic import BaseModel

from nexnum_console.api.deps import current_services
from nexnum_console.core import idempotency
from nexnum_console.core.actor import Actor
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import BusinessError
from nexnum_console.core.idempotency import KEPT, Replay, check_key

Key = Annotated[
    str,
    Header(
        description=f"Made by the caller, one for each deed. Its answer is kept {KEPT.days} days;"
        " a refusal is not kept and leaves the key free"
    ),
]
LEASE: Final = timedelta(seconds=60)
RESPONSES: Final[dict[int | str, dict[str, str]]] = {
    409: {"description": "The same request is in flight, or it was decided before"},
    422: {"description": "The body says something wrong, or the key belongs to another request"},
}


def request_hash_of(path: str, body: BaseModel) -> bytes:
    """What makes two posts of a body the same request."""
    return idempotency.fingerprint("POST", path, body.model_dump_json().encode())


def kept_answer(kept: Replay, *, replayed: bool) -> Response:
    """The answer that was kept, byte by byte."""
    headers = {"Idempotent-Replay": "true"} if replayed else {}
    return Response(kept.body, kept.status, headers, media_type="application/json")


def in_one(
    request: Request,
    actor: Actor,
    key: str,
    body: BaseModel,
    deed: Callable[[UnitOfWork], BaseModel],
    status: int = 200,
) -> Response:
    """Do a deed of one transaction, which keeps the answer too; InFlight, KeyReused."""
    key, database = check_key(key), current_services(request).database
    asked = request_hash_of(request.url.path, body)
    with database.transaction() as unit:
        begun = idempotency.begin(unit, actor.name, key, asked, now=utc_now(), lease=LEASE)
        if isinstance(begun, Replay):
            return kept_answer(begun, replayed=True)
        text = deed(unit).model_dump_json()
        return kept_answer(idempotency.finish(unit, actor.name, key, status, text), replayed=False)


def around(
    request: Request, actor: Actor, key: str, body: BaseModel, deed: Callable[[], BaseModel]
) -> Response:
    """Do a deed that has its own transactions and happens once by itself; its answer is kept when
    it ends. Where it is refused the key is free again. InFlight, KeyReused.

    A call that dies leaves a row which names what was asked; what it had moved by then has its own
    record, and the next call with this key goes on from there.
    """
    key, database = check_key(key), current_services(request).database
    asked = request_hash_of(request.url.path, body)
    with database.transaction() as unit:
        begun = idempotency.begin(unit, actor.name, key, asked, now=utc_now(), lease=LEASE)
        if not isinstance(begun, Replay):
            idempotency.attach(unit, actor.name, key, request.url.path)
    if isinstance(begun, Replay):
        return kept_answer(begun, replayed=True)
    try:
        text = deed().model_dump_json()
    except BusinessError:
        with database.transaction() as unit:
            idempotency.free(unit, actor.name, key)
        raise
    except BaseException:
        with database.transaction() as unit:
            idempotency.let_go(unit, actor.name, key, now=utc_now())
        raise
    with database.transaction() as unit:
        kept = idempotency.finish(unit, actor.name, key, 200, text)
    return kept_answer(kept, replayed=False)
