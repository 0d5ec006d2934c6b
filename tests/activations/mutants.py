"""Each rule of a purchase, and the code without it: the simulation must notice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from typing import Any

from bench.simulation import run
from bench.simulation.run import ARRIVALS_A_SECOND
from nexnum_console.activations import (
    answers,
    attempts,
    cancel,
    giving_up,
    purchase,
    reconcile,
    settle,
    strays,
)
from nexnum_console.providers.errors import ProviderError
from nexnum_console.wallet import ledger

TRIED = 20


@dataclass(frozen=True)
class Mutant:
    """``texts`` are replaced in SQL, ``patch`` in modules, ``ddl`` runs as the database's owner.

    A rule that several layers keep is taken out of all of them. ``size`` and ``pace``: the
    shortest runs that notice. ``dose``: more of the trouble that the rule is there for, which is
    rare in a run of all troubles. ``first``: a seed that did; any change of the code makes
    another story of each seed, so others are tried after it.
    """

    rule: str
    texts: tuple[tuple[str, str], ...] = ()
    patch: Callable[[Callable[[object, str, object], None]], None] = lambda put: None
    ddl: str = ""
    first: int = 0
    size: int = 120
    pace: float = ARRIVALS_A_SECOND
    dose: Mapping[str, Any] = field(default_factory=dict)

    @property
    def seeds(self) -> list[int]:
        """Those to try; of one kind with the first, as odd ones are unfair."""
        return [self.first, *(n for n in range(self.first % 2, TRIED, 2) if n != self.first)]


def _late_intent(put) -> None:
    def attempt(desk, activation_id, number, candidate):
        carrier = desk.carriers.get(candidate.account_id)
        real = carrier.client
        answer = _Kept()
        try:
            answer.bought = real.buy(
                candidate.external_country,
                candidate.external_service,
                max_price=purchase.format_micro(candidate.cost_micro),
                reference="unwritten",
            )
        except ProviderError as error:
            answer.error = error
        purchase.failpoint("purchase.answered")
        attempt_id = purchase._write_attempt(desk, activation_id, number, candidate, carrier)
        if attempt_id is None:
            return "interrupted"
        real.spends[real.spends.index("unwritten")] = f"nexnum-{attempt_id}"
        return purchase._send(desk, attempt_id, candidate, replace(carrier, client=answer))

    put(purchase, "_attempt", attempt)


class _Kept:
    """An answer that came before its question was written down."""

    bought = error = None

    def buy(self, **_):
        if self.error is not None:
            raise self.error
        return self.bought


def _release_unknown(put) -> None:
    def mark(desk, attempt_id, code, text, now, order_id=None):
        attempts.mark_unknown(desk, attempt_id, code, text, now, order_id)
        with desk.database.transaction() as unit:
            order = unit.scalar("select activation_id from attempt where id = :id", id=attempt_id)
        attempts.fail(desk, order, code, now)

    put(purchase, "mark_unknown", mark)


def _fail_over(put) -> None:
    send = purchase._send

    def send_on(desk, attempt_id, candidate, carrier):
        told = send(desk, attempt_id, candidate, carrier)
        with desk.database.transaction() as unit:
            state = unit.scalar("select state from attempt where id = :id", id=attempt_id)
        return "provider_error" if state == "unknown" else told

    put(purchase, "_send", send_on)


def _retry(put) -> None:
    send = purchase._send

    class Retrying:
        def __init__(self, client):
            self.client = client

        def buy(self, **wish):
            try:
                return self.client.buy(**wish)
            except ProviderError as error:
                if error.declined:
                    raise
                return self.client.buy(**wish)

    put(
        purchase,
        "_send",
        lambda desk, attempt_id, candidate, carrier: send(
            desk, attempt_id, candidate, replace(carrier, client=Retrying(carrier.client))
        ),
    )


def _resolve_again(put) -> None:
    lock, key, times = attempts._lock, ledger._Move.key.fget, count()

    def unsettled(unit, attempt_id, *number):
        row = lock(unit, attempt_id, *number)
        return {**row, "state": "confirming", "attempt_state": "unknown"}

    put(attempts, "_lock", unsettled)
    put(ledger._Move, "key", property(lambda move: f"{key(move)}#{next(times)}"))


def _no_grace(put) -> None:
    remember = attempts.remember

    def at_once(unit, stray, terms, now, *, grace=None):
        remember(unit, stray, terms, now, grace=timedelta())

    put(strays, "remember", at_once)
    put(attempts, "remember", at_once)


def _refund_unanswered(put) -> None:
    refused = cancel._refused

    def refund(desk, row, error, known):
        if error.code in {"cancel_too_early", "sms_already_received"}:
            return refused(desk, row, error, known)
        now = desk.clock()
        with desk.database.transaction() as unit:
            settle.give_back(unit, desk, row["id"], "cancelled", upstream="refunded", now=now)
        return "cancelled"

    put(cancel, "_refused", refund)


def _refunds_are_one(put) -> None:
    give_back = settle.give_back

    def both(unit, desk, activation_id, event, *, upstream, now):
        return give_back(unit, desk, activation_id, event, upstream="refunded", now=now)

    put(answers, "give_back", both)


def _refusals_tell_all(put) -> None:
    put(giving_up, "look_at", lambda client, upstream_id, known, taken: giving_up.GivenUp(taken))


def _every_sight_is_new(put) -> None:
    sights = count()
    put(settle.Sms, "content_key", property(lambda sms: f"sight {next(sights)}"))
    put(settle, "_told_before", lambda unit, activation_id, sms: False)


MUTANTS = (
    Mutant(
        "one number is one order's: UNIQUE(provider account, upstream id)",
        ddl="alter table activation drop constraint activation_number_sold_once",
    ),
    Mutant("the intent is durable before the call", patch=_late_intent),
    Mutant("a spend is sent once", patch=_retry),
    Mutant(
        "nothing is released while the answer is unknown",
        texts=(
            (
                "and not exists (  select from attempt where activation_id = :id"
                " and state in ('sent','unknown'))",
                "",
            ),
        ),
        patch=_release_unknown,
    ),
    Mutant(
        "no other provider is asked while the answer is unknown",
        texts=(
            (
                "where id = :id and state = 'buying' returning id",
                "where id = :id and state in ('buying','confirming') returning id",
            ),
        ),
        patch=_fail_over,
    ),
    Mutant(
        "two listings must show nothing before the release",
        patch=lambda put: put(reconcile, "EMPTY_LISTINGS", 1),
        dose={"moods": run.MOODS | {"sell_and_lose": 60}},
        size=60,
    ),
    Mutant(
        "the release waits until the answer cannot come any more: settle",
        texts=((":lease, :settle_until, :phone from", ":lease, :now, :phone from"),),
        dose={"moods": run.MOODS | {"sell_late": 60}},
        size=60,
        pace=0.7,
    ),
    Mutant(
        "the two listings come in a row",
        patch=lambda put: put(reconcile, "_count_anew", lambda unit, account_id: None),
        dose={"moods": run.MOODS | {"sell_and_lose": 60}},
        first=2,
        pace=1.5,
    ),
    Mutant(
        "the price cap goes upstream",
        patch=lambda put: put(purchase, "format_micro", lambda micro: "1000"),
    ),
    Mutant(
        "a refund is conditional on no SMS",
        texts=(
            (
                "and sms_count = 0 and state = any(:from_states) returning *",
                "and (sms_count > 0 or state = any(:from_states)) returning *",
            ),
        ),
        first=4,
        size=240,
    ),
    Mutant(
        "a hold resolves once",
        texts=(
            (
                "where ref = :ref and state = 'open' and amount = :hold_amount",
                "where ref = :ref and amount = :hold_amount",
            ),
        ),
        patch=_resolve_again,
    ),
    Mutant(
        "a stray is spared for its grace, and while a purchase is unsettled",
        texts=(
            (
                " or :exclusive and not exists (select from attempt t",
                " or true or not exists (select from attempt t",
            ),
        ),
        patch=_no_grace,
        first=4,
        size=240,
    ),
    Mutant("an unanswered cancellation is no refund", patch=_refund_unanswered),
    Mutant(
        "the provider's refund is a fact of its own",
        patch=_refunds_are_one,
        dose={"keeps": 0.4},
        first=1,
        size=60,
    ),
    Mutant(
        "a refusal to cancel is read with the number's own state",
        patch=_refusals_tell_all,
        dose={"status_fails": 0.8},
        size=240,
    ),
    Mutant(
        "what another code gave another id is nobody else's",
        patch=lambda put: put(reconcile.renewed, "holders", lambda unit, account, rows, now: {}),
        dose={"resend_lost": 0.9},
        first=6,
        size=240,
    ),
    Mutant("a message is stored once", patch=_every_sight_is_new),
    Mutant(
        "a lane is one worker's: the fence",
        texts=(
            (
                "and kind = :kind and fence = :fence returning true",
                "and kind = :kind and cast(:fence as bigint) > 0 returning true",
            ),
        ),
    ),
    Mutant(
        "the sweep settles what a dead process left",
        patch=lambda put: put(run, "sweep", lambda desk: 0),
        first=2,
    ),
)
