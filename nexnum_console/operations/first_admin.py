"""The first admin is made by whoever holds the link that start-up printed; there is no default."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote

from nexnum_console.accounts import links
from nexnum_console.accounts import service as accounts
from nexnum_console.accounts.errors import AdminExists
from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.operations import registration

PURPOSE: Final = "first_admin"
LIFETIME: Final = timedelta(hours=24)


def first_admin_link(database: Database, public_url: str, now: datetime) -> str | None:
    """A link that makes the first admin once within 24 hours; None when there is an admin.

    Each call ends the link before it.
    """
    with database.transaction() as unit:
        _one_at_a_time(unit)
        if accounts.admin_exists(unit):
            return None
        token = links.create(unit, PURPOSE, user_id=None, now=now, lifetime=LIFETIME)
    return f"{public_url}/setup?token={quote(token)}"


def redeem_first_admin(
    database: Database, token: str, email: str, password: str, *, currency: str, now: datetime
) -> int:
    """Make the admin and return the user id.

    Raises LinkInvalid, AdminExists, BadEmail, WeakPassword, EmailTaken; the link stays good
    unless an admin was made.
    """
    address, password_hash = accounts.prepare(email, password)
    with database.transaction() as unit:
        _one_at_a_time(unit)
        links.redeem(unit, PURPOSE, token, now=now)
        if accounts.admin_exists(unit):
            raise AdminExists("This installation has an admin already; log in instead.")
        return registration.enrol(unit, address, password_hash, currency=currency, role="admin")


def _one_at_a_time(unit: UnitOfWork) -> None:
    unit.run("select pg_advisory_xact_lock(hashtext('nexnum.first_admin'))")
