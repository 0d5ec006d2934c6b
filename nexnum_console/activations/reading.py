"""An activation as its owner may see it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from nexnum_console.activations.errors import ActivationNotFound
from nexnum_console.core.db import Row, UnitOfWork


@dataclass(frozen=True, slots=True)
class MessageView:
    """One SMS; ``late`` came when the activation was over."""

    code: str | None
    text: str
    sender: str
    received_at: datetime
    late: bool


@dataclass(frozen=True, slots=True)
class ActivationView:
    """Money in micro-units of ``currency``; ``phone`` in E.164."""

    id: int
    state: str
    service: str
    country: str
    operator: str
    provider: str | None
    phone: str | None
    code: str | None
    price_cap: int
    charged: int | None
    currency: str
    reason: str | None
    created_at: datetime
    cancel_from: datetime | None
    expires_at: datetime | None
    closed_at: datetime | None
    messages: tuple[MessageView, ...]


_NAMES: Final = [field.name for field in fields(ActivationView) if field.name != "messages"]
_OWN: Final = ", ".join(f"a.{name}" for name in _NAMES if name not in {"currency", "provider"})


def view(unit: UnitOfWork, activation_id: int, user_id: int) -> ActivationView:
    """The user's activation with its messages, oldest first; ActivationNotFound if not theirs."""
    row = unit.first(
        f"select {_OWN}, a.sms_count, w.currency, p.name as provider from activation a"  # noqa: S608
        " join wallet w on w.id = a.wallet_id"
        " left join provider_account pa on pa.id = a.account_id"
        " left join provider p on p.id = pa.provider_id"
        " where a.id = :id and a.user_id = :user_id",
        id=activation_id,
        user_id=user_id,
    )
    if row is None:
        raise ActivationNotFound(f"you have no activation {activation_id}")
    messages = (
        unit.all(
            "select code, text, sender, received_at, late from message where activation_id = :id"
            " order by id",
            id=activation_id,
        )
        if row["sms_count"] or row["closed_at"]  # late ones are not counted
        else []
    )
    return ActivationView(
        **{name: row[name] for name in _NAMES},
        messages=tuple(MessageView(**message) for message in messages),
    )


def just_bought(row: Row, provider: str, currency: str, **written: Any) -> ActivationView:
    """What ``view`` shows of an activation that gets its number in this very transaction: ``row``
    as it was before, and what was ``written`` over it."""
    known = {name: row[name] for name in _NAMES if name not in {"currency", "provider"}} | written
    return ActivationView(**known, provider=provider, currency=currency, messages=())


def upstream_id(unit: UnitOfWork, activation_id: int) -> str | None:
    """How the provider calls the activation; None where it has none, or there is no such."""
    found = unit.scalar("select upstream_id from activation where id = :id", id=activation_id)
    return None if found is None else str(found)


def is_being_bought(unit: UnitOfWork, activation_id: int) -> bool:
    """Whether providers may still be asked for this order, so that its answer is not known yet."""
    state = unit.scalar("select state from activation where id = :id", id=activation_id)
    return bool(state == "buying")
