"""People: who exists, who they are, who may log in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from nexnum_console.accounts import passwords, sessions
from nexnum_console.accounts.errors import BadCredentials, BadEmail, EmailTaken
from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.core.errors import NotFound

_LOCAL: Final = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_SELECT: Final = "select id, email, role, status, is_demo, created_at, password_hash from app_user"


@dataclass(frozen=True, slots=True)
class Person:
    """A user as others may know them: no hash, no epoch."""

    id: int
    email: str
    role: str
    status: str
    is_demo: bool
    created_at: datetime


def normal_email(text: str) -> str:
    """The address as stored: trimmed, lower-case, international domains in ASCII; BadEmail."""
    local, _, domain = text.strip().lower().rpartition("@")
    try:
        domain = domain.encode("idna").decode() if not domain.isascii() else domain
    except UnicodeError:
        domain = ""
    labels = domain.split(".")
    if (
        not _LOCAL.fullmatch(local)
        or local.startswith(".")
        or local.endswith(".")
        or ".." in local
        or len(labels) < 2
        or not all(_LABEL.fullmatch(label) for label in labels)
        or len(local) + len(domain) > 253
    ):
        raise BadEmail("This is not an e-mail address; write it like name@example.org.")
    return f"{local}@{domain}"


def prepare(email: str, password: str) -> tuple[str, str]:
    """(address, hash) ready to store. Slow on purpose: call it outside a transaction."""
    address = normal_email(email)
    passwords.check_strength(password, address)
    return address, passwords.hash_password(password)


def create(
    unit: UnitOfWork,
    address: str,
    password_hash: str,
    *,
    role: str = "user",
    is_demo: bool = False,
) -> int:
    """Store a user that ``prepare`` made ready and return its id; EmailTaken."""
    user_id = unit.scalar(
        "insert into app_user (email, password_hash, role, is_demo)"
        " values (:email, :hash, :role, :is_demo) on conflict (email) do nothing returning id",
        email=address,
        hash=password_hash,
        role=role,
        is_demo=is_demo,
    )
    if user_id is None:
        raise EmailTaken(
            "This address cannot be registered. If it is yours, log in or reset the password."
        )
    return int(user_id)


def authenticate(database: Database, email: str, password: str) -> Person:
    """The active user with this address and password; BadCredentials says no more than that.

    The hash is computed outside the transaction, and for unknown addresses too.
    """
    try:
        address = normal_email(email)
    except BadEmail:
        address = ""
    with database.transaction() as unit:
        row = unit.first(_SELECT + " where email = :email", email=address)
    fits = passwords.verify(row["password_hash"] if row else None, password)
    if row is None or not fits or row["status"] != "active":
        raise BadCredentials("The address or the password is wrong.")
    if passwords.outdated(row["password_hash"]):
        _store_hash(database, row["id"], row["password_hash"], passwords.hash_password(password))
    return _person(row)


def get(unit: UnitOfWork, user_id: int) -> Person:
    """The user with this id; NotFound."""
    row = unit.first(_SELECT + " where id = :id", id=user_id)
    if row is None:
        raise NotFound("There is no such user.")
    return _person(row)


def is_verified(unit: UnitOfWork, user_id: int) -> bool:
    """Whether the user has proven the address."""
    return unit.scalar("select verified_at from app_user where id = :id", id=user_id) is not None


def by_email(unit: UnitOfWork, email: str) -> Person:
    """The user with this address; NotFound."""
    address = normal_email(email)
    row = unit.first(_SELECT + " where email = :email", email=address)
    if row is None:
        raise NotFound(f"There is no user {address}.")
    return _person(row)


def everyone(unit: UnitOfWork, *, limit: int = 100, after_id: int = 0) -> list[Person]:
    """Users in order of id, at most ``limit``, those behind ``after_id``."""
    rows = unit.all(
        _SELECT + " where id > :after order by id limit :limit", after=after_id, limit=limit
    )
    return [_person(row) for row in rows]


def admin_exists(unit: UnitOfWork) -> bool:
    """Whether anybody administers this installation yet."""
    return bool(unit.scalar("select exists (select 1 from app_user where role = 'admin')"))


def admin_addresses(unit: UnitOfWork) -> list[str]:
    """Where alerts go: the mail addresses of admins who may log in."""
    rows = unit.run(
        "select email from app_user where role = 'admin' and status = 'active' order by id"
    )
    return [str(email) for email in rows.scalars()]


def ban(unit: UnitOfWork, user_id: int) -> None:
    """Shut the user out and end their logins; NotFound."""
    _set_status(unit, user_id, "banned")


def unban(unit: UnitOfWork, user_id: int) -> None:
    """Let the user in again; earlier logins stay ended; NotFound."""
    _set_status(unit, user_id, "active")


def _set_status(unit: UnitOfWork, user_id: int, status: str) -> None:
    done = unit.run(
        "update app_user set status = :status where id = :id", id=user_id, status=status
    )
    if done.rowcount == 0:
        raise NotFound("There is no such user.")
    sessions.end_all(unit, user_id)


def _store_hash(database: Database, user_id: int, old: str, new: str) -> None:
    with database.transaction() as unit:
        unit.run(
            "update app_user set password_hash = :new where id = :id and password_hash = :old",
            id=user_id,
            old=old,
            new=new,
        )


def _person(row: Any) -> Person:
    return Person(
        row["id"], row["email"], row["role"], row["status"], row["is_demo"], row["created_at"]
    )
