"""What an admin does at the till over HTTP: deposits and suspense."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from nexnum_console.api.deps import current_services, require
from nexnum_console.api.once import RESPONSES, Key, around
from nexnum_console.bootstrap import Services
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import InvalidInput, NotFound
from nexnum_console.core.events import ADMIN_CHANNEL, user_channel
from nexnum_console.core.money import format_micro, to_micro
from nexnum_console.operations import deposit_desk, manual_deposits, suspense_desk
from nexnum_console.reports.deposits_list import DEPOSITS, DepositRecord, deposit_record
from nexnum_console.reports.listing import Listing, Row, parse
from nexnum_console.reports.listing_page import read_all
from nexnum_console.reports.suspense_list import SUSPENSE

router = APIRouter(prefix="/api/admin", tags=["admin: till"])

Viewer = Annotated[Actor, require("ledger.view")]
Cashier = Annotated[Actor, require("money.manage")]
Corrector = Annotated[Actor, require("wallet.adjust")]
Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
No = Annotated[str, Path(pattern=r"^d?[0-9]{1,18}$", description="`12`, or `d34` for a booking")]
Limit = Annotated[int, Query(ge=1, le=500, description="The newest so many")]
Reason = Annotated[str, Field(min_length=4, max_length=300, examples=["Seen on the statement"])]
Amount = Annotated[str, Field(min_length=1, max_length=24, examples=["25.00"])]
_STRICT: Final = ConfigDict(extra="forbid", strict=True)


class ReasonBody(BaseModel):
    """Why; kept for ever."""

    model_config = _STRICT
    reason: Reason


class ConfirmBody(ReasonBody):
    """What arrived, as the bank shows it; another amount than asked for goes to suspense."""

    amount: Amount
    reference: str = Field(min_length=3, max_length=120, examples=["SEPA 2026-11-26 0042"])


class RefundBody(ReasonBody):
    """How much of the deposit goes back the way it came."""

    amount: Amount


class AssignBody(ReasonBody):
    """Whose the money is; ``credit`` is what foreign money is worth in the wallet's currency."""

    user_id: int = Field(ge=1, le=2**63 - 1)
    credit: str | None = Field(None, max_length=24)


class AdminDepositOut(BaseModel):
    """A deposit; ``no`` names it in the other routes. Amounts are decimal texts in ``currency``."""

    no: str
    intent_id: int | None
    deposit_id: int | None
    user_id: int
    email: str
    gateway: str
    state: str
    amount: str
    refunded: str
    currency: str
    ticket: str
    payment: str
    note: str
    created_at: datetime
    booked_at: datetime | None


class ToldOut(BaseModel):
    """What came of it: booked, in suspense with the reason, or a request that another admin
    approves under ``/approvals``."""

    outcome: str
    deposit_id: int | None
    request_id: int | None


class RefundOut(BaseModel):
    """``done``, ``asked`` (the gateway has not said yet) or ``refused`` (undone)."""

    state: Literal["done", "asked", "refused"]


class SuspenseOut(BaseModel):
    """A payment that fitted nothing; with a ``request_id`` another admin must agree to whose it
    is."""

    id: int
    gateway: str
    payment_id: str
    amount: str
    currency: str
    why: str
    state: str
    arrived_at: datetime
    asked_by: str | None
    given_to: str | None
    request_id: int | None


class ResolvedOut(BaseModel):
    """What the payment is now; ``returning`` until its gateway has said that it paid it back."""

    id: int
    state: Literal["assigned", "returning", "returned"]


class WaitsOut(BaseModel):
    """Nothing has moved: the payment waits until another admin decides ``request_id`` under
    ``/approvals``."""

    id: int
    state: Literal["waits"]
    request_id: int


@router.get("/deposits", response_model=list[AdminDepositOut])
def list_deposits(
    request: Request,
    actor: Viewer,
    state: str = "",
    gateway: str = "",
    q: str = "",
    limit: Limit = 100,
) -> list[AdminDepositOut]:
    """Deposits of every gateway, newest first; ``state=confirm`` for those to confirm by hand."""
    rows = rows_of(request, DEPOSITS, {"state": state, "gateway": gateway, "q": q}, limit)
    return [AdminDepositOut(**shown(AdminDepositOut, row, "amount", "refunded")) for row in rows]


