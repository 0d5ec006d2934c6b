"""Buying a number exactly once, from providers that know no idempotency.

The intent is durable before anything is sent; an unknown answer is a state, never a retry.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from nexnum_console.activations.about import about_number
from nexnum_console.activations.attempts import (
    Also,
    Number,
    bind,
    fail,
    mark_declined,
    mark_unknown,
    nothing,
)
from nexnum_console.activations.desk import Desk, order_ref, told
from nexnum_console.activations.errors import (
    NothingForSale,
    PriceChanged,
    PurchasesPaused,
    TooManyOpen,
)
from nexnum_console.activations.machine import TERMINAL
from nexnum_console.activations.reuse import former, plan_again
from nexnum_console.catalogue.service import Candidate
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.failpoints import failpoint
from nexnum_console.core.known_settings import Rules
from nexnum_console.core.money import format_micro, to_micro_up
from nexnum_console.core.runtime_settings import rules
from nexnum_console.providers.carrier import Carrier
from nexnum_console.providers.client import Bought
from nexnum_console.providers.errors import ProviderError
from nexnum_console.routing import decisions, quotes
from nexnum_console.routing.choose import Wanted, choose
from nexnum_console.routing.decisions import Choice, choice_of
from nexnum_console.routing.plan import ABOVE_CAP, SHUT, Plan
from nexnum_console.wallet import ledger

LEASE_SLACK_SECONDS = 5
# Shorter than the lease of an order that waits for its turn, and than the patience of whoever waits
# behind this one for a thread.
BULKHEAD_WAIT_SECONDS = 5
BUSY: Final = "provider_busy"

# Each transaction of a purchase is few statements: every one costs as much in Python as its work
# costs the server.
_PLACE: Final = """
with placed as (
  insert into activation (id, user_id, wallet_id, state, service, country, operator, price_cap,
    created_at, lease_until, request_id, reuse_of)
  values (coalesce(cast(:id as bigint), nextval(pg_get_serial_sequence('activation', 'id'))),
    :user_id, (select id from wallet where user_id = :user_id), 'buying', :service,
    :country, :operator, :price_cap, :now, :lease_until, :request_id, :reuse_of)
  returning id, wallet_id
),
noted as (
  insert into activation_event (activation_id, kind, detail, at)
  select id, 'ordered', cast(:detail as jsonb), cast(:now as timestamptz) from placed
)
select id, wallet_id from placed
"""
_INTENT: Final = """
with mine as (
  update activation set lease_until = :lease where id = :id and state = 'buying' returning id
),
noted as (
  insert into activation_event (activation_id, kind, detail, at)
  select id, 'asked', cast(:detail as jsonb), cast(:now as timestamptz) from mine
)
insert into attempt (activation_id, number, account_id, state, external_country, external_service,
  operator, max_cost, price, rate, sent_at, lease_until, settle_until, phone)
select id, :number, :account_id, 'sent', :external_country, :external_service,
  :operator, :max_cost, :price, :rate, :now, :lease, :settle_until, :phone from mine
returning id
"""


@dataclass(frozen=True, slots=True)
class Order:
    """What a user wants. ``max_price`` (micro-units, wallet currency) is a hard cap; without it
    the cheapest price on display is the cap. ``provider`` limits the purchase to one;
    ``strategy`` "" leaves the order of providers to the admin's default. A ``quote`` decides all
    of these itself, and is refused where it is for more than ``max_price``; ``reuse``, an
    activation whose number is wanted again, decides all but the cap."""

    user_id: int
    service: str
    country: str
    operator: str = "any"
    max_price: int | None = None
    provider: str | None = None
    actor: str = "user"
    request_id: str = ""
    strategy: str = ""
    quote: str | None = None
    reuse: int | None = None

    @property
    def wanted(self) -> Wanted:
        """What is routed."""
        return Wanted(
            self.service,
            self.country,
            self.operator,
            self.strategy,
            self.max_price,
            self.provider,
        )


@dataclass(frozen=True, slots=True)
class Placed:
    """A durable order: the activation, with its money held, and who will be asked."""

    activation_id: int
    plan: Plan


def purchase(desk: Desk, order: Order) -> int:
    """Place and carry out an order; returns the activation's id, whatever state it reached."""
    with desk.database.transaction() as unit:
        placed = place(unit, desk, order)
    carry_out(desk, placed)
    return placed.activation_id


