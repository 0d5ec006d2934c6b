"""The wallet over HTTP: balance and deposits."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from nexnum_console.api.deps import ThrottleDep, client_ip, current_services, require
from nexnum_console.api.once import kept_answer, request_hash_of
from nexnum_console.core import idempotency
from nexnum_console.core.actor import Actor
from nexnum_console.core.clock import utc_now
from nexnum_console.core.events import user_channel
from nexnum_console.core.idempotency import Replay, check_key
from nexnum_console.core.money import format_micro, to_micro
from nexnum_console.operations import deposit_desk, topping_up
from nexnum_console.reports import statements
from nexnum_console.wallet import intents
from nexnum_console.wallet.deposits import deposit as book_deposit
from nexnum_console.wallet.gateways.port import GatewayClosed
from nexnum_console.wallet.intents import Intent
from nexnum_console.wallet.reading import Balance, balance_of

router = APIRouter(prefix="/api/wallet", tags=["wallet"])

Holder = Annotated[Actor, require("wallet.deposit")]
Viewer = Annotated[Actor, require("wallet.view")]
Key = Annotated[str, Header(description="Made by the caller, one per deposit")]


class WalletOut(BaseModel):
    """Decimal texts in ``currency``: free to spend, and held for open orders."""

    currency: str
    available: str
    reserved: str


class DepositBody(BaseModel):
    """``amount`` is a decimal text in wallet currency."""

    model_config = ConfigDict(extra="forbid", strict=True)
    amount: str = Field(min_length=1, max_length=24, examples=["25.00"])
    gateway: Literal["sandbox"] = "sandbox"


class IntentBody(BaseModel):
    """``amount`` is a decimal text in wallet currency; the coupon is one that goes with it."""

    model_config = ConfigDict(extra="forbid", strict=True)
    amount: str = Field(min_length=1, max_length=24, examples=["25.00"])
    gateway: str = Field(pattern="^[a-z]{1,32}$", examples=["stripe"])
    coupon: str = Field("", max_length=40)


class IntentOut(BaseModel):
    """A deposit by gateway: pay it at ``url``, or by transfer with ``ticket`` on it."""

    id: int
    gateway: str
    ticket: str
    url: str
    amount: str
    currency: str
    state: str
    note: str
    created_at: datetime
    expires_at: datetime


class StatementLineOut(BaseModel):
    """One kind of move and its sum, signed, in the statement's currency."""

    kind: str
    title: str
    count: int
    available: str
    reserved: str


class StatementOut(BaseModel):
    """``opening`` + the lines = ``closing``, for available and reserved alike."""

    currency: str
    since: date
    until: date
    opening_available: str
    opening_reserved: str
    lines: list[StatementLineOut]
    closing_available: str
    closing_reserved: str


class CouponBody(BaseModel):
    """The code as it was given; case, spaces and dashes do not matter."""

    model_config = ConfigDict(extra="forbid", strict=True)
    code: str = Field(min_length=4, max_length=48)


class CouponOut(BaseModel):
    """What was credited, and the wallet after it."""

    credited: str
    wallet: WalletOut


class DepositOut(BaseModel):
    """The booked deposit and the wallet after it."""

    deposit_id: int
    wallet: WalletOut


@router.get("", response_model=WalletOut)
def look(request: Request, actor: Annotated[Actor, require("store.view")]) -> WalletOut:
    """The caller's balance."""
    with current_services(request).database.transaction() as unit:
        return _shown(balance_of(unit, actor.user_id))


