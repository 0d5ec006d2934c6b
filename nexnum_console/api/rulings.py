"""What an admin decides over HTTP: approvals and coupons."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from nexnum_console.api.deps import current_services
from nexnum_console.api.once import RESPONSES, Key, in_one
from nexnum_console.api.till import (
    Cashier,
    Corrector,
    Id,
    Limit,
    ReasonBody,
    Viewer,
    rows_of,
    shown,
    tell,
)
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.money import format_micro
from nexnum_console.operations import approval_desk, coupon_desk
from nexnum_console.reports.approvals_list import APPROVALS
from nexnum_console.reports.coupons_list import COUPONS, gives

router = APIRouter(prefix="/api/admin", tags=["admin: rulings"])


class DecideBody(ReasonBody):
    """The second person's word; the asker may only say no, which takes the request back."""

    approve: bool


class CouponBody(ReasonBody):
    """An amount, or a share of a deposit; amounts and per cent as decimal texts."""

    code: str = Field("", max_length=40, description="Empty: a random one")
    amount: str = Field("", max_length=24)
    percent: str = Field("", max_length=6)
    most_credit: str = Field("", max_length=24)
    least_deposit: str = Field("", max_length=24)
    most_uses: int = Field(1, ge=1, le=1_000_000)
    most_each: int = Field(1, ge=1, le=1_000_000)
    last_day: date | None = Field(None, strict=False, description="The day with it, UTC")


class ApprovalOut(BaseModel):
    """A correction above the limit, its ``amount`` signed; with an ``intent_id`` the money of that
    manual deposit, seen under the reference ``payment``; with a ``suspense_id`` that ``payment``
    in suspense, ``amount`` being what it is credited as."""

    id: int
    intent_id: int | None
    suspense_id: int | None
    payment: str
    user_id: int
    email: str
    amount: str
    currency: str
    reason: str
    state: str
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    journal_id: int | None


class DecidedOut(BaseModel):
    """The wallet after the decision; approved money may still be ``in suspense``, with why."""

    id: int
    state: Literal["approved", "refused"]
    outcome: str
    user_id: int
    available: str


class AdminCouponOut(BaseModel):
    """A coupon with what it gives in words."""

    id: int
    code: str
    gives: str
    state: str
    used: int
    most_uses: int
    most_each: int
    given: str
    expires_at: datetime | None


class CouponMadeOut(BaseModel):
    """Its code."""

    code: str


@router.get("/approvals", response_model=list[ApprovalOut])
def list_approvals(
    request: Request, actor: Viewer, state: str = "pending", limit: Limit = 100
) -> list[ApprovalOut]:
    """Corrections, manual deposits and money from suspense above the limit, newest first; an empty
    ``state`` for all."""
    rows = rows_of(request, APPROVALS, {"state": state}, limit)
    return [ApprovalOut(**shown(ApprovalOut, row, "amount")) for row in rows]


@router.post("/approvals/{number}/decide", response_model=DecidedOut, responses=RESPONSES)
def decide_approval(
    number: Id, body: DecideBody, request: Request, actor: Corrector, idempotency_key: Key
) -> Response:
    """Approve, or refuse; nobody approves their own request or what is for their own balance."""
    parts = current_services(request)

    def deed(unit: UnitOfWork) -> DecidedOut:
        done = approval_desk.decide(
            unit, actor, number, body.reason, utc_now(), approve=body.approve
        )
        tell(parts, unit, done.user_id)
        return DecidedOut(
            id=number,
            state="approved" if body.approve else "refused",
            outcome=done.outcome,
            user_id=done.user_id,
            available=format_micro(done.available),
        )

    return in_one(request, actor, idempotency_key, body, deed)


@router.get("/coupons", response_model=list[AdminCouponOut])
def list_coupons(
    request: Request, actor: Viewer, state: str = "", limit: Limit = 100
) -> list[AdminCouponOut]:
    """Coupons, newest first."""
    return [
        AdminCouponOut(**shown(AdminCouponOut, row, "given", gives=gives(row)))
        for row in rows_of(request, COUPONS, {"state": state}, limit)
    ]


@router.post("/coupons", response_model=CouponMadeOut, status_code=201, responses=RESPONSES)
def make_coupon(
    body: CouponBody, request: Request, actor: Cashier, idempotency_key: Key
) -> Response:
    """Make a coupon. What it gives one user is at most what one person may correct alone."""

    def deed(unit: UnitOfWork) -> CouponMadeOut:
        terms = coupon_desk.terms_of(
            amount=body.amount,
            percent=body.percent,
            most_credit=body.most_credit,
            least_deposit=body.least_deposit,
            most_uses=str(body.most_uses),
            most_each=str(body.most_each),
            last_day=body.last_day.isoformat() if body.last_day else "",
        )
        made = coupon_desk.make(unit, actor, terms, body.reason, utc_now(), body.code)
        return CouponMadeOut(code=made)

    return in_one(request, actor, idempotency_key, body, deed, status=201)


@router.post("/coupons/{code}/withdraw", response_model=CouponMadeOut, responses=RESPONSES)
def withdraw_coupon(
    code: Annotated[str, Path(max_length=48)],
    body: ReasonBody,
    request: Request,
    actor: Cashier,
    idempotency_key: Key,
) -> Response:
    """Nobody redeems it any more; what it gave stays."""

    def deed(unit: UnitOfWork) -> CouponMadeOut:
        coupon_desk.withdraw(unit, actor, code, body.reason, utc_now())
        return CouponMadeOut(code=code)

    return in_one(request, actor, idempotency_key, body, deed)
