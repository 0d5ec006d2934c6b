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
        ("The code to pay 1,250.00 EUR with the card ending 4471 is 77120934", "77120934"),
        ("Code to sign contract №48213 of 12.05.2025: 5519", "5519"),
        ("Hello there", None),
        ("Your order 4829130 has shipped", None),
        ("Faktura 4821930 på kr 1 249,00 forfaller 15.06.2025", None),
        ("Zip code 90210 is now served", None),
        ("Ihr Gutscheincode: 48213", None),
        ("Your password was changed on 14 May 2025 at 16:20", None),
        ("482193is your code", "482193"),
        ("验证码：482193,5分钟内有效", "482193"),
        ("OTP번호 482193", "482193"),
        ("Код активации: КЛМ-482. Введите его в приложении.", "КЛМ-482"),
        ("Κωδικός εισόδου ΓΛ-562", "ΓΛ-562"),
        ("详情见 https://example.cn/q/302145，验证码：718264", "718264"),
        ("Ваш код — 35-18-07, действует до 19:40.", "351807"),
        ("Скидка по промокоду ВЕСНА25 до 31.03", None),
        ("482193 (order 7712048) - your pickup code", "482193"),
        ("-30% z kodem WIOSNA30 do 31.03", None),
        ("Takip no: 4820193746", None),
        ("Text CODE to 48201 for your chance to win", None),
        ("หมายเลขคำสั่งซื้อ: 482193", None),
        ("You can now use your 2025 benefits", None),
        ("Never tell anyone your code. Report fraud to 7726.", None),
        ("", None),
    ],
)
def test_the_code_of_a_text(text: str, code: str | None) -> None:
    assert extract(text) == code
