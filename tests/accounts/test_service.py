"""People."""

from __future__ import annotations

import pytest

from nexnum_console.accounts import passwords, service
from nexnum_console.accounts.errors import BadCredentials, BadEmail, EmailTaken
from nexnum_console.core.db import Database

PASSWORD = "correct horse battery"


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("Ada@Example.ORG", "ada@example.org"),
        ("  ada+test@mail.example.org ", "ada+test@mail.example.org"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
    ],
)
def test_addresses_are_stored_in_one_form(text: str, stored: str) -> None:
    assert service.normal_email(text) == stored


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "@example.org",
        "ada@",
        "ada@org",
        "a b@example.org",
        "ada@exa mple.org",
        ".ada@example.org",
        "a..b@example.org",
        "ada@-x.org",
        "ada@example..org",
        "ada@example.org\r\nbcc: x@y.z",
        "x" * 65 + "@example.org",
        "ada@" + "x" * 250 + ".org",
        "ada@example.org,b@example.org",
    ],
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(BadEmail):
        service.normal_email(text)


def _create(database: Database, email: str = "ada@example.org", **kinds: str) -> int:
    with database.transaction() as unit:
        return service.create(unit, *service.prepare(email, PASSWORD), **kinds)


def test_the_right_password_opens(database: Database) -> None:
    user_id = _create(database)
    assert service.authenticate(database, " ADA@example.org", PASSWORD).id == user_id


@pytest.mark.parametrize(
    ("email", "password"),
    [("ada@example.org", "wrong"), ("bob@example.org", PASSWORD), ("not an address", PASSWORD)],
)
def test_every_failure_says_the_same(database: Database, email: str, password: str) -> None:
    _create(database)
    with pytest.raises(BadCredentials, match="address or the password is wrong"):
        service.authenticate(database, email, password)


def test_an_address_exists_once(database: Database) -> None:
    _create(database)
    with pytest.raises(EmailTaken):
        _create(database)


def test_an_old_hash_is_renewed_at_login(database: Database) -> None:
    user_id = _create(database)
    old = passwords.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with database.transaction() as unit:
        unit.run("update app_user set password_hash = :old", old=old)
    service.authenticate(database, "ada@example.org", PASSWORD)
    with database.transaction() as unit:
        stored = unit.scalar("select password_hash from app_user where id = :id", id=user_id)
    assert stored != old
    assert passwords.verify(stored, PASSWORD)


def test_everyone_comes_in_pages(database: Database) -> None:
    ids = [_create(database, f"user{n}@example.org") for n in range(3)]
    with database.transaction() as unit:
        first = service.everyone(unit, limit=2)
        rest = service.everyone(unit, limit=2, after_id=first[-1].id)
    assert [person.id for person in first + rest] == ids
