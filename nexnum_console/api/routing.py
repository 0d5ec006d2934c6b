"""Routing over HTTP for admins: the policy, weights tried on past orders, pins and bans."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from nexnum_console.api.deps import current_services, require
from nexnum_console.core.actor import Actor
from nexnum_console.core.clock import utc_now
from nexnum_console.core.runtime_settings import stored_rules
from nexnum_console.operations import routing_desk
from nexnum_console.reports.routing import REPLAY_MOST, estimate_document, simulate
from nexnum_console.routing.policy import Policy, policy_of
from nexnum_console.routing.replay import ENOUGH
from nexnum_console.routing.rulings import RuleView, rules_held

router = APIRouter(prefix="/api/admin/routing", tags=["admin"])

Viewer = Annotated[Actor, require("providers.view")]
Manager = Annotated[Actor, require("routing.manage")]
# Amounts and shares travel as decimal text, as people write them.
Weights = dict[
    Annotated[str, Field(pattern=r"^[a-z_]{1,64}$")], Annotated[str, Field(max_length=40)]
]


class PolicyOut(BaseModel):
    """The policy; amounts in micro-units of the wallet currency, shares as decimal text."""

    version: str
    currency: str
    weights: dict[str, str | int]


class PolicyIn(BaseModel):
    """Weights to save, as decimal text in the wallet currency; ``version`` is the policy they were
    made from."""

    model_config = ConfigDict(extra="forbid")
    version: str = Field(max_length=12)
    weights: Weights = Field(min_length=1)
    reason: str = Field("", max_length=240)


class TrialIn(BaseModel):
    """Weights to try on the ``last`` orders."""

    model_config = ConfigDict(extra="forbid")
    weights: Weights
    last: int = Field(2000, ge=1, le=REPLAY_MOST)


class TrialOut(BaseModel):
    """What the weights would have brought. ``estimate`` is null where no order left anything to
    chance; where ``can_tell`` is false nothing follows from it."""

    policy: PolicyOut
    can_tell: bool
    effective_needed: float
    estimate: dict[str, Any] | None


class RuleIn(BaseModel):
    """A pin or a ban; empty ``service`` or ``country``: every one; ``hours`` 0: without an end."""

    model_config = ConfigDict(extra="forbid")
    provider: str = Field(max_length=64)
    kind: Literal["pin", "ban"]
    service: str = Field("", max_length=64)
    country: str = Field("", max_length=2)
    reason: str = Field(max_length=240)
    hours: int = Field(0, ge=0, le=routing_desk.HOURS_MOST)


class RuleOut(BaseModel):
    """A rule; ``until`` null: without an end; one that does not hold has ended."""

    provider: str
    service: str
    country: str
    kind: str
    reason: str
    actor: str
    at: datetime
    until: datetime | None
    holds: bool


@router.get("/policy", response_model=PolicyOut)
def read_policy(request: Request, actor: Viewer) -> PolicyOut:
    """The policy that holds."""
    with current_services(request).database.transaction() as unit:
        return _policy(request, policy_of(stored_rules(unit)))


@router.put("/policy", response_model=PolicyOut)
def save_policy(body: PolicyIn, request: Request, actor: Manager) -> PolicyOut:
    """Save weights, audited. 409 when the policy is not the one of ``version`` any more."""
    parts = current_services(request)
    with parts.database.transaction() as unit:
        saved = routing_desk.set_policy(
            unit,
            parts.events,
            actor,
            body.weights,
            version=body.version,
            reason=body.reason,
            now=utc_now(),
        )
    return _policy(request, saved.policy)


@router.post("/simulate", response_model=TrialOut)
def try_policy(body: TrialIn, request: Request, actor: Manager) -> TrialOut:
    """What other weights would have brought in past orders; nothing is saved."""
    with current_services(request).database.transaction() as unit:
        policy = routing_desk.policy_with(unit, body.weights)
        found = simulate(unit, policy, body.last, utc_now())
    return TrialOut(
        policy=_policy(request, policy),
        can_tell=found is not None and found.enough,
        effective_needed=ENOUGH,
        estimate=None if found is None else estimate_document(found),
    )


@router.get("/rules", response_model=list[RuleOut])
def list_rules(request: Request, actor: Viewer) -> list[RuleOut]:
    """Every pin and ban, also those that have ended."""
    with current_services(request).database.transaction() as unit:
        return _rules(rules_held(unit))


@router.post("/rules", response_model=list[RuleOut], status_code=201)
def add_rule(body: RuleIn, request: Request, actor: Manager) -> list[RuleOut]:
    """Pin or ban a provider, in place of a rule for exactly the same."""
    parts = current_services(request)
    with parts.database.transaction() as unit:
        routing_desk.rule_provider(
            unit,
            parts.events,
            actor,
            body.provider,
            body.kind,
            service=body.service,
            country=body.country,
            reason=body.reason,
            hours=body.hours,
            now=utc_now(),
        )
        return _rules(rules_held(unit))


@router.delete("/rules", status_code=204)
def free_rule(
    request: Request,
    actor: Manager,
    provider: Annotated[str, Query(max_length=64)],
    service: Annotated[str, Query(max_length=64)] = "",
    country: Annotated[str, Query(max_length=2)] = "",
) -> Response:
    """Take the rule for exactly this back. 404 when there is none."""
    parts = current_services(request)
    with parts.database.transaction() as unit:
        routing_desk.free_provider(
            unit,
            parts.events,
            actor,
            provider,
            service=service,
            country=country,
            now=utc_now(),
        )
    return Response(status_code=204)


def _policy(request: Request, policy: Policy) -> PolicyOut:
    return PolicyOut(
        version=policy.version,
        currency=current_services(request).settings.wallet_currency,
        weights=policy.document(),
    )


def _rules(found: list[RuleView]) -> list[RuleOut]:
    now = utc_now()
    names = [name for name in RuleOut.model_fields if name != "holds"]
    return [
        RuleOut(**{name: getattr(rule, name) for name in names}, holds=rule.holds(now))
        for rule in found
    ]
