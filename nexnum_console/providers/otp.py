"""The code inside an SMS text, where the provider gives only the text."""

from __future__ import annotations

import re
from typing import Final

_KEYWORD: Final = (
    r"(?:code|codes|otp|pin|passcode|password|verification|verify|token|código|codigo|kod|"
    r"код|пароль|密碼|验证码|驗證碼)"
)
_DASHED = r"[A-Z]-\d{4,8}"
_DIGITS = r"\d{3}[- ]\d{3}|\d{4,8}"
_MIXED = r"(?=[A-Z0-9]*\d)(?=[A-Z0-9]*[A-Z])[A-Z0-9]{4,8}"
_CANDIDATES: Final = (
    re.compile(rf"\b({_DASHED})\b"),
    re.compile(rf"{_KEYWORD}\b[^\d\n]{{0,24}}?(?<![\d.,+])({_DIGITS})(?![\d])", re.IGNORECASE),
    re.compile(rf"(?<![\d.,+])({_DIGITS})(?!\d)[^\d\n]{{0,40}}?\b{_KEYWORD}", re.IGNORECASE),
    re.compile(rf"(?i:{_KEYWORD})\W{{1,4}}(?i:is\W{{1,3}})?({_MIXED})\b"),
    re.compile(r"(?<![\w.,+-])(\d{4,8})(?![\w,.]*\d)"),
    re.compile(r"(?<![\w.,+-])(\d{3}[- ]\d{3})(?![-\d])"),
)


def extract(text: str) -> str | None:
    """The most likely code, as written but without a blank or dash between digits; else None."""
    for candidate in _CANDIDATES:
        found = candidate.search(text)
        if found:
            code = found[1]
            return code.replace(" ", "").replace("-", "") if code[0].isdigit() else code
    return None
