"""The books over HTTP: the house's statement, reconciliation, holds, the ledger's proof."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from nexnum_console.api.deps import current_services, require
from nexnum_console.api.once import RESPONSES, Key, in_one
from nexnum_console.api.till import ReasonBody
from nexnum_console.core.actor import Actor
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.events import ADMIN_CHANNEL, user_channel
from nexnum_console.core.money import format_micro
from nexnum_console.operations import ledger_check, people
from nexnum_console.operations.verify import CHECKS
from nexnum_console.reports import ledger_proof, reconciliation, statements
from nexnum_console.reports.ledger_proof import FrozenWallet
from nexnum_console.reports.statements import HouseLine
from nexnum_console.wallet.freezing import Seen

router = APIRouter(prefix="/api/admin", tags=["admin: books"])

Viewer = Annotated[Actor, require("ledger.view")]
Verifier = Annotated[Actor, require("ledger.check")]
Corrector = Annotated[Actor, require("wallet.adjust")]
UserId = Annotated[int, Path(ge=1, le=2**63 - 1)]
RowNumber = Annotated[int, Field(ge=1, le=2**63 - 1)]
_CSV: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"text/csv": {}}}}


class HouseLineOut(BaseModel):
    """An account over the days; ``part`` is a provider or a gateway."""

    account: str
    part: str
    title: str
    amount: str


class HouseStatementOut(BaseModel):
    """``margin`` is the sum of ``result``, and what ``balances`` grew by."""

    currency: str
    since: date
    until: date
    result: list[HouseLineOut]
    balances: list[HouseLineOut]
    margin: str


class FloatOut(BaseModel):
    """A provider account: ``baseline`` − ``spent`` + ``given_back`` + ``sent`` + ``difference`` =
    ``says``."""

    account_id: int
    provider: str
    label: str
    currency: str
    baseline: str
    baseline_at: datetime
    spent: str
    given_back: str
    sent: str
    in_flight: str
    says: str
    says_at: datetime
    difference: str
    explained: bool


class ClearingOut(BaseModel):
    """A kind of move through a gateway's clearing account."""

    gateway: str
    currency: str
    kind: str
    booked: str
    explained: str
    difference: str


class ReconciliationOut(BaseModel):
    """Both sides, differences listed."""

    floats: list[FloatOut]
    gateways: list[ClearingOut]


class PromiseOut(BaseModel):
    """An invariant and what the last looks at it found."""

    name: str
    promise: str
    state: str
    freezes_wallets: bool
    checked_at_ms: int
    whole_at_ms: int


class CauseOut(BaseModel):
    """What stops a wallet (``freeze``), or what a check found about it (``evidence``)."""

    kind: str
    number: int
    words: str
    by: str
    at_ms: int


class FrozenOut(BaseModel):
    """A wallet that nothing may leave, and every cause that is open."""

    user_id: int
    email: str
    reason: str
    causes: list[CauseOut]


class ProofOut(BaseModel):
    """How the proof stands; ``running`` with ``percent`` while a whole check is under way."""

    verdict: str
    running: bool
    percent: int
    promises: list[PromiseOut]
    frozen_users: list[int]
    frozen: list[FrozenOut]


class QueuedProofOut(BaseModel):
    """The check waits for a worker; watch it at ``/api/admin/ledger``."""

    queued: str = "ledger.verify"


class UnfreezeBody(ReasonBody):
    """Why, and what was looked at: the numbers of ``causes`` at ``/api/admin/ledger``. Where
    others are open too, nothing is changed and they are named."""

    freezes: list[RowNumber] = Field(max_length=1000, examples=[[12]])
    evidence: list[RowNumber] = Field([], max_length=1000)


class UnfrozenOut(BaseModel):
    """Whose wallet it is."""

    user_id: int


@router.get("/statement", response_model=HouseStatementOut)
def house_statement(request: Request, actor: Viewer, since: date, until: date) -> HouseStatementOut:
    """The house from ``since`` to ``until``, both days with it; it adds up to the micro-unit."""
    parts = current_services(request)
    with parts.database.snapshot() as unit:
        found = statements.of_house(unit, parts.settings.wallet_currency, since, until)
    return HouseStatementOut(
        currency=found.currency,
        since=since,
        until=until,
        result=[_line(line) for line in found.result],
        balances=[_line(line) for line in found.balances],
        margin=format_micro(found.margin),
    )


