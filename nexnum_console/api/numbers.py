"""Buying numbers over HTTP: purchase, look, cancel."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from nexnum_console.activations.cancel import cancel as cancel_activation
from nexnum_console.activations.desk import activation_of, order_ref
from nexnum_console.activations.purchase import Order, carry_out, place
from nexnum_console.activations.reading import ActivationView, is_being_bought, view
from nexnum_console.api.deps import current_services, require
from nexnum_console.bootstrap import Services
from nexnum_console.core import idempotency
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.money import format_micro, to_micro
from nexnum_console.core.phones import national

router = APIRouter(prefix="/api/numbers", tags=["numbers"])

# Longer than every candidate's deadline together; a dead process's key is free again after it.
KEY_LEASE = timedelta(seconds=180)
Buyer = Annotated[Actor, require("store.buy")]


class PurchaseBody(BaseModel):
    """``max_price`` is a decimal text in wallet currency and a hard cap."""

    model_config = ConfigDict(extra="forbid", strict=True)
    service: str = Field(min_length=1, max_length=64, examples=["telegram"])
    country: str = Field(pattern="^[A-Z]{2}$", examples=["GB"], description="ISO 3166-1 alpha-2")
    operator: str = Field("any", min_length=1, max_length=64)
    max_price: str | None = Field(None, max_length=24, examples=["0.50"])
    provider: str | None = Field(None, max_length=64)


class MessageOut(BaseModel):
    """One SMS."""

    code: str | None
    text: str
    sender: str
    received_at: datetime
    late: bool


class ActivationOut(BaseModel):
    """An activation; amounts are decimal texts in ``currency``."""

    id: int
    state: str
    service: str
    country: str
    operator: str
    provider: str | None
    number: str | None = Field(description="E.164")
    number_national: str | None
    code: str | None
    price_cap: str
    charged: str | None
    currency: str
    reason: str | None
    created_at: datetime
    cancel_from: datetime | None
    expires_at: datetime | None
    closed_at: datetime | None
    server_time: datetime
    messages: list[MessageOut]


@router.post(
    "/purchase",
    response_model=ActivationOut,
    status_code=201,
    responses={
        202: {"description": "The carrier's answer is unknown; the money is held until it is"},
        402: {"description": "The balance does not cover it"},
        409: {"description": "Nothing for sale now, or the same request is in flight"},
    },
)
def purchase(
    body: PurchaseBody,
    request: Request,
    actor: Buyer,
    idempotency_key: Annotated[
        str, Header(description="Made by the caller, one per wish to buy; kept until answered")
    ],
) -> Response:
    """Buy one number. The same ``Idempotency-Key`` never buys twice: it replays the answer."""
    parts = current_services(request)
    principal = actor.name
    content = body.model_dump_json().encode()
    request_hash = idempotency.fingerprint("POST", "/api/numbers/purchase", content)
    placed = None
    # A refusal in this block writes nothing, the key included: it may be tried again.
    with parts.database.transaction() as unit:
        begun = _begin(unit, principal, idempotency_key, request_hash, parts.desk.clock())
        if isinstance(begun, idempotency.Replay):
            return _replay(begun)
        if begun.ref:
            activation_id = activation_of(begun.ref)
        else:
            placed = place(unit, parts.desk, _order(body, actor, request))
            activation_id = placed.activation_id
            idempotency.attach(unit, principal, idempotency_key, order_ref(activation_id))
    if placed is not None:
        carry_out(parts.desk, placed)
    return _answer(parts, actor, activation_id, idempotency_key)


@router.get("/{activation_id}", response_model=ActivationOut)
def look(activation_id: int, request: Request, actor: Buyer) -> ActivationOut:
    """The activation as it is now."""
    parts = current_services(request)
    return _shown(parts, activation_id, actor)


@router.post(
    "/{activation_id}/cancel",
    response_model=ActivationOut,
    responses={
        202: {"description": "The carrier's answer is unknown; the refund follows its word"},
        409: {"description": "Too early, or a code has arrived; nothing was changed"},
    },
)
def cancel(activation_id: int, request: Request, response: Response, actor: Buyer) -> ActivationOut:
    """Give the number back; refunded when the carrier accepts."""
    parts = current_services(request)
    state = cancel_activation(parts.desk, activation_id, actor.user_id)
    response.status_code = 200 if state == "cancelled" else 202
    return _shown(parts, activation_id, actor)


def _begin(
    unit: UnitOfWork, principal: str, key: str, request_hash: bytes, now: datetime
) -> idempotency.Fresh | idempotency.Replay:
    """As ``idempotency.begin``; an order that is no longer being bought is answered at once,
    whatever became of the process that took it."""
    try:
        return idempotency.begin(unit, principal, key, request_hash, now=now, lease=KEY_LEASE)
    except idempotency.InFlight as busy:
        ref = busy.details.get("ref", "")
        if not ref or is_being_bought(unit, activation_of(ref)):
            raise
        return idempotency.Fresh(ref)


def _order(body: PurchaseBody, actor: Actor, request: Request) -> Order:
    return Order(
        user_id=actor.user_id,
        service=body.service,
        country=body.country,
        operator=body.operator,
        max_price=None if body.max_price is None else to_micro(body.max_price),
        provider=body.provider,
        actor=actor.name,
        request_id=getattr(request.state, "request_id", ""),
    )


def _answer(parts: Services, actor: Actor, activation_id: int, key: str) -> Response:
    shown = _shown(parts, activation_id, actor)
    status = _STATUS.get(shown.state, 201)
    answer: BaseModel = _failed(shown) if shown.state == "failed" else shown
    body = answer.model_dump_json()
    with parts.database.transaction() as unit:
        kept = idempotency.finish(unit, actor.name, key, status, body)
    return Response(kept.body, kept.status, media_type="application/json")


_STATUS = {"failed": 409, "confirming": 202, "buying": 202}


class Failure(BaseModel):
    """An order that no provider served."""

    error: dict[str, Any]


def _failed(shown: ActivationOut) -> Failure:
    return Failure(
        error={
            "code": shown.reason or "no_numbers",
            "message": "no provider sold a number; nothing was bought and your money is back",
            "details": {"activation_id": shown.id},
        }
    )


def _replay(replay: idempotency.Replay) -> Response:
    headers = {"Idempotent-Replay": "true"}
    return Response(replay.body, replay.status, headers, media_type="application/json")


def _shown(parts: Services, activation_id: int, actor: Actor) -> ActivationOut:
    with parts.database.transaction() as unit:
        found = view(unit, activation_id, actor.user_id)
    return shown(found, parts.desk.clock())


def shown(found: ActivationView, now: datetime) -> ActivationOut:
    """The view as JSON: amounts as decimal texts, the number in both forms."""
    fields = asdict(found)
    phone = fields.pop("phone")
    fields["price_cap"] = format_micro(found.price_cap)
    fields["charged"] = None if found.charged is None else format_micro(found.charged)
    return ActivationOut(
        **fields,
        number=phone,
        number_national=national(phone) if phone else None,
        server_time=now,
    )
