"""Codes inside texts."""

from __future__ import annotations

import pytest

from nexnum_console.providers.otp import extract


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Your code is 123456", "123456"),
        ("Facebook: 09363 - use this code to reclaim your suspended profile.", "09363"),
        ("G-804036 is your Google verification code.", "G-804036"),
        ("WhatsApp code 123-456. Don't share it", "123456"),
        ("Your Telegram code: 938 201", "938201"),
        ("12345678 is your login code, valid for 10 minutes", "12345678"),
        ("Код подтверждения: 0042", "0042"),
        ("Use 48213 to sign in. Call 88005553535 for help", "48213"),
        ("Your order of $1200 shipped. PIN 7781", "7781"),
        ("Full code: 12345", "12345"),
        ("Verification code: A1B2C3", "A1B2C3"),
        ("Hello there", None),
        ("", None),
    ],
)
def test_the_code_of_a_text(text: str, code: str | None) -> None:
    assert extract(text) == code
