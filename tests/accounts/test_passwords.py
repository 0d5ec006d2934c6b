"""Password rules and hashes."""

from __future__ import annotations

import pytest

from nexnum_console.accounts import passwords
from nexnum_console.accounts.errors import WeakPassword


def test_a_hash_fits_its_password_and_no_other() -> None:
    stored = passwords.hash_password("correct horse battery")
    assert stored.startswith("$argon2id$")
    assert passwords.verify(stored, "correct horse battery")
    assert not passwords.verify(stored, "correct horse batterY")
    assert passwords.hash_password("correct horse battery") != stored


def test_unknown_users_cost_a_hash_too(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    original = passwords._HASHER.verify

    class Counting:
        def verify(self, stored: str, password: str) -> bool:
            checked.append(stored)
            return original(stored, password)

    passwords._nobody()
    monkeypatch.setattr(passwords, "_HASHER", Counting())
    assert passwords.verify(None, "the password of nobody") is False
    assert len(checked) == 1


def test_a_broken_hash_opens_nothing() -> None:
    assert not passwords.verify("not a hash", "anything at all")


@pytest.mark.parametrize(
    "weak", ["short", "x" * 129, "PASSWORD123", "abababab", "ada@example.org", "12345678"]
)
def test_weak_ones_are_refused(weak: str) -> None:
    with pytest.raises(WeakPassword):
        passwords.check_strength(weak, "ada@example.org")


def test_long_phrases_and_any_script_are_welcome() -> None:
    passwords.check_strength("пароль из четырёх слов", "ada@example.org")
    passwords.check_strength("xy1!" * 32, "ada@example.org")


def test_weaker_parameters_are_noticed() -> None:
    old = (
        "$argon2id$v=19$m=1024,t=1,p=1$c29tZXNhbHRzb21l$5kO0dM1AuKkGyYMhvvH6uoQx2i/Wd5nkGGvnCWCYdIs"
    )
    assert passwords.outdated(old)
    assert not passwords.outdated(passwords.hash_password("correct horse battery"))
