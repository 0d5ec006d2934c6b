"""Outcomes of a purchase call, each one transaction: bound, declined, unknown, released."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.exc import IntegrityError

from nexnum_console.activations.desk import Desk, note, order_ref, told
from nexnum_console.activations.machine import OPEN_ATTEMPTS, sources
from nexnum_console.activations.reading import ActivationView, just_bought
from nexnum_console.activations.unlisted import settled
from nexnum_console.catalogue import stale
from nexnum_console.core.actor import SYSTEM
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.money import to_micro_up
from nexnum_console.providers.carrier import Terms
from nexnum_console.providers.errors import NotAdmitted, ProviderError
from nexnum_console.wallet import ledger

RAW_MAX = 2_000
ORDER_ID_MAX = 120
GRACE_SECONDS = 10
# Our own gate let the call not out; the provider said nothing.
NOT_ADMITTED: Final = "not_admitted"
# The provider asks for more than the offer that the order was made from.
_PRICE_ROSE = "max_price_too_low"

_CLOSE: Final = (
    "update attempt set state = :attempt_state, answered_at = :now, error_code = :code,"
    " error_text = :text, provider_order_id = coalesce(:order_id, provider_order_id),"
    " latency_ms = (extract(epoch from cast(:now as timestamptz) - sent_at) * 1000)::int"
    " where id = :attempt_id"
)
_BIND: Final = f"""
with bound as (
  update activation set state = 'waiting', upstream = 'open', account_id = :account_id,
    upstream_id = :upstream_id, phone = :phone, operator = :operator,
    cost_micro = :cost, cost_currency = :currency, cost_rate = :rate, charged = :charged,
    acquired_at = :now, cancel_from = :cancel_from, expires_at = :expires_at,
    next_at = :next_at, lease_until = null where id = :id
),
closed as ({_CLOSE}),
seen as (
  update sighting set state = 'bound', closed_at = :now
  where account_id = :account_id and upstream_id = :upstream_id and state = 'seen'
)
insert into activation_event (activation_id, kind, detail, at)
values (:id, 'acquired', cast(:detail as jsonb), :now)
"""  # noqa: S608  composed of a constant


# Done in the transaction that gives an activation its number, with what its buyer sees then. What
# it raises undoes the purchase's end, so it raises nothing that can be told later instead.
Also = Callable[[UnitOfWork, ActivationView], None]


def nothing(unit: UnitOfWork, bought: ActivationView) -> None:
    """Nothing else belongs to it."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number a provider says it sold us; money in micro-units of the provider's currency."""

    upstream_id: str
    phone: str
    cost_micro: int | None
    operator: str | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Stray:
    """A live number that no order is bound to; ``country`` and ``service`` in provider's codes."""

    upstream_id: str
    phone: str | None
    country: str | None
    service: str | None
    cost_micro: int | None

    @classmethod
    def of(cls, number: Number, attempt: Any) -> Stray:
        """What is left when an order was settled without it; a cost not told is the agreed one."""
        told = number.cost_micro
        return cls(
            number.upstream_id,
            number.phone,
            attempt["external_country"],
            attempt["external_service"],
            attempt["max_cost"] if told is None else told,
        )


def remember(
    unit: UnitOfWork, stray: Stray, terms: Terms, now: datetime, *, grace: timedelta | None = None
) -> None:
    """Write a stray down once; after its grace it becomes an orphan and is given back."""
    if grace is None:
        grace = timedelta(seconds=terms.settle_seconds + GRACE_SECONDS)
    unit.run(
        "insert into sighting (account_id, upstream_id, phone, external_country,"
        " external_service, cost_micro, state, first_seen_at, grace_until)"
        " select :account_id, cast(:upstream_id as varchar), :phone, :country, :service, :cost,"
        " 'seen', :now, :grace where not exists (select from activation"
        "  where account_id = :account_id and upstream_id = cast(:upstream_id as varchar))"
        " on conflict (account_id, upstream_id) do nothing",
        account_id=terms.account_id,
        upstream_id=stray.upstream_id,
        phone=stray.phone,
        country=stray.country,
        service=stray.service,
        cost=stray.cost_micro,
        now=now,
        grace=now + grace,
    )


