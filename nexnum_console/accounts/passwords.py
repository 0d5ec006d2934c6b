"""Password rules and hashes: argon2id, a bounded number at once."""

from __future__ import annotations

from contextlib import contextmanager
from functools import lru_cache
from importlib import resources
from os import cpu_count
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from nexnum_console.accounts.errors import WeakPassword
from nexnum_console.core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

MIN_LENGTH: Final = 8
MAX_LENGTH: Final = 128
WAIT_SECONDS: Final = 10.0

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Each hash takes 19 MiB and a whole core; more at once would only trade memory for waiting.
_AT_ONCE = BoundedSemaphore(max(2, cpu_count() or 2))


def check_strength(password: str, email: str) -> None:
    """Refuse a password that is too short, too long, well known, or the address; WeakPassword."""
    if len(password) < MIN_LENGTH:
        raise WeakPassword(f"The password needs at least {MIN_LENGTH} characters.")
    if len(password) > MAX_LENGTH:
        raise WeakPassword(f"The password may have at most {MAX_LENGTH} characters.")
    folded = password.strip().lower()
    if folded in _common() or len(set(folded)) < 3:
        raise WeakPassword("This password is among the first anyone would guess; take another.")
    if folded in {email.lower(), email.partition("@")[0].lower()}:
        raise WeakPassword("The password must not be the e-mail address.")


def hash_password(password: str) -> str:
    """The argon2id hash to store; salt and parameters are inside it."""
    with _turn():
        return _HASHER.hash(password)


def verify(password_hash: str | None, password: str) -> bool:
    """Whether the password fits. ``None`` (no such user) costs the same time and answers no."""
    with _turn():
        try:
            fits = _HASHER.verify(password_hash or _nobody(), password)
        except (VerificationError, InvalidHashError):
            return False
    return fits and password_hash is not None


def outdated(password_hash: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


@contextmanager
def _turn() -> Iterator[None]:
    if not _AT_ONCE.acquire(timeout=WAIT_SECONDS):
        raise Unavailable("Too many people log in at this moment; try again.", retry_after=5)
    try:
        yield
    finally:
        _AT_ONCE.release()


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _HASHER.hash("the password of nobody")


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    source = resources.files("nexnum_console.accounts").joinpath("common_passwords.txt")
    return frozenset(source.read_text(encoding="utf-8").split())
