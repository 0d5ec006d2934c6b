"""Letters about one's account: prove the address, set a new password; and what the links do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote

from nexnum_console.accounts import links, passwords, sessions
from nexnum_console.accounts import service as accounts
from nexnum_console.accounts.errors import BadCredentials, BadEmail, LinkInvalid
from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.core.errors import InvalidInput, NotFound
from nexnum_console.core.outbox import Outbox
from nexnum_console.notifications import mail

VERIFY: Final = "verify_email"
RESET: Final = "reset_password"
VERIFY_FOR: Final = timedelta(days=3)
RESET_FOR: Final = timedelta(hours=1)


class AlreadyVerified(InvalidInput):
    """Nothing to prove."""

    code = "already_verified"


@dataclass(frozen=True, slots=True)
class Postroom:
    """What letters need: where they are kept, sealed, sent from, and what links point to."""

    database: Database
    box: SecretBox
    outbox: Outbox
    public_url: str
    clock: Callable[[], datetime]

    def post(self, unit: UnitOfWork, recipient: str, subject: str, text: str) -> None:
        """Store the letter; it is sent once the caller's transaction is durable."""
        mail.post(unit, self.outbox, self.box, recipient, subject, text, now=self.clock())

    def link(self, path: str, token: str) -> str:
        """The address to click."""
        return f"{self.public_url}{path}?token={quote(token)}"


def ask_verification(room: Postroom, user_id: int) -> None:
    """Send a link that proves the address; AlreadyVerified. A newer link ends an older one."""
    with room.database.transaction() as unit:
        person = accounts.get(unit, user_id)
        if accounts.is_verified(unit, user_id):
            raise AlreadyVerified("This address is verified already; there is nothing to do.")
        token = links.create(unit, VERIFY, user_id=user_id, now=room.clock(), lifetime=VERIFY_FOR)
        room.post(
            unit,
            person.email,
            "Confirm your e-mail address",
            "Somebody, most likely you, opened an account at NexNum with this address.\n\n"
            f"Confirm it here within three days:\n{room.link('/verify', token)}\n\n"
            "If it was not you, leave this letter alone: nothing more will happen.\n",
        )


def verify(database: Database, token: str, now: datetime) -> int:
    """Use the link up and note that the address is proven; returns the user. LinkInvalid."""
    with database.transaction() as unit:
        user_id = links.redeem(unit, VERIFY, token, now=now)
        if user_id is None:
            raise LinkInvalid("This link belongs to nobody; ask for a new one.")
        unit.run(
            "update app_user set verified_at = coalesce(verified_at, :now) where id = :id",
            id=user_id,
            now=now,
        )
        return user_id


def ask_reset(room: Postroom, email: str) -> None:
    """Send a link that sets a new password. Unknown addresses get no letter, and the caller
    gets the same answer: who has an account here is nobody's business."""
    with room.database.transaction() as unit:
        try:
            person = accounts.by_email(unit, email)
        except (NotFound, BadEmail):
            return
        if person.status != "active":
            return
        token = links.create(unit, RESET, user_id=person.id, now=room.clock(), lifetime=RESET_FOR)
        room.post(
            unit,
            person.email,
            "Set a new password",
            "Somebody asked for a new password for your NexNum account.\n\n"
            f"Set it here within an hour:\n{room.link('/reset', token)}\n\n"
            "Every device is logged out when you do. If you did not ask, leave this letter"
            " alone: your password stays as it is.\n",
        )


def reset(room: Postroom, token: str, password: str) -> int:
    """Set the password, end every session, and say so by mail; returns the user.

    LinkInvalid or WeakPassword; the link stays good unless the password was set.
    """
    now = room.clock()
    with room.database.transaction() as unit:
        owner = links.owner(unit, RESET, token, now=now)
        email = accounts.get(unit, owner).email
    passwords.check_strength(password, email)
    hashed = passwords.hash_password(password)
    with room.database.transaction() as unit:
        links.redeem(unit, RESET, token, now=now)
        # Whoever got the letter holds the address.
        unit.run(
            "update app_user set verified_at = coalesce(verified_at, :now) where id = :id",
            id=owner,
            now=now,
        )
        _set_password(room, unit, owner, email, hashed)
    return owner


def change_password(room: Postroom, user_id: int, old: str, new: str) -> None:
    """Set a new password for someone who knows the old one, and end every session.

    BadCredentials or WeakPassword; then nothing has changed.
    """
    with room.database.transaction() as unit:
        email = accounts.get(unit, user_id).email
    try:
        accounts.authenticate(room.database, email, old)
    except BadCredentials:
        raise BadCredentials("The present password is wrong; nothing was changed.") from None
    passwords.check_strength(new, email)
    hashed = passwords.hash_password(new)
    with room.database.transaction() as unit:
        _set_password(room, unit, user_id, email, hashed)


def _set_password(room: Postroom, unit: UnitOfWork, user_id: int, email: str, hashed: str) -> None:
    unit.run("update app_user set password_hash = :hash where id = :id", id=user_id, hash=hashed)
    sessions.end_all(unit, user_id)
    room.post(
        unit,
        email,
        "Your password was changed",
        "The password of your NexNum account was changed just now, and every device was logged"
        f" out.\n\nIf it was not you, set a new one here:\n{room.public_url}/forgot\n",
    )