def bind(
    desk: Desk, attempt_id: int, number: Number, terms: Terms, now: datetime, also: Also = nothing
) -> bool:
    """Make ``number`` the attempt's: charge the hold and start waiting for the SMS.

    What else belongs to that moment, ``also`` does in the same transaction.

    Returns False, leaving the attempt unknown, where the number is already another order's;
    the provider's listing then decides. A number that comes when its order was settled without it
    is left to the reconciler, which gives it back.
    """
    try:
        with desk.database.transaction() as unit:
            return _bind(unit, desk, attempt_id, number, terms, now, also)
    except IntegrityError as error:
        if "activation_number_sold_once" not in str(error.orig):
            raise
    mark_unknown(desk, attempt_id, "duplicate_order", "the provider sold one number twice", now)
    return False


def _bind(
    unit: UnitOfWork,
    desk: Desk,
    attempt_id: int,
    number: Number,
    terms: Terms,
    now: datetime,
    also: Also,
) -> bool:
    row = _lock(unit, attempt_id, number.upstream_id)
    if row["state"] not in sources("acquired") or row["attempt_state"] not in OPEN_ATTEMPTS:
        if row["upstream_id"] == number.upstream_id:
            return True
        remember(unit, Stray.of(number, row), terms, now)
        return False
    if row["not_free"]:
        _to_unknown(unit, desk, row, "activation_closed", "the number was ours before", now)
        return False
    cost = row["max_cost"] if number.cost_micro is None else number.cost_micro
    if cost > row["max_cost"]:
        note(unit, row["id"], "cost_above_quote", now, cost=cost, quoted=row["max_cost"])
        if row["asked_phone"] is None:
            stale.take_off(unit, _offered(row), now)
        stale.tell(unit, terms.provider, _offered(row), cost, now)
    written = _write_number(unit, row, number, terms, cost, now)
    ledger.commit(
        unit,
        row["wallet_id"],
        _cause(row["id"], now),
        held=row["price_cap"],
        charge=row["price"],
        cost=ledger.Cost(terms.provider, wallet_cost(cost, row["rate"])),
    )
    if row["attempt_state"] == "unknown":
        settled(unit, terms.provider, row["id"], now)
    desk.announce(unit, row["user_id"], row["id"])
    also(unit, just_bought(row, terms.provider, desk.wallet_currency, **written))
    return True


def _write_number(
    unit: UnitOfWork, row: Any, number: Number, terms: Terms, cost: int, now: datetime
) -> dict[str, Any]:
    """Returns what of it a buyer sees."""
    seen = {
        "phone": number.phone,
        "operator": number.operator or row["operator"],
        "charged": row["price"],
        "cancel_from": now + timedelta(seconds=terms.cancel_lock_seconds),
        "expires_at": number.expires_at or now + timedelta(seconds=terms.activation_seconds),
    }
    unit.run(
        _BIND,
        id=row["id"],
        account_id=terms.account_id,
        upstream_id=number.upstream_id,
        cost=cost,
        currency=terms.currency,
        rate=row["rate"],
        next_at=now + timedelta(seconds=terms.poll_seconds),
        detail=told(provider=terms.provider, phone=number.phone),
        **seen,
        **_closing(row["attempt_id"], "acquired", now, order_id=number.upstream_id),
    )
    return seen | {"state": "waiting"}


def mark_declined(desk: Desk, attempt_id: int, error: ProviderError, now: datetime) -> None:
    """A known no, or nothing was sent: the next provider may be asked."""
    with desk.database.transaction() as unit:
        row = _lock(unit, attempt_id)
        if row["attempt_state"] != "sent" or row["state"] != "buying":
            return
        code = NOT_ADMITTED if isinstance(error, NotAdmitted) else error.code
        unit.run(_CLOSE, **_closing(attempt_id, "declined", now, code, str(error)))
        # What is asked for a number once more is not the offer's price.
        if error.code == _PRICE_ROSE and row["asked_phone"] is None:
            stale.take_off(unit, _offered(row), now)
        note(unit, row["id"], "declined", now, attempt=row["number"], code=code)


