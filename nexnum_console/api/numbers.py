"""Buying numbers over HTTP: purchase, look, give back, ask for another code, finish."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from nexnum_console.activations import aftercare
from nexnum_console.activations.cancel import cancel as cancel_activation
from nexnum_console.activations.cancel import report as report_number
from nexnum_console.activations.purchase import BUSY, Order
from nexnum_console.activations.quoting import Quoted, give_quote
from nexnum_console.activations.reading import ActivationView, view
from nexnum_console.api.deps import Caller, current_services, require, required
from nexnum_console.api.waiting import RETRY_SECONDS, waits_for_carrier
from nexnum_console.bootstrap import Services
from nexnum_console.core import idempotency
from nexnum_console.core.actor import Actor
from nexnum_console.core.idempotency import KEPT
from nexnum_console.core.money import format_micro, to_micro
from nexnum_console.core.phones import national
from nexnum_console.operations.buying import buy_and_tell
from nexnum_console.routing.choose import Wanted
from nexnum_console.routing.policy import Strategy

router = APIRouter(prefix="/api/numbers", tags=["numbers"])

Buyer = Annotated[Actor, require("store.buy")]
WishKey = Annotated[
    str,
    Header(
        description="Made by the caller, one per wish to buy; keep it until answered."
        f" The same key buys once within {KEPT.days} days; a refusal leaves it free"
    ),
]


class QuoteBody(BaseModel):
    """``max_price`` is a decimal text in wallet currency and a hard cap."""

    model_config = ConfigDict(extra="forbid", strict=True)
    service: str = Field(min_length=1, max_length=64, examples=["telegram"])
    country: str = Field(pattern="^[A-Z]{2}$", examples=["GB"], description="ISO 3166-1 alpha-2")
    operator: str = Field("any", min_length=1, max_length=64)
    max_price: str | None = Field(None, max_length=24, examples=["0.50"])
    provider: str | None = Field(None, max_length=64, description="Buy from this provider only")
    strategy: Strategy | None = Field(None, description="Who is asked first; else the default")


class PurchaseBody(QuoteBody):
    """As a quote's body; with ``quote`` nothing else is given, as the quote decides it all."""

    service: str = Field("", max_length=64, examples=["telegram"])
    country: str = Field("", pattern="^([A-Z]{2})?$", examples=["GB"])
    quote: str | None = Field(None, max_length=32)

    @model_validator(mode="after")
    def _one_way(self) -> PurchaseBody:
        given = self.model_fields_set - {"quote"}
        if self.quote is not None and given:
            raise ValueError(f"with a quote leave out {', '.join(sorted(given))}")
        if self.quote is None and not (self.service and self.country):
            raise ValueError("give service and country, or a quote")
        return self


class QuotedOffer(BaseModel):
    """One provider that would be asked; ``success`` is a chance, ``wait_seconds`` a median."""

    provider: str
    operator: str
    price: str
    success: float
    wait_seconds: int


class QuoteOut(BaseModel):
    """What a purchase would cost at most; ``offers`` in the order they would be asked."""

    quote: str
    expires_at: datetime
    server_time: datetime
    service: str
    country: str
    operator: str
    strategy: str
    price_cap: str
    currency: str
    offers: list[QuotedOffer]


class MessageOut(BaseModel):
    """One SMS."""

    model_config = ConfigDict(from_attributes=True)
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
    "/quote",
    response_model=QuoteOut,
    status_code=201,
    responses={409: {"description": "Nothing for sale now"}},
)
def quote(body: QuoteBody, request: Request, actor: Buyer) -> QuoteOut:
    """A price first; a purchase with this quote within 60 seconds costs no more."""
    parts = current_services(request)
    wanted = Wanted(
        body.service,
        body.country,
        body.operator,
        body.strategy or "",
        None if body.max_price is None else to_micro(body.max_price),
        body.provider,
    )
    quoted = give_quote(parts.desk, actor.user_id, wanted)
    held = quoted.held
    return QuoteOut(
        quote=held.id,
        expires_at=held.expires_at,
        server_time=parts.desk.clock(),
        service=held.wanted.service,
        country=held.wanted.country,
        operator=held.wanted.operator,
        strategy=held.wanted.strategy,
        price_cap=format_micro(held.price_cap),
        currency=parts.desk.wallet_currency,
        offers=_offers(quoted),
    )


