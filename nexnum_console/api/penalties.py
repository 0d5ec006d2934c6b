"""Penalties over HTTP: the user who was charged appeals once, an admin previews and decides."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from nexnum_console.api.deps import current_services, require
from nexnum_console.api.once import RESPONSES, Key, in_one
from nexnum_console.api.till import Cashier, Id, Limit, ReasonBody, Viewer, rows_of, shown, tell
from nexnum_console.core.actor import Actor
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.events import ADMIN_CHANNEL
from nexnum_console.core.money import format_micro
from nexnum_console.operations import penalty_desk
from nexnum_console.reports.listing import Row
from nexnum_console.reports.own_penalties import rows_of_user
from nexnum_console.reports.penalties_list import PENALTIES, counted

own = APIRouter(prefix="/api/wallet/penalties", tags=["wallet"])
desk = APIRouter(prefix="/api/admin/penalties", tags=["admin: rulings"])

Charged = Annotated[Actor, require("wallet.view")]


class PenaltyOut(BaseModel):
    """A penalty, what was counted, the user's appeal and the answer to it."""

    id: int
    rule: str
    day: str
    counted: str
    amount: str
    currency: str
    state: str
    appeal: str
    decision: str
    booked_at: datetime


class UserPenaltyOut(PenaltyOut):
    """With whose it is."""

    user_id: int
    email: str


class AppealBody(BaseModel):
    """Why the penalty is wrong."""

    model_config = ConfigDict(extra="forbid", strict=True)
    text: str = Field(min_length=10, max_length=1000, examples=["None of them got an SMS."])


class DecisionBody(ReasonBody):
    """Give the money back, or not; the reason is what the user reads."""

    reverse: bool


class DecidedOut(BaseModel):
    """What the penalty is now."""

    id: int
    state: Literal["upheld", "reversed"]


class DueOut(BaseModel):
    """Who would be charged what; ``hindrance`` says why not, empty where nothing hinders."""

    email: str
    rule: str
    counted: str
    amount: str
    hindrance: str


@own.get("", response_model=list[PenaltyOut])
def penalties_of_mine(request: Request, actor: Charged) -> list[PenaltyOut]:
    """The caller's newest penalties."""
    with current_services(request).database.transaction() as unit:
        return [PenaltyOut(**_told(PenaltyOut, row)) for row in rows_of_user(unit, actor.user_id)]


@own.post(
    "/{number}/appeal",
    status_code=204,
    responses={
        404: {"description": "The caller has no such penalty"},
        409: {"description": "It was appealed or decided before"},
    },
)
def appeal_penalty(number: Id, body: AppealBody, request: Request, actor: Charged) -> None:
    """Say once why a penalty is wrong; an admin reads it and answers."""
    parts = current_services(request)
    with parts.database.transaction() as unit:
        penalty_desk.appeal(unit, actor, number, body.text, utc_now())
        unit.after_commit(lambda: parts.events.publish(ADMIN_CHANNEL, "deposits"))


@desk.get("", response_model=list[UserPenaltyOut])
def list_penalties(
    request: Request, actor: Viewer, state: str = "", limit: Limit = 100
) -> list[UserPenaltyOut]:
    """Penalties, newest first; ``state=appealed`` for those that wait for an answer."""
    rows = rows_of(request, PENALTIES, {"state": state}, limit)
    return [UserPenaltyOut(**_told(UserPenaltyOut, row)) for row in rows]


@desk.get("/preview", response_model=list[DueOut])
def preview_penalties(request: Request, actor: Viewer, day: date) -> list[DueOut]:
    """Who would be charged what for a day, by the rules that hold now. Nothing is booked."""
    with current_services(request).database.transaction() as unit:
        return [
            DueOut(
                email=line.email,
                rule=line.charge.rule,
                counted=counted(line.charge.rule, dict(line.charge.evidence)),
                amount=format_micro(line.charge.amount),
                hindrance=line.hindrance,
            )
            for line in penalty_desk.preview(unit, day)
        ]


@desk.post("/{number}/decide", response_model=DecidedOut, responses=RESPONSES)
def decide_penalty(
    number: Id, body: DecisionBody, request: Request, actor: Cashier, idempotency_key: Key
) -> Response:
    """Uphold a penalty, or reverse it by a journal of its own."""
    parts = current_services(request)

    def deed(unit: UnitOfWork) -> DecidedOut:
        user = penalty_desk.decide(
            unit, actor, number, body.reason, utc_now(), reverse=body.reverse
        )
        tell(parts, unit, user)
        return DecidedOut(id=number, state="reversed" if body.reverse else "upheld")

    return in_one(request, actor, idempotency_key, body, deed)


def _told(model: type[BaseModel], row: Row) -> dict[str, object]:
    words = counted(row["rule"], row["evidence"])
    return shown(model, row, "amount", day=str(row["period"]), counted=words)