def mark_unknown(
    desk: Desk,
    attempt_id: int,
    code: str,
    text: str,
    now: datetime,
    order_id: str | None = None,
) -> None:
    """Nobody can say whether a number was sold: money stays held, nothing is retried.

    ``order_id``: the provider's, where it told one and the number did not come.
    """
    with desk.database.transaction() as unit:
        row = _lock(unit, attempt_id)
        if row["attempt_state"] in OPEN_ATTEMPTS and row["state"] in sources("declined"):
            _to_unknown(unit, desk, row, code, text, now, order_id)


def _to_unknown(
    unit: UnitOfWork,
    desk: Desk,
    row: Any,
    code: str,
    text: str,
    now: datetime,
    order_id: str | None = None,
) -> None:
    unit.run(_CLOSE, **_closing(row["attempt_id"], "unknown", now, code, text, order_id=order_id))
    unit.run(
        "update activation set state = 'confirming', lease_until = null where id = :id",
        id=row["id"],
    )
    note(unit, row["id"], "unknown", now, attempt=row["number"], code=code)
    desk.announce(unit, row["user_id"], row["id"])


def fail(desk: Desk, activation_id: int, reason: str, now: datetime) -> bool:
    """Close an order that no provider served: the whole hold goes back. False if already closed."""
    with desk.database.transaction() as unit:
        return fail_in(unit, desk, activation_id, reason, now)


def fail_in(unit: UnitOfWork, desk: Desk, activation_id: int, reason: str, now: datetime) -> bool:
    """As ``fail``, inside the caller's transaction."""
    row = unit.first(
        "update activation set state = 'failed', reason = :reason, closed_at = :now,"
        " lease_until = null, next_at = null"
        " where id = :id and state in ('buying','confirming') and not exists ("
        "  select from attempt where activation_id = :id and state in ('sent','unknown'))"
        " returning id, user_id, wallet_id, price_cap",
        id=activation_id,
        reason=reason,
        now=now,
    )
    if row is None:
        return False
    ledger.release(unit, row["wallet_id"], row["price_cap"], _cause(activation_id, now, reason))
    note(unit, activation_id, "failed", now, reason=reason)
    desk.announce(unit, row["user_id"], activation_id)
    return True


def wallet_cost(cost_micro: int, rate: Decimal) -> int:
    """A cost in wallet currency, rounded up to the micro-unit."""
    return to_micro_up(Decimal(cost_micro) * rate / 1_000_000)


def _lock(unit: UnitOfWork, attempt_id: int, upstream_id: str | None = None) -> Any:
    """The attempt and its activation; ``not_free``: whether the number was given back
    before, or its order is known by another id since."""
    row = unit.first(
        "select a.*, t.id as attempt_id, t.number, t.state as attempt_state, t.max_cost, t.price,"
        " t.rate, t.external_country, t.external_service, t.operator as asked_operator,"
        " t.account_id as asked_account, t.phone as asked_phone,"
        " exists (select from sighting s where s.account_id = t.account_id"
        "  and s.upstream_id = cast(:upstream_id as varchar)"
        "  and s.state in ('bound','orphan','cancelled','lost','gone')) as not_free"
        " from attempt t join activation a on a.id = t.activation_id"
        " where t.id = :id for update of t, a",
        id=attempt_id,
        upstream_id=upstream_id,
    )
    if row is None:
        raise LookupError(f"attempt {attempt_id} does not exist")
    return row


def _closing(
    attempt_id: int,
    state: str,
    now: datetime,
    code: str | None = None,
    text: str | None = None,
    *,
    order_id: str | None = None,
) -> dict[str, Any]:
    """What _CLOSE is filled with."""
    return {
        "attempt_id": attempt_id,
        "attempt_state": state,
        "now": now,
        "code": code,
        "text": text[:RAW_MAX] if text else None,
        "order_id": order_id[:ORDER_ID_MAX] if order_id else None,
    }


def _offered(row: Any) -> stale.Offered:
    return stale.Offered(
        row["asked_account"],
        row["country"],
        row["service"],
        row["asked_operator"],
        row["max_cost"],
    )


def _cause(activation_id: int, now: datetime, reason: str = "") -> ledger.Cause:
    return ledger.Cause(order_ref(activation_id), SYSTEM, now, reason)
