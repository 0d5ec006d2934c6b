"""What staff do to accounts: correct a balance, ban, unban. Each is audited with its reason."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from nexnum_console.accounts import service as accounts
from nexnum_console.audit import log as audit
from nexnum_console.core import idempotency
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import BusinessError, InvalidInput
from nexnum_console.core.idempotency import Replay
from nexnum_console.core.money import format_micro, to_micro
from nexnum_console.core.runtime_settings import rules
from nexnum_console.wallet import approvals, freezing, ledger
from nexnum_console.wallet.approvals import Booked, Request
from nexnum_console.wallet.errors import InsufficientFunds
from nexnum_console.wallet.freezing import Seen
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
    """A correction before it is made; micro-units of ``currency``. With a ``request_id`` it waits
    for a second person, and nothing has moved."""

    user_id: int
    wallet_id: int
    email: str
    currency: str
    amount: int
    before: int
    after: int
    request_id: int | None = None


def preview_adjustment(unit: UnitOfWork, user_id: int, amount: str) -> Preview:
    """What the balance would be; InvalidInput for an amount that is none or goes below zero."""
    planned = _standing(unit, user_id, _amount(amount))
    if planned.after < 0:
        raise InvalidInput(
            f"The balance is {format_micro(planned.before)} {planned.currency}; taking"
            f" {format_micro(-planned.amount)} would leave less than nothing. Nothing was changed."
        )
    return planned


def _standing(unit: UnitOfWork, user_id: int, micro: int) -> Preview:
    person = accounts.get(unit, user_id)
    balance = balance_of(unit, user_id)
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

    The same request again gets the same answer, another one under its key KeyReused. Above the
    limit it waits for a second person; ``request_id`` then names it. InvalidInput for a bad
    amount or reason, NotOneself.
    """
    not_oneself(actor, user_id, "correct your own balance")
    reason = proper_reason(reason)
    wish = f"{user_id}|{_amount(amount)}|{reason}".encode()
    request = idempotency.fingerprint("ADJUST", "wallet", wish)
    key = f"adjust:{key}"
    begun = idempotency.begin(unit, actor.name, key, request, now=now, lease=timedelta(minutes=1))
    if isinstance(begun, Replay):
        return Preview(**json.loads(begun.body))
    done = _adjust(unit, actor, preview_adjustment(unit, user_id, amount), reason, key, now)
    idempotency.finish(unit, actor.name, key, 201, json.dumps(asdict(done)))
    return done


def _adjust(
    unit: UnitOfWork, actor: Actor, planned: Preview, reason: str, key: str, now: datetime
) -> Preview:
    digest = sha256(f"{actor.name}|{key}".encode()).hexdigest()[:32]
    ref = f"user:{planned.user_id}:{digest}"
    if abs(planned.amount) > rules(unit).adjustment_alone:
        cause = ledger.Cause(ref, actor.name, now, reason)
        request_id = approvals.ask(unit, planned.wallet_id, planned.amount, cause)
        _note_adjustment(unit, actor, "wallet.adjust_ask", planned, {"request": request_id}, cause)
        return replace(planned, after=planned.before, request_id=request_id)
    _book(unit, actor, planned, ledger.Cause(ref, actor.name, now, reason))
    return planned


def book_request(unit: UnitOfWork, actor: Actor, asked: Request, cause: ledger.Cause) -> Booked:
    """A second person agrees to a correction; InvalidInput where it cannot be booked."""
    planned = preview_adjustment(unit, asked.user_id, format_micro(asked.amount))
    return Booked("booked", _book(unit, actor, planned, cause))


def refuse_request(unit: UnitOfWork, actor: Actor, asked: Request, cause: ledger.Cause) -> None:
    """A second person says no, or the asker takes it back."""
    # What the balance no longer covers is refused all the more.
    planned = _standing(unit, asked.user_id, asked.amount)
    _note_adjustment(unit, actor, "wallet.adjust_reject", planned, {"request": asked.id}, cause)


def _book(unit: UnitOfWork, actor: Actor, planned: Preview, cause: ledger.Cause) -> int:
    try:
        posted = ledger.adjust(unit, planned.wallet_id, planned.amount, cause)
    except InsufficientFunds:
        raise InvalidInput(
            "The balance changed meanwhile and no longer covers this. Nothing was changed; look at"
            " it again."
        ) from None
    after: dict[str, str | int] = {
        "available": format_micro(posted.available),
        "journal": posted.journal_id,
    }
    _note_adjustment(unit, actor, "wallet.adjust", planned, after, cause)
    return posted.journal_id


def _note_adjustment(
    unit: UnitOfWork,
    actor: Actor,
    action: str,
    planned: Preview,
    after: dict[str, str | int],
    cause: ledger.Cause,
) -> None:
    audit.record(
        unit,
        actor,
        action,
        f"user:{planned.user_id}",
        before={"available": format_micro(planned.before)},
        after={"amount": format_micro(planned.amount), **after},
        reason=cause.reason,
        now=cause.now,
    )


def unfreeze(
    unit: UnitOfWork, actor: Actor, user_id: int, seen: Seen, reason: str, now: datetime
) -> None:
    """Let money leave a person's wallet again; all that is open about it is closed with the reason.

    ``seen`` is what the actor was shown. InvalidInput for a wallet that is not frozen,
    NotLookedAt where more is open, NotOneself.
    """
    not_oneself(actor, user_id, "unfreeze your own wallet")
    reason = proper_reason(reason)
    held = freezing.thaw(unit, balance_of(unit, user_id).wallet_id, seen, actor.name, reason, now)
    audit.record(
        unit,
        actor,
        "wallet.unfreeze",
        f"user:{user_id}",
        before={"frozen": held.reason},
        after={"freezes": list(held.freezes), "evidence": list(held.evidence)},
        reason=reason,
        now=now,
    )


def ban(unit: UnitOfWork, actor: Actor, user_id: int, reason: str, now: datetime) -> None:
    """Shut a person out and end every session; running numbers go on to their end.

    NotOneself, LastAdmin, InvalidInput for a reason that says nothing.
    """
    not_oneself(actor, user_id, "ban yourself")
    reason = proper_reason(reason)
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
    reason = proper_reason(reason)
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


def proper_reason(text: str) -> str:
    """A reason that says something, on one line; InvalidInput."""
    text = " ".join(text.split())
    least, most = REASON_LENGTH
    if not least <= len(text) <= most:
        raise InvalidInput(f"Give a reason of {least} to {most} characters; it is kept for ever.")
    return text


def not_oneself(actor: Actor, user_id: int, deed: str) -> None:
    """NotOneself where the account is the actor's own; ``deed`` as in ``ban yourself``."""
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