@router.post("/deposit", response_model=DepositOut, status_code=201)
def deposit(body: DepositBody, request: Request, actor: Holder, idempotency_key: Key) -> Response:
    """Play money through the sandbox gateway; open only where the sandbox carriers run.

    The same ``Idempotency-Key`` replays the answer; with another body it is refused.
    """
    parts = current_services(request)
    if parts.settings.sandbox_control_url is None:
        raise GatewayClosed("the sandbox gateway is closed here; nothing was booked")
    key, now = check_key(idempotency_key), utc_now()
    request_hash = request_hash_of("/api/wallet/deposit", body)
    with parts.database.transaction() as unit:
        lease = timedelta(seconds=30)
        begun = idempotency.begin(unit, actor.name, key, request_hash, now=now, lease=lease)
        if isinstance(begun, Replay):
            return kept_answer(begun, replayed=True)
        deposit_id = book_deposit(
            unit,
            wallet_id=balance_of(unit, actor.user_id).wallet_id,
            amount=to_micro(body.amount),
            gateway=body.gateway,
            gateway_ref=f"{actor.name}:{key}",
            actor=actor.name,
            now=now,
        )
        out = DepositOut(deposit_id=deposit_id, wallet=_shown(balance_of(unit, actor.user_id)))
        done = idempotency.finish(unit, actor.name, key, 201, out.model_dump_json())
        channel = user_channel(actor.user_id)
        unit.after_commit(lambda: parts.events.publish(channel, "wallet"))
    return kept_answer(done, replayed=False)


@router.post(
    "/deposits",
    response_model=IntentOut,
    status_code=201,
    responses={
        409: {"description": "The same request is in flight; ask again after Retry-After"},
        422: {"description": "Out of bounds, or the key belongs to another request"},
        503: {"description": "The gateway does not answer; send the same request again"},
    },
)
def open_deposit(
    body: IntentBody, request: Request, actor: Holder, idempotency_key: Key
) -> Response:
    """Open a deposit at a gateway. The same ``Idempotency-Key`` opens one, and replays it."""
    parts = current_services(request)
    kept, replayed = deposit_desk.ask(
        parts.deposit_desk,
        actor,
        body.gateway,
        to_micro(body.amount),
        check_key(idempotency_key),
        request_hash_of("/api/wallet/deposits", body),
        lambda intent: _intent_shown(intent).model_dump_json(),
        coupon=body.coupon,
    )
    return kept_answer(kept, replayed=replayed)


@router.get("/deposits", response_model=list[IntentOut])
def deposits_asked(request: Request, actor: Holder) -> list[IntentOut]:
    """The caller's newest deposits by gateway."""
    with current_services(request).database.transaction() as unit:
        return [_intent_shown(intent) for intent in intents.of_user(unit, actor.user_id)]


@router.post("/coupon", response_model=CouponOut, status_code=201)
def coupon(body: CouponBody, request: Request, actor: Holder, throttle: ThrottleDep) -> CouponOut:
    """Redeem a coupon; tries are counted, so that codes cannot be guessed."""
    desk, place = current_services(request).deposit_desk, client_ip(request)
    credited, after = topping_up.redeem(desk, throttle, actor, place, body.code)
    return CouponOut(credited=format_micro(credited), wallet=_shown(after))


@router.get("/statement", response_model=StatementOut)
def statement(request: Request, actor: Viewer, since: date, until: date) -> StatementOut:
    """What moved from ``since`` to ``until``, both days with it; it adds up to the micro-unit."""
    with current_services(request).database.snapshot() as unit:
        return StatementOut(**asdict(statements.of_user(unit, actor.user_id, since, until)))


@router.get("/statement.csv", response_class=Response)
def statement_file(request: Request, actor: Viewer, since: date, until: date) -> Response:
    """The same with every line, as CSV."""
    with current_services(request).database.snapshot() as unit:
        text = statements.user_csv(unit, actor.user_id, since, until)
    return _csv(text, f"statement-{since}-{until}.csv")


def _csv(text: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def _intent_shown(intent: Intent) -> IntentOut:
    return IntentOut(
        id=intent.id,
        gateway=intent.gateway,
        ticket=intent.ticket,
        url=intent.url,
        amount=format_micro(intent.amount),
        currency=intent.currency,
        state=intent.state,
        note=intent.note,
        created_at=intent.created_at,
        expires_at=intent.expires_at,
    )


def _shown(balance: Balance) -> WalletOut:
    return WalletOut(
        currency=balance.currency,
        available=format_micro(balance.available),
        reserved=format_micro(balance.reserved),
    )
