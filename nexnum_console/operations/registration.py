"""A new user and their wallet come into being together or not at all."""

from __future__ import annotations

from nexnum_console.accounts import service as accounts
from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.core.errors import BusinessError
from nexnum_console.core.runtime_settings import rules
from nexnum_console.wallet import ledger


class RegistrationClosed(BusinessError):
    """The operator takes no new accounts; none was made."""

    code = "registration_closed"
    status = 403


def sign_up(database: Database, email: str, password: str, *, currency: str) -> int:
    """``register`` for whoever comes to the door; RegistrationClosed while that is closed."""
    with database.transaction() as unit:
        if not rules(unit).registration_open:
            raise RegistrationClosed(
                "Registration is closed here, and no account was made. Ask who runs this service."
            )
    return register(database, email, password, currency=currency)


def register(
    database: Database,
    email: str,
    password: str,
    *,
    currency: str,
    role: str = "user",
    is_demo: bool = False,
) -> int:
    """Create the user with an empty wallet in ``currency``; returns the user id.

    Raises BadEmail, WeakPassword, EmailTaken. Takes some 50 ms for the hash.
    """
    address, password_hash = accounts.prepare(email, password)
    with database.transaction() as unit:
        return enrol(unit, address, password_hash, currency=currency, role=role, is_demo=is_demo)


def enrol(
    unit: UnitOfWork,
    address: str,
    password_hash: str,
    *,
    currency: str,
    role: str = "user",
    is_demo: bool = False,
) -> int:
    """The part of ``register`` inside the caller's transaction."""
    user_id = accounts.create(unit, address, password_hash, role=role, is_demo=is_demo)
    ledger.open_wallet(unit, user_id, currency)
    return user_id
