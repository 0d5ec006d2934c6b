"""What staff do to accounts: correct a balance, ban, unban. Each is audited with its reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from nexnum_console.accounts import service as accounts
from nexnum_console.audit import log as audit
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import BusinessError, InvalidInput
from nexnum_console.core.money import format_micro, to_micro
from nexnum_console.wallet import freezing, ledger
from nexnum_console.wallet.errors import InsufficientFunds
from nexnum_console.wallet.reading import balance_of

REASON_LENGTH: Final = (4, 300)
# A slip of the keyboard is caught here; larger sums are moved in several steps, each audited.
MOST_AT_ONCE: Final = 10_000 * 1_000_000
_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,9}(\.[0-9]{1,6})?")


class NotOneself(BusinessError):
    """Staff do not act on their own account."""

    code = "not_oneself"
    status = 409


class LastAdmin(BusinessError):
    """Somebody must be left who can administer."""

    code = "last_admin"
    status = 409


@dataclass(frozen=True, slots=True)
class Preview:
    """A correction before it is made; micro-units of ``currency``."""

    user_id: int
    wallet_id: int
    email: str
    currency: str
    amount: int
    before: int
    after: int


def preview_adjustment(unit: UnitOfWork, user_id: int, amount: str) -> Preview:
    """What the balance would be; InvalidInput for an amount that is none or goes below zero."""
    person = accounts.get(unit, user_id)
    balance = balance_of(unit, user_id)
    micro = _amount(amount)
    if balance.available + micro < 0:
        raise InvalidInput(
            f"The balance is {format_micro(balance.available)} {balance.currency}; taking"
            f" {format_micro(-micro)} would leave less than nothing. Nothing was changed."
        )
    return Preview(
        user_id,
        balance.wallet_id,
        person.email,
        balance.currency,
        micro,
        balance.available,
        balance.available + micro,
    )


def adjust_balance(
    unit: UnitOfWork, actor: Actor, user_id: int, amount: str, reason: str, key: str, now: datetime
) -> Preview:
    """Correct a balance by a signed decimal ``amount``; the same ``key`` corrects once.

    InvalidInput for a bad amount or reason, NotOneself, AlreadyBooked.
    """
    _not_oneself(actor, user_id, "correct your own balance")
    reason = _reason(reason)
    planned = preview_adjustment(unit, user_id, amount)
    cause = ledger.Cause(f"user:{user_id}:{key}", actor.name, now, reason)
    try:
        posted = ledger.adjust(unit, planned.wallet_id, planned.amount, cause)
    except InsufficientFunds:
        raise InvalidInput(
            "The balance changed meanwhile and no longer covers this. Nothing was changed; look at"
            " it again."
        ) from None
    audit.record(
        unit,
        actor,
        "wallet.adjust",
        f"user:{user_id}",
        before={"available": format_micro(posted.available - planned.amount)},
        after={"available": format_micro(posted.available), "journal": posted.journal_id},
        reason=reason,
        now=now,
    )
    return planned


def unfreeze(unit: UnitOfWork, actor: Actor, user_id: int, reason: str, now: datetime) -> None:
    """Let money leave a person's wallet again; its evidence is closed with the reason.

    InvalidInput for a wallet that is not frozen, NotOneself.
    """
    _not_oneself(actor, user_id, "unfreeze your own wallet")
    reason = _reason(reason)
    held = freezing.thaw(unit, balance_of(unit, user_id).wallet_id, actor.name, reason, now)
    audit.record(
        unit,
        actor,
        "wallet.unfreeze",
        f"user:{user_id}",
        before={"frozen": held.reason},
        after={"evidence": list(held.evidence)},
        reason=reason,
        now=now,
    )


def ban(unit: UnitOfWork, actor: Actor, user_id: int, reason: str, now: datetime) -> None:
    """Shut a person out and end every session; running numbers go on to their end.

    NotOneself, LastAdmin, InvalidInput for a reason that says nothing.
    """
    _not_oneself(actor, user_id, "ban yourself")
    reason = _reason(reason)
    unit.run("select pg_advisory_xact_lock(hashtext('nexnum.admins'))")
    person = accounts.get(unit, user_id)
    if person.role == "admin" and _other_admins(unit, user_id) == 0:
        raise LastAdmin("This is the last admin; make another one first. Nothing was changed.")
    if person.status == "banned":
        raise InvalidInput("This person is banned already.")
    accounts.ban(unit, user_id)
    _note(unit, actor, "user.ban", user_id, person.status, "banned", reason, now)


def unban(unit: UnitOfWork, actor: Actor, user_id: int, reason: str, now: datetime) -> None:
    """Let a person in again; they log in anew."""
    reason = _reason(reason)
    person = accounts.get(unit, user_id)
    if person.status == "active":
        raise InvalidInput("This person is not banned.")
    accounts.unban(unit, user_id)
    _note(unit, actor, "user.unban", user_id, person.status, "active", reason, now)


def _amount(text: str) -> int:
    text = text.strip().replace("\N{MINUS SIGN}", "-")
    if not _DECIMAL.fullmatch(text):
        raise InvalidInput("Write an amount like 12.50, or -12.50 to take it away.")
    micro = to_micro(text)
    if micro == 0 or abs(micro) > MOST_AT_ONCE:
        raise InvalidInput(
            f"An amount lies between 0.01 and {format_micro(MOST_AT_ONCE)}, up or down."
        )
    return micro


def _reason(text: str) -> str:
    text = " ".join(text.split())
    least, most = REASON_LENGTH
    if not least <= len(text) <= most:
        raise InvalidInput(f"Give a reason of {least} to {most} characters; it is kept for ever.")
    return text


def _not_oneself(actor: Actor, user_id: int, deed: str) -> None:
    if actor.user_id == user_id:
        raise NotOneself(f"You cannot {deed}; ask another admin. Nothing was changed.")


def _other_admins(unit: UnitOfWork, user_id: int) -> int:
    return int(
        unit.scalar(
            "select count(*) from app_user where role = 'admin' and status = 'active'"
            " and id <> :id",
            id=user_id,
        )
    )


def _note(
    unit: UnitOfWork,
    actor: Actor,
    action: str,
    user_id: int,
    before: str,
    after: str,
    reason: str,
    now: datetime,
) -> None:
    audit.record(
        unit,
        actor,
        action,
        f"user:{user_id}",
        before={"status": before},
        after={"status": after},
        reason=reason,
        now=now,
    )