def _offers(quoted: Quoted) -> list[QuotedOffer]:
    asked = set(quoted.plan.candidates)
    return [
        QuotedOffer(
            provider=each.candidate.provider,
            operator=each.candidate.operator,
            price=format_micro(each.candidate.price_micro),
            success=round(each.belief.mean, 3),
            wait_seconds=round(each.belief.seconds),
        )
        for each in quoted.plan.scored
        if each.candidate in asked
    ]


@router.post(
    "/purchase",
    response_model=ActivationOut,
    status_code=201,
    responses={
        202: {"description": "The carrier's answer is unknown; the money is held until it is"},
        402: {"description": "The balance does not cover it"},
        404: {"description": "No such quote, or another user's; nothing was bought"},
        409: {
            "description": "Nothing for sale now, the quote expired or was used, or the same"
            " request is in flight"
        },
        503: {"description": "The carriers are busy; nothing was bought"},
    },
)
@waits_for_carrier
def purchase(
    body: PurchaseBody,
    request: Request,
    caller: Annotated[Caller, required("store.buy")],
    idempotency_key: WishKey,
) -> Response:
    """Buy one number. The same ``Idempotency-Key`` never buys twice: it replays the answer."""
    actor = caller.actor()
    # What an older version of this API did not know changes no request's fingerprint.
    unsaid = {name for name in ("strategy", "quote") if getattr(body, name) is None}
    content = body.model_dump_json(exclude=unsaid).encode()
    request_hash = idempotency.fingerprint("POST", "/api/numbers/purchase", content)
    order = _order(body, actor, request)
    return _bought(request, order, idempotency_key, request_hash)


def _bought(request: Request, order: Order, key: str, request_hash: bytes) -> Response:
    parts = current_services(request)
    answer = buy_and_tell(parts.desk, order, key, request_hash, lambda found: _told(found, parts))
    headers = {"Idempotent-Replay": "true"} if answer.replayed else {}
    if answer.status == _BUSY_STATUS:
        headers["Retry-After"] = str(RETRY_SECONDS)
    return Response(answer.body, answer.status, headers, media_type="application/json")


class ReuseBody(BaseModel):
    """``max_price`` is a decimal text in wallet currency and a hard cap."""

    model_config = ConfigDict(extra="forbid", strict=True)
    max_price: str | None = Field(None, max_length=24, examples=["0.50"])


@router.post(
    "/{activation_id}/reuse",
    response_model=ActivationOut,
    status_code=201,
    responses={
        202: {"description": "The carrier's answer is unknown; the money is held until it is"},
        402: {"description": "The balance does not cover it"},
        409: {
            "description": "This number cannot be taken again, not at this price, or the same"
            " request is in flight; nothing was bought"
        },
        503: {"description": "The carrier is busy; nothing was bought"},
    },
)
@waits_for_carrier
def reuse(
    activation_id: int, body: ReuseBody, request: Request, actor: Buyer, idempotency_key: WishKey
) -> Response:
    """Take the number of a finished activation once more, by a new order at the present price."""
    order = Order(
        user_id=actor.user_id,
        service="",
        country="",
        max_price=None if body.max_price is None else to_micro(body.max_price),
        actor=actor.name,
        request_id=getattr(request.state, "request_id", ""),
        reuse=activation_id,
    )
    path = f"/api/numbers/{activation_id}/reuse"
    request_hash = idempotency.fingerprint("POST", path, body.model_dump_json().encode())
    return _bought(request, order, idempotency_key, request_hash)


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
        503: {"description": "The carrier is busy; nothing was changed"},
    },
)
@waits_for_carrier
def cancel(activation_id: int, request: Request, response: Response, actor: Buyer) -> ActivationOut:
    """Give the number back; refunded when the carrier accepts."""
    parts = current_services(request)
    state = cancel_activation(parts.desk, activation_id, actor.user_id)
    response.status_code = 200 if state == "cancelled" else 202
    return _shown(parts, activation_id, actor)


