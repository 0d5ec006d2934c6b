"""What an owner asks of a number that has its code: one more SMS, or its end."""

from __future__ import annotations

from typing import Any

from nexnum_console.activations import renewed, settle
from nexnum_console.activations.about import about_activation
from nexnum_console.activations.bulkhead import release_turn
from nexnum_console.activations.desk import Desk, note
from nexnum_console.activations.errors import (
    ActivationNotFound,
    CarrierSilent,
    NoCodeYet,
    NotOffered,
    NumberClosed,
)
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import NotFound
from nexnum_console.providers.client import About, Outcome, ProviderClient
from nexnum_console.providers.errors import GONE, ProviderError

# The carrier says that its side is closed already.
_UNANSWERED = (
    "the carrier did not answer, so nobody knows yet whether another code was asked for."
    " If it was, it appears here by itself; if none came in a few minutes, ask again"
)


def resend(desk: Desk, activation_id: int, user_id: int) -> None:
    """Ask the carrier for one more SMS on a number that has a code; it costs nothing more.

    Raises NoCodeYet, NotOffered (this carrier has no such call), NumberClosed, CarrierBusy or
    ActivationNotFound; then nothing was changed. CarrierSilent: nobody knows whether it was asked
    for; where the order got another id by it, the carrier's listing tells.
    """
    row = _with_code(desk, activation_id, user_id)
    client = desk.carriers.get(row["account_id"]).client
    if not client.supports("resend"):
        raise NotOffered(
            "this carrier takes no request for another code; a further SMS still shows by itself"
        )
    with release_turn(desk, activation_id, user_id):
        outcome = _ask_another(desk, client, row)
    now = desk.clock()
    with desk.database.transaction() as unit:
        renewed.look_now(unit, activation_id, now)
        order_id = outcome.activation_id
        if order_id is not None and order_id != row["upstream_id"]:
            # Some providers give the order another id; from now on it is known by that one.
            renewed.renew(unit, row, order_id, now)
        note(unit, activation_id, renewed.ASKED, now, order=order_id or row["upstream_id"])
        desk.announce(unit, user_id, activation_id)


def _ask_another(desk: Desk, client: ProviderClient, row: Any) -> Outcome:
    """The one call; that it is made is durable before, and what came of it after."""
    with desk.database.transaction() as unit:
        known = about_activation(unit, row)
        note(unit, row["id"], renewed.BEGUN, desk.clock())
    try:
        return client.resend(row["upstream_id"], known)
    except ProviderError as error:
        renewed.failed(desk, row, error)
        if not error.declined:
            raise CarrierSilent(_UNANSWERED) from error
        raise _refusal(error, "another code was not asked for") from error


def finish(desk: Desk, activation_id: int, user_id: int) -> None:
    """Close a number that has its code; the charge is final already.

    Raises NoCodeYet, NumberClosed, CarrierBusy, CarrierSilent or ActivationNotFound; then nothing
    was changed, and the number closes by itself at the end of its time.
    """
    row = _with_code(desk, activation_id, user_id)
    client = desk.carriers.get(row["account_id"]).client
    if client.supports("finish"):
        try:
            with release_turn(desk, activation_id, user_id):
                client.finish(row["upstream_id"], _about(desk, row))
        except ProviderError as error:
            if error.code not in GONE:
                raise _refusal(error, "the number stays open until its time ends") from error
    with desk.database.transaction() as unit:
        settle.finish(unit, desk, activation_id, desk.clock())


def _about(desk: Desk, row: Any) -> About:
    with desk.database.transaction() as unit:
        return about_activation(unit, row)


def takes_another(unit: UnitOfWork, desk: Desk, account_id: int | None) -> bool:
    """Whether the account's carrier can be asked for one more SMS; False for one switched off."""
    if account_id is None:
        return False
    try:
        return desk.carriers.get(account_id, unit).client.supports("resend")
    except NotFound:
        return False


def _with_code(desk: Desk, activation_id: int, user_id: int) -> Any:
    with desk.database.transaction() as unit:
        row = unit.first(
            "select * from activation where id = :id and user_id = :user_id",
            id=activation_id,
            user_id=user_id,
        )
    if row is None:
        raise ActivationNotFound(f"you have no activation {activation_id}")
    if row["state"] in {"buying", "confirming", "waiting", "cancelling"}:
        raise NoCodeYet("no code has arrived on this number yet; nothing was changed")
    if row["state"] != "received":
        raise NumberClosed(f"this number is {row['state']} already; nothing was changed")
    return row


def _refusal(error: ProviderError, undone: str) -> NumberClosed | NotOffered | CarrierSilent:
    if error.code in GONE:
        return NumberClosed(f"the carrier has closed this number; {undone}")
    if error.declined:
        return NotOffered(f"the carrier refused; {undone}")
    return CarrierSilent(f"the carrier did not answer; {undone}. Try again in a moment")
