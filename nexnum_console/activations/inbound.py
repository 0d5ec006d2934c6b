"""An SMS that a provider pushes: to which number it belongs, and kept once."""

from __future__ import annotations

from typing import Any, Literal

from nexnum_console.activations.desk import Desk
from nexnum_console.activations.settle import Sms, store_messages
from nexnum_console.core.db import UnitOfWork
from nexnum_console.providers.normal import NormalForm

Fate = Literal["stored", "known", "unmatched", "ignored"]


def take_event(desk: Desk, account_id: int, event: NormalForm) -> Fate:
    """Keep the SMS of a webhook; anything but an SMS with a code or a text is ``ignored``.

    It belongs to the order of its id, else to the newest open order of this account with its
    phone number.
    """
    code, text = event.get("code"), event.get("text")
    if event.get("event") != "sms" or not (code or text):
        return "ignored"
    sms = Sms(code, text or "", event.get("sender") or "")
    with desk.database.transaction() as unit:
        found = _order_of(unit, account_id, event)
        if found is None:
            return "unmatched"
        return "stored" if store_messages(unit, desk, found, [sms], desk.clock()) else "known"


def _order_of(unit: UnitOfWork, account_id: int, event: NormalForm) -> Any:
    if event.get("activation_id"):
        return unit.scalar(
            "select id from activation where account_id = :account_id and upstream_id = :id",
            account_id=account_id,
            id=event["activation_id"],
        )
    if event.get("phone"):
        return unit.scalar(
            "select id from activation where account_id = :account_id and phone = :phone"
            " and state in ('waiting','received','cancelling') order by id desc limit 1",
            account_id=account_id,
            phone=event["phone"],
        )
    return None