@router.post("/deposits/{no}/confirm", response_model=ToldOut, responses=RESPONSES)
def confirm_deposit(
    no: No, body: ConfirmBody, request: Request, actor: Cashier, idempotency_key: Key
) -> Response:
    """The money of a manual deposit was seen. The same ``reference`` is booked once; above the
    limit of one person another admin must approve it."""
    parts = current_services(request)
    intent = _record(parts, no).intent
    if not intent:
        raise InvalidInput("This deposit was booked without being asked for; nothing to confirm.")

    def deed() -> ToldOut:
        told = manual_deposits.confirm(
            parts.deposit_desk, actor, intent, body.reference, to_micro(body.amount), body.reason
        )
        return ToldOut(outcome=told.outcome, deposit_id=told.deposit_id, request_id=told.request_id)

    return around(request, actor, idempotency_key, body, deed)


@router.post("/deposits/{no}/refund", response_model=RefundOut, responses=RESPONSES)
def refund_deposit(
    no: No, body: RefundBody, request: Request, actor: Cashier, idempotency_key: Key
) -> Response:
    """Pay a deposit back the way it came: the wallet is debited first, then the gateway asked. Of
    what a coupon gave for the deposit the same share is taken out of the wallet."""
    parts = current_services(request)
    deposit = _record(parts, no).deposit
    if not deposit:
        raise InvalidInput("This deposit was never booked; nothing to pay back.")

    def deed() -> RefundOut:
        state = deposit_desk.refund(
            parts.deposit_desk,
            actor,
            deposit,
            to_micro(body.amount),
            body.reason,
            f"api:{idempotency_key}",
        )
        return RefundOut.model_validate({"state": state})

    return around(request, actor, idempotency_key, body, deed)


@router.get("/suspense", response_model=list[SuspenseOut])
def list_suspense(
    request: Request, actor: Viewer, state: str = "open", limit: Limit = 100
) -> list[SuspenseOut]:
    """Payments that fitted nothing, newest first; an empty ``state`` for all."""
    return [
        SuspenseOut(
            **shown(SuspenseOut, row, "amount", asked_by=row["asked_email"], given_to=row["email"])
        )
        for row in rows_of(request, SUSPENSE, {"state": state}, limit)
    ]


@router.post(
    "/suspense/{number}/assign", response_model=ResolvedOut | WaitsOut, responses=RESPONSES
)
def assign_suspense(
    number: Id, body: AssignBody, request: Request, actor: Cashier, idempotency_key: Key
) -> Response:
    """The money is a user's; what is credited above the limit of one person, another admin must
    approve."""
    parts = current_services(request)

    def deed() -> ResolvedOut | WaitsOut:
        credit = to_micro(body.credit) if body.credit else None
        told = suspense_desk.assign(
            parts.deposit_desk, actor, number, body.user_id, body.reason, credit=credit
        )
        if told.request_id is not None:
            return WaitsOut(id=number, state="waits", request_id=told.request_id)
        return ResolvedOut(id=number, state="assigned")

    return around(request, actor, idempotency_key, body, deed)


@router.post("/suspense/{number}/return", response_model=ResolvedOut, responses=RESPONSES)
def return_suspense(
    number: Id, body: ReasonBody, request: Request, actor: Cashier, idempotency_key: Key
) -> Response:
    """The money goes back to who paid it; not while another admin must agree to whose it is."""
    parts = current_services(request)

    def deed() -> ResolvedOut:
        back = suspense_desk.return_money(parts.deposit_desk, actor, number, body.reason)
        return ResolvedOut(id=number, state="returned" if back.done else "returning")

    return around(request, actor, idempotency_key, body, deed)


def rows_of(request: Request, listing: Listing, asked: dict[str, str], limit: int) -> list[Row]:
    """The newest rows of a list that fit what is asked; InvalidInput for what it cannot mean."""
    query = parse(listing, {name: text for name, text in asked.items() if text})
    if query.dropped:
        named = ", ".join(query.dropped)
        raise InvalidInput(f"This list does not know such a value: {named}.")
    with current_services(request).database.transaction() as unit:
        return [row for batch in read_all(unit, listing, query, 0, limit) for row in batch]


def shown(model: type[BaseModel], row: Row, *amounts: str, **more: object) -> dict[str, object]:
    """The row's values that the model has, with its amounts as decimal texts."""
    told = {name: row[name] for name in model.model_fields if name in row}
    return {**told, **{name: format_micro(int(row[name])) for name in amounts}, **more}


def tell(parts: Services, unit: UnitOfWork, user: int) -> None:
    """The pages that show the user's money read it again after the commit."""
    unit.after_commit(lambda: parts.events.publish(user_channel(user), "wallet"))
    unit.after_commit(lambda: parts.events.publish(ADMIN_CHANNEL, "deposits"))


def _record(parts: Services, no: str) -> DepositRecord:
    with parts.database.transaction() as unit:
        found = deposit_record(unit, no)
    if found is None:
        raise NotFound(f"There is no deposit {no}.")
    return found