def place(unit: UnitOfWork, desk: Desk, order: Order, activation_id: int | None = None) -> Placed:
    """Choose the providers, hold the money and write the activation, in the caller's transaction;
    under the id that the caller drew, if one did.

    Raises PurchasesPaused, NothingForSale, PriceChanged, InsufficientFunds, WalletFrozen or
    TooManyOpen, for a quote QuoteNotFound, QuoteExpired or QuoteUsed, and for a number wanted
    again ActivationNotFound or NotReusable; then nothing was written.
    """
    now = desk.clock()
    ruling = rules(unit)
    if ruling.purchases_paused:
        raise PurchasesPaused(
            "Buying is paused for a while, and nothing was bought. Numbers you hold go on as usual."
        )
    held = quotes.take(unit, order.quote, order.user_id, now) if order.quote else None
    order = order if held is None else _as_quoted(order, held, desk.wallet_currency)
    choice: Choice | None = None
    if order.reuse is not None:
        number = former(unit, desk, order.reuse, order.user_id)
        order = replace(order, service=number.service, country=number.country)
        chosen = plan_again(unit, desk, number, order.max_price, now)
    else:
        chosen, choice = _choose(unit, desk, order, held, now)
    if not chosen.candidates:
        raise refusal(order.wanted, chosen, desk.wallet_currency)
    row = unit.first(
        _PLACE,
        id=activation_id,
        user_id=order.user_id,
        service=order.service,
        country=order.country,
        operator=order.operator,
        price_cap=chosen.price_cap,
        now=now,
        lease_until=now + timedelta(seconds=desk.buy_deadline + LEASE_SLACK_SECONDS),
        request_id=order.request_id,
        reuse_of=order.reuse,
        detail=told(
            price_cap=chosen.price_cap,
            candidates=[candidate.provider for candidate in chosen.candidates],
        ),
    )
    assert row is not None
    activation_id, wallet_id = int(row["id"]), int(row["wallet_id"])
    cause = ledger.Cause(order_ref(activation_id), order.actor, now)
    ledger.hold(unit, wallet_id, chosen.price_cap, cause)
    _check_open_numbers(unit, ruling, order.user_id, now)
    if choice is not None:  # who has the number is the only one to ask: nothing was decided
        decisions.record(unit, activation_id, choice, now)
    if held is not None:
        quotes.use(unit, held, activation_id)
    desk.announce(unit, order.user_id, activation_id)
    return Placed(activation_id, chosen)


def _as_quoted(order: Order, held: quotes.Held, currency: str) -> Order:
    wanted = held.wanted
    if order.max_price is not None and held.price_cap > order.max_price:
        cap = format_micro(held.price_cap)
        raise PriceChanged(
            f"the quote is for up to {cap} {currency}, more than your maximum price; nothing was"
            " bought. Agree to that price, or ask for another quote",
            cheapest=cap,
        )
    return replace(
        order,
        service=wanted.service,
        country=wanted.country,
        operator=wanted.operator,
        max_price=held.price_cap,
    )


def _choose(
    unit: UnitOfWork, desk: Desk, order: Order, held: quotes.Held | None, now: datetime
) -> tuple[Plan, Choice]:
    """The plan, and the choice to keep: a quote's was made when it was given."""
    if held is not None:
        return quotes.again(unit, held, shut=desk.shut, now=now), held.choice
    chosen = choose(unit, order.wanted, shut=desk.shut, rng=desk.rng, now=now)
    return chosen, choice_of(chosen)


def _check_open_numbers(unit: UnitOfWork, ruling: Rules, user_id: int, now: datetime) -> None:
    """After the hold, whose lock on the wallet lets a buyer's orders in one at a time."""
    most = ruling.new_account_open_numbers
    if not most or not ruling.new_account_days:
        return
    held = unit.scalar(
        "select count(*) from activation a join app_user u on u.id = a.user_id"
        " where a.user_id = :user_id and u.created_at > :since and a.state <> all(:terminal)",
        user_id=user_id,
        since=now - timedelta(days=ruling.new_account_days),
        terminal=sorted(TERMINAL),
    )
    if held > most:
        raise TooManyOpen(
            f"An account younger than {ruling.new_account_days} days holds at most {most} numbers"
            " at a time, and you do. Nothing was bought; finish or cancel one first."
        )


def carry_out(desk: Desk, placed: Placed, also: Also = nothing) -> None:
    """Ask one provider after the other until one sells, or one's answer is unknown.

    ``also`` belongs to the moment of a sale, as ``attempts.bind`` says.
    """
    failpoint("purchase.placed")
    reason = "no_numbers"
    for number, candidate in enumerate(placed.plan.candidates, start=1):
        outcome = _attempt(desk, placed.activation_id, number, candidate, also)
        if outcome is None:
            return
        reason = outcome
    fail(desk, placed.activation_id, reason, desk.clock())
    failpoint("purchase.failed")


