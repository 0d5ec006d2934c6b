"""The wallet over HTTP: balance and deposits."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, ConfigDict, Field

from nexnum_console.api.deps import current_services, require
from nexnum_console.core.actor import Actor
from nexnum_console.core.clock import utc_now
from nexnum_console.core.errors import BusinessError
from nexnum_console.core.events import user_channel
from nexnum_console.core.idempotency import check_key
from nexnum_console.core.money import format_micro, to_micro
from nexnum_console.wallet.deposits import deposit as book_deposit
from nexnum_console.wallet.reading import Balance, balance_of

router = APIRouter(prefix="/api/wallet", tags=["wallet"])

Holder = Annotated[Actor, require("wallet.deposit")]


class GatewayClosed(BusinessError):
    """The deposit gateway is not offered by this installation."""

    code = "gateway_closed"
    status = 403


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
def deposit(
    body: DepositBody,
    request: Request,
    actor: Holder,
    idempotency_key: Annotated[str, Header(description="Made by the caller, one per deposit")],
) -> DepositOut:
    """Play money through the sandbox gateway; open only where the sandbox carriers run."""
    parts = current_services(request)
    if parts.settings.sandbox_control_url is None:
        raise GatewayClosed("the sandbox gateway is closed here; nothing was booked")
    reference = f"{actor.name}:{check_key(idempotency_key)}"
    with parts.database.transaction() as unit:
        deposit_id = book_deposit(
            unit,
            wallet_id=balance_of(unit, actor.user_id).wallet_id,
            amount=to_micro(body.amount),
            gateway=body.gateway,
            gateway_ref=reference,
            actor=actor.name,
            now=utc_now(),
        )
        after = balance_of(unit, actor.user_id)
        channel = user_channel(actor.user_id)
        unit.after_commit(lambda: parts.events.publish(channel, "wallet"))
    return DepositOut(deposit_id=deposit_id, wallet=_shown(after))


def _shown(balance: Balance) -> WalletOut:
    return WalletOut(
        currency=balance.currency,
        available=format_micro(balance.available),
        reserved=format_micro(balance.reserved),
    )