@router.get("/statement.csv", response_class=Response, responses=_CSV)
def house_statement_file(request: Request, actor: Viewer, since: date, until: date) -> Response:
    """The same as CSV."""
    parts = current_services(request)
    with parts.database.snapshot() as unit:
        text = statements.house_csv(unit, parts.settings.wallet_currency, since, until)
    return _file(text, f"house-{since}-{until}.csv")


@router.get("/users/{user_id}/statement.csv", response_class=Response, responses=_CSV)
def user_statement_file(
    user_id: UserId, request: Request, actor: Viewer, since: date, until: date
) -> Response:
    """A user's wallet with every line and the balance after it, as CSV."""
    with current_services(request).database.snapshot() as unit:
        text = statements.user_csv(unit, user_id, since, until)
    return _file(text, f"user-{user_id}-{since}-{until}.csv")


@router.get("/reconciliation", response_model=ReconciliationOut)
def reconcile(request: Request, actor: Viewer) -> ReconciliationOut:
    """Balances with providers and clearing accounts of gateways against our books."""
    with current_services(request).database.snapshot() as unit:
        floats = reconciliation.floats(unit)
        gateways = reconciliation.gateways(unit)
    amounts = ("baseline", "spent", "given_back", "sent", "in_flight", "says", "difference")
    return ReconciliationOut(
        floats=[
            FloatOut(
                **{
                    **asdict(line),
                    **{name: format_micro(getattr(line, name)) for name in amounts},
                    "explained": line.explained,
                }
            )
            for line in floats
        ],
        gateways=[
            ClearingOut(
                gateway=line.gateway,
                currency=line.currency,
                kind=line.kind,
                booked=format_micro(line.booked),
                explained=format_micro(line.explained),
                difference=format_micro(line.difference),
            )
            for line in gateways
        ],
    )


@router.get("/ledger", response_model=ProofOut)
def proof(request: Request, actor: Viewer) -> ProofOut:
    """What the last checks of the ledger found."""
    with current_services(request).database.transaction() as unit:
        found = ledger_proof.proof(unit, CHECKS, utc_now())
    return ProofOut(
        verdict=found.word,
        running=found.running,
        percent=found.percent,
        promises=[
            PromiseOut(
                name=line.name,
                promise=line.promise,
                state=line.word,
                freezes_wallets=line.freezes,
                checked_at_ms=line.checked_ms,
                whole_at_ms=line.whole_ms,
            )
            for line in found.promises
        ],
        frozen_users=[one.user for one in found.frozen],
        frozen=[_frozen(one) for one in found.frozen],
    )


@router.post("/ledger/verify", response_model=QueuedProofOut, status_code=202)
def verify(request: Request, actor: Verifier) -> QueuedProofOut:
    """Have every row of the ledger looked at, as soon as a worker is free."""
    parts = current_services(request)
    ledger_check.ask(parts.database, parts.jobs, actor, utc_now())
    return QueuedProofOut()


@router.post("/users/{user_id}/unfreeze", response_model=UnfrozenOut, responses=RESPONSES)
def unfreeze(
    user_id: UserId, body: UnfreezeBody, request: Request, actor: Corrector, idempotency_key: Key
) -> Response:
    """Money may leave the wallet again; all that was open about it is settled with the reason."""
    parts = current_services(request)
    seen = Seen(frozenset(body.freezes), frozenset(body.evidence))

    def deed(unit: UnitOfWork) -> UnfrozenOut:
        people.unfreeze(unit, actor, user_id, seen, body.reason, utc_now())
        unit.after_commit(lambda: parts.events.publish(user_channel(user_id), "wallet"))
        unit.after_commit(lambda: parts.events.publish(ADMIN_CHANNEL, "ledger"))
        return UnfrozenOut(user_id=user_id)

    return in_one(request, actor, idempotency_key, body, deed)


def _frozen(one: FrozenWallet) -> FrozenOut:
    causes = [CauseOut(**asdict(cause)) for cause in one.causes]
    return FrozenOut(user_id=one.user, email=one.email, reason=one.reason, causes=causes)


def _line(line: HouseLine) -> HouseLineOut:
    return HouseLineOut(
        account=line.account, part=line.part, title=line.title, amount=format_micro(line.amount)
    )


def _file(text: str, name: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
    }
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)