def _attempt(
    desk: Desk, activation_id: int, number: int, candidate: Candidate, also: Also
) -> str | None:
    """One call. None when the order is settled or unknown; else why it was declined."""
    carrier = desk.carriers.get(candidate.account_id)
    if not carrier.spends.acquire(timeout=BULKHEAD_WAIT_SECONDS):
        return BUSY
    try:
        attempt_id = _write_attempt(desk, activation_id, number, candidate, carrier)
        if attempt_id is None:
            return "interrupted"
        failpoint("purchase.attempt_written")
        return _send(desk, attempt_id, candidate, carrier, also)
    finally:
        carrier.spends.release()


def _write_attempt(
    desk: Desk, activation_id: int, number: int, candidate: Candidate, carrier: Carrier
) -> int | None:
    """The intent, durable before the call. None when a sweep closed the order meanwhile."""
    now = desk.clock()
    lease = now + timedelta(seconds=carrier.terms.spend_seconds + LEASE_SLACK_SECONDS)
    with desk.database.autocommit() as unit:
        attempt_id = unit.scalar(
            _INTENT,
            id=activation_id,
            lease=lease,
            number=number,
            account_id=candidate.account_id,
            external_country=candidate.external_country,
            external_service=candidate.external_service,
            operator=candidate.operator,
            max_cost=candidate.cost_micro,
            price=candidate.price_micro,
            rate=candidate.rate,
            now=now,
            settle_until=now + timedelta(seconds=carrier.terms.settle_seconds),
            phone=candidate.again.phone if candidate.again else None,
            detail=told(attempt=number, provider=candidate.provider),
        )
    return None if attempt_id is None else int(attempt_id)


def _send(
    desk: Desk, attempt_id: int, candidate: Candidate, carrier: Carrier, also: Also
) -> str | None:
    try:
        bought = _ask(attempt_id, candidate, carrier)
    except ProviderError as error:
        failpoint("purchase.answered")
        if error.declined:
            mark_declined(desk, attempt_id, error, desk.clock())
            failpoint("purchase.declined")
            return error.code
        order_id = error.activation_id
        mark_unknown(desk, attempt_id, error.code, str(error), desk.clock(), order_id)
        failpoint("purchase.unknown")
        return None
    failpoint("purchase.answered")
    bind(desk, attempt_id, _number(bought), carrier.terms, desk.clock(), also)
    failpoint("purchase.bound")
    return None


def _ask(attempt_id: int, candidate: Candidate, carrier: Carrier) -> Bought:
    """The one call; raises ProviderError."""
    reference, most = f"nexnum-{attempt_id}", format_micro(candidate.cost_micro)
    if candidate.again is not None:
        told = about_number(candidate)
        number = candidate.again.upstream_id
        return carrier.client.reuse(number, told, max_price=most, reference=reference)
    return carrier.client.buy(
        country=candidate.external_country,
        service=candidate.external_service,
        operator=candidate.operator,
        max_price=most,
        reference=reference,
    )


def _number(bought: Bought) -> Number:
    cost = to_micro_up(bought.cost) if bought.cost is not None else None
    return Number(bought.activation_id, bought.phone, cost, bought.operator, bought.expires_at)


def refusal(order: Wanted, chosen: Plan, currency: str) -> NothingForSale:
    """Why nobody is asked; where more money would buy one, how much."""
    dearer = [c.price_micro for c, reason in chosen.excluded if reason == ABOVE_CAP]
    away = [c.price_micro for c, reason in chosen.excluded if reason == SHUT]
    if not dearer:
        return NothingForSale(_nobody(order, bool(away)))
    cheapest = format_micro(min(dearer))
    if order.max_price is not None and any(price <= order.max_price for price in away):
        text = (
            "the price changed: who sells at your price does not work at the moment, and the"
            f" cheapest number is now {cheapest} {currency}. Nothing was bought; buy at the new"
            " price, or try again in a few minutes"
        )
        return PriceChanged(text, cheapest=cheapest)
    text = (
        "no number is for sale at or below your maximum price; nothing was bought. The cheapest"
        f" is {cheapest} {currency}"
    )
    return NothingForSale(text, cheapest=cheapest)


def _nobody(order: Wanted, away: bool) -> str:
    if away:
        return (
            "whoever sells this number does not work at the moment; nothing was bought."
            " Try again in a few minutes, or another country"
        )
    return (
        f"no provider has a number for {order.service} in {order.country} now;"
        " nothing was bought. Try another country or a little later"
    )
