"""What an owner asks of a number that has its code: one more SMS, or its end."""

from __future__ import annotations

from typing import Any

from nexnum_console.activations import settle
from nexnum_console.activations.about import about_activation
from nexnum_console.activations.desk import Desk, note
from nexnum_console.activations.errors import (
    ActivationNotFound,
    CarrierSilent,
    NoCodeYet,
    NotOffered,
    NumberClosed,
)
from nexnum_console.core.errors import NotFound
from nexnum_console.providers.client import About
from nexnum_console.providers.errors import ProviderError

# The carrier says that its side is closed already.
_OVER = frozenset({"activation_not_found", "activation_expired", "activation_closed"})


def resend(desk: Desk, activation_id: int, user_id: int) -> None:
    """Ask the carrier for one more SMS on a number that has a code; it costs nothing more.

    Raises NoCodeYet, NotOffered (this carrier has no such call), NumberClosed, CarrierSilent or
    ActivationNotFound; then nothing was changed.
    """
    row = _with_code(desk, activation_id, user_id)
    client = desk.carriers.get(row["account_id"]).client
    if not client.supports("resend"):
        raise NotOffered(
            "this carrier takes no request for another code; a further SMS still shows by itself"
        )
    try:
        outcome = client.resend(row["upstream_id"], _about(desk, row))
    except ProviderError as error:
        raise _refusal(error, "another code was not asked for") from error
    now = desk.clock()
    with desk.database.transaction() as unit:
        # The next look is now: between codes a number is looked at less often.
        unit.run(
            "update activation set next_at = :now where id = :id and state = 'received'"
            " and lease_until is null",
            id=activation_id,
            now=now,
        )
        if outcome.activation_id is not None:
            # Some providers give the order another id; from now on it is known by that one.
            unit.run(
                "update activation set upstream_id = :upstream where id = :id"
                " and upstream_id = :before",
                id=activation_id,
                upstream=outcome.activation_id,
                before=row["upstream_id"],
            )
        note(unit, activation_id, "resend_asked", now)
        desk.announce(unit, user_id, activation_id)


def finish(desk: Desk, activation_id: int, user_id: int) -> None:
    """Close a number that has its code; the charge is final already.

    Raises NoCodeYet, NumberClosed, CarrierSilent or ActivationNotFound; then nothing was changed,
    and the number closes by itself at the end of its time.
    """
    row = _with_code(desk, activation_id, user_id)
    client = desk.carriers.get(row["account_id"]).client
    if client.supports("finish"):
        try:
            client.finish(row["upstream_id"], _about(desk, row))
        except ProviderError as error:
            if error.code not in _OVER:
                raise _refusal(error, "the number stays open until its time ends") from error
    with desk.database.transaction() as unit:
        settle.finish(unit, desk, activation_id, desk.clock())


def _about(desk: Desk, row: Any) -> About:
    with desk.database.transaction() as unit:
        return about_activation(unit, row)


def takes_another(desk: Desk, account_id: int | None) -> bool:
    """Whether the account's carrier can be asked for one more SMS; False for one switched off."""
    if account_id is None:
        return False
    try:
        return desk.carriers.get(account_id).client.supports("resend")
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
    if error.code in _OVER:
        return NumberClosed(f"the carrier has closed this number; {undone}")
    if error.declined:
        return NotOffered(f"the carrier refused; {undone}")
    return CarrierSilent(f"the carrier did not answer; {undone}. Try again in a moment")
