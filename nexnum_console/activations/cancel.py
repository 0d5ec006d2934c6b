"""Giving a number back, unwanted or unusable: the provider is asked first, its word decides."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from typing import Any

from nexnum_console.activations.about import about_activation
from nexnum_console.activations.bulkhead import release_turn
from nexnum_console.activations.desk import Desk, note
from nexnum_console.activations.errors import (
    ActivationNotFound,
    CancelTooEarly,
    NotCancellable,
    SmsAlreadyReceived,
)
from nexnum_console.activations.giving_up import look_at
from nexnum_console.activations.settle import give_back
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.failpoints import failpoint
from nexnum_console.providers.client import About
from nexnum_console.providers.errors import GONE, Code, ProviderError

RETRY_SECONDS = 3
EARLY_RETRY_SECONDS = 10


def cancel(desk: Desk, activation_id: int, user_id: int) -> str:
    """Cancel a waiting activation; returns ``cancelled`` or ``cancelling``.

    ``cancelling`` means that the provider's answer is unknown: it is asked again until it says
    what happened, and the refund follows then. Raises CancelTooEarly, SmsAlreadyReceived,
    NotCancellable, CarrierBusy or ActivationNotFound; then the activation is as it was.
    """
    with release_turn(desk, activation_id, user_id):
        row = _start(desk, activation_id, user_id, report=False)
        failpoint("cancel.asked")
        return _ask(desk, row)


def report(desk: Desk, activation_id: int, user_id: int) -> str:
    """Give back a number that does not work (already used, blocked); as ``cancel``.

    Where the provider takes such reports there is no lock to wait for. An unanswered report is
    followed by cancellations, so that it ends as they do.
    """
    with release_turn(desk, activation_id, user_id):
        row = _start(desk, activation_id, user_id, report=True)
        failpoint("cancel.asked")
        return _ask(desk, row, report=True)


def ask_again(desk: Desk, row: Any) -> None:
    """Repeat the question for a ``cancelling`` activation, from a worker."""
    try:
        _ask(desk, row)
    except (CancelTooEarly, SmsAlreadyReceived):
        # The row is back in ``waiting`` and its owner's page shows why.
        return


def _start(desk: Desk, activation_id: int, user_id: int, *, report: bool) -> Any:
    now = desk.clock()
    with desk.database.transaction() as unit:
        row = unit.first(
            "select * from activation where id = :id and user_id = :user_id for update",
            id=activation_id,
            user_id=user_id,
        )
        if row is None:
            raise ActivationNotFound(f"you have no activation {activation_id}")
        _check_state(row)
        if not (report and _takes_reports(desk, row, unit)):
            _check_lock(row, now)
        unit.run(
            "update activation set state = 'cancelling', close_at = :close_at where id = :id",
            id=activation_id,
            close_at=now + timedelta(seconds=desk.buy_deadline),
        )
        note(unit, activation_id, "report_asked" if report else "cancel_asked", now)
        desk.announce(unit, user_id, activation_id)
    return row


def _takes_reports(desk: Desk, row: Any, unit: UnitOfWork | None = None) -> bool:
    return desk.carriers.get(row["account_id"], unit).client.supports("ban")


def _check_state(row: Any) -> None:
    if row["state"] in {"received", "finished"}:
        raise SmsAlreadyReceived("a code has arrived, so this number cannot be cancelled")
    if row["state"] != "waiting":
        raise NotCancellable(f"this activation is {row['state']}; nothing was changed")


def _check_lock(row: Any, now: datetime) -> None:
    if now < row["cancel_from"]:
        wait = ceil((row["cancel_from"] - now).total_seconds())
        raise CancelTooEarly(
            f"the provider accepts a cancellation in {wait} s; nothing was changed",
            retry_after=wait,
        )


def _ask(desk: Desk, row: Any, *, report: bool = False) -> str:
    client = desk.carriers.get(row["account_id"]).client
    give_up = client.ban if report and _takes_reports(desk, row) else client.cancel
    with desk.database.transaction() as unit:
        known = about_activation(unit, row)
    try:
        give_up(row["upstream_id"], known)
    except ProviderError as error:
        failpoint("cancel.answered")
        return _refused(desk, row, error, known)
    failpoint("cancel.answered")
    return _given_back(desk, row)


def _given_back(desk: Desk, row: Any) -> str:
    with desk.database.transaction() as unit:
        give_back(unit, desk, row["id"], "cancelled", upstream="refunded", now=desk.clock())
    failpoint("cancel.settled")
    return "cancelled"


def _refused(desk: Desk, row: Any, error: ProviderError, known: About) -> str:
    code = error.code
    if code in GONE:
        # An earlier cancellation whose answer was lost, or the number's own end.
        client = desk.carriers.get(row["account_id"]).client
        told = look_at(client, row["upstream_id"], known, "later")
        if told.ending == "over":
            return _given_back(desk, row)
        if told.late:
            code = Code.SMS_ALREADY_RECEIVED
    if code == Code.CANCEL_TOO_EARLY:
        wait = error.retry_after or EARLY_RETRY_SECONDS
        _back_to_waiting(desk, row["id"], wait)
        raise CancelTooEarly(
            f"the provider refuses to cancel yet; try again in {wait} s", retry_after=wait
        ) from error
    if code == Code.SMS_ALREADY_RECEIVED:
        _back_to_waiting(desk, row["id"], 0)
        raise SmsAlreadyReceived("a code is arriving; the number was not cancelled") from error
    # Any other answer leaves open what happened: the next status call, or the next try, tells.
    with desk.database.transaction() as unit:
        unit.run(
            "update activation set close_at = :at, close_tries = close_tries + 1, next_at = :now"
            " where id = :id and state = 'cancelling'",
            id=row["id"],
            at=desk.clock() + timedelta(seconds=RETRY_SECONDS),
            now=desk.clock(),
        )
        note(unit, row["id"], "cancel_unknown", desk.clock(), code=error.code)
    return "cancelling"


def _back_to_waiting(desk: Desk, activation_id: int, lock_seconds: int) -> None:
    now = desk.clock()
    with desk.database.transaction() as unit:
        row = unit.first(
            "update activation set state = 'waiting', cancel_from = :cancel_from, next_at = :now,"
            " close_at = null where id = :id and state = 'cancelling' returning user_id",
            id=activation_id,
            cancel_from=now + timedelta(seconds=lock_seconds),
            now=now,
        )
        if row is not None:
            note(unit, activation_id, "cancel_refused", now)
            desk.announce(unit, row["user_id"], activation_id)