@router.post(
    "/{activation_id}/report",
    response_model=ActivationOut,
    responses={
        202: {"description": "The carrier's answer is unknown; the refund follows its word"},
        409: {"description": "Too early, or a code has arrived; nothing was changed"},
        503: {"description": "The carrier is busy; nothing was changed"},
    },
)
@waits_for_carrier
def report(activation_id: int, request: Request, response: Response, actor: Buyer) -> ActivationOut:
    """Say that the number is used or blocked; refunded as a cancellation is."""
    parts = current_services(request)
    state = report_number(parts.desk, activation_id, actor.user_id)
    response.status_code = 200 if state == "cancelled" else 202
    return _shown(parts, activation_id, actor)


@router.post(
    "/{activation_id}/resend",
    response_model=ActivationOut,
    responses={
        409: {"description": "No code yet, closed, or this carrier has no such call"},
        503: {
            "description": "The carrier is busy: nothing was changed. Or it did not answer:"
            " nobody knows whether it was asked for. The text says which."
        },
    },
)
@waits_for_carrier
def resend(activation_id: int, request: Request, actor: Buyer) -> ActivationOut:
    """Ask the carrier for one more SMS on a number that has a code; free of charge."""
    parts = current_services(request)
    aftercare.resend(parts.desk, activation_id, actor.user_id)
    return _shown(parts, activation_id, actor)


@router.post(
    "/{activation_id}/finish",
    response_model=ActivationOut,
    responses={
        409: {"description": "No code yet, or closed already"},
        503: {"description": "The carrier is busy or silent; nothing was changed"},
    },
)
@waits_for_carrier
def finish(activation_id: int, request: Request, actor: Buyer) -> ActivationOut:
    """Close a number that has its code; the charge is final already."""
    parts = current_services(request)
    aftercare.finish(parts.desk, activation_id, actor.user_id)
    return _shown(parts, activation_id, actor)


def _order(body: PurchaseBody, actor: Actor, request: Request) -> Order:
    return Order(
        user_id=actor.user_id,
        service=body.service,
        country=body.country,
        operator=body.operator,
        max_price=None if body.max_price is None else to_micro(body.max_price),
        provider=body.provider,
        strategy=body.strategy or "",
        quote=body.quote,
        actor=actor.name,
        request_id=getattr(request.state, "request_id", ""),
    )


def _told(found: ActivationView, parts: Services) -> tuple[int, str]:
    now = shown(found, parts.desk.clock())
    if now.state == "failed":
        status = _BUSY_STATUS if now.reason == BUSY else 409
        return status, _failed(now).model_dump_json()
    return _STATUS.get(now.state, 201), now.model_dump_json()


_STATUS = {"confirming": 202, "buying": 202}
_BUSY_STATUS: Final = 503


class Failure(BaseModel):
    """An order that no provider served."""

    error: dict[str, Any]


def _failed(shown: ActivationOut) -> Failure:
    why = "no provider sold a number; nothing was bought and your money is back"
    if shown.reason == BUSY:
        why = (
            "who sells this number has more to do than it can; nothing was bought and your money is"
            " back. Order again in a few seconds, with another Idempotency-Key"
        )
    return Failure(
        error={
            "code": shown.reason or "no_numbers",
            "message": why,
            "details": {"activation_id": shown.id},
        }
    )


def _shown(parts: Services, activation_id: int, actor: Actor) -> ActivationOut:
    with parts.database.transaction() as unit:
        found = view(unit, activation_id, actor.user_id)
    return shown(found, parts.desk.clock())


# Fields that are told as they are read.
_AS_SEEN: Final = ActivationOut.model_fields.keys() & {
    field.name for field in fields(ActivationView)
} - {"price_cap", "charged", "messages"}


def shown(found: ActivationView, now: datetime) -> ActivationOut:
    """The view as JSON: amounts as decimal texts, the number in both forms."""
    told = {name: getattr(found, name) for name in _AS_SEEN}
    return ActivationOut(
        **told,
        price_cap=format_micro(found.price_cap),
        charged=None if found.charged is None else format_micro(found.charged),
        number=found.phone,
        number_national=national(found.phone) if found.phone else None,
        server_time=now,
        messages=[MessageOut.model_validate(each) for each in found.messages],
    )
