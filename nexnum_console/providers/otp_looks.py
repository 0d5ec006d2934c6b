"""What in a text could be a code: numbers and words of its shape, however they are written.

The text is made plain first (digits in ASCII, one kind of dash) and loses what is part of
something else; what is left is looked through for candidates.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from nexnum_console.providers import otp_things as things

_HIDDEN = "\x1f"

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−·•"), "-")
_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
# "482193,5分钟内有效": a code and how long it lives, not a decimal.
_GLUED_COMMA: Final = re.compile(
    rf"(?<=[A-Z\d][A-Z\d ][A-Z\d][A-Z\d])[,.](?=\d{{1,2}}{things.JOINED_UNIT})"
)
# The last line of a message that a browser reads: "@site.example #123456".
BOUND: Final = re.compile(r"(?m)^@[\w.-]+\.[\w.-]+ #([A-Za-z0-9-]{3,12})\b")
_START = r"(?<![A-Za-z0-9_+\x1f/@&])(?<!\d[.,:-])"
_END = r"(?![A-Za-z0-9_\x1f])(?![.,:]\d)"
# Capitals of the scripts whose letters stand in codes; a code is no part of a word of theirs.
_CAPITAL = "A-ZΑ-ΩЀ-ЯҐҒҚҢҮҰҺӘӨ"
_APART_BEFORE, _APART_AFTER = "(?<![Α-ωЀ-ӿ])", "(?![Α-ωЀ-ӿ])"
_BLOCK = rf"[{_CAPITAL}\d]{{2,5}}"
_PREFIXED = (
    rf"{_APART_BEFORE}(?:[{_CAPITAL}]{{1,4}}-\d{{3,8}}|\d{{3,8}}-[{_CAPITAL}]{{1,4}}"
    rf"|(?=[{_CAPITAL}-]*\d)(?=[\d-]*[{_CAPITAL}]){_BLOCK}(?:-{_BLOCK}){{1,2}}){_APART_AFTER}"
)
_MIXED = (
    r"(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z\d]{4,10}"
    rf"|{_APART_BEFORE}(?=[{_CAPITAL}]*\d)(?=\d*[{_CAPITAL}])[{_CAPITAL}\d]{{4,10}}{_APART_AFTER}"
)
_GROUPED = (
    r"\d{4}([- ])\d{4}\3\d\d|\d{3} \d{3} \d(?! ?\d)|\d{3} \d\d \d{3}|\d{3}([- ])\d{3}(?:\4\d{2,3})?"
    r"|\d{2}([- ])\d{2}\5\d{2}(?:\5\d{2})?"
    r"|\d{4}[- ]\d{4}|\d{5}[- ]\d{5}|\d{4}[- ]\d{2}|\d{2}[- ]\d{2,3}|\d{3}[- ]\d{2}|\d{2,5}-\d{2,5}"
    r"|\d(?: \d){3,7}|\d(?:-\d){3,7}"
    r"|\d-\d-\d{3,5}|\d{4} \d(?! ?\d)|\d{3} \d(?! ?\d)|\d \d{3}(?! ?\d)"
)
_SHORTEST = (
    r"(?:(?<=[:：])|(?<=[:：] )|(?<= is )|(?<= es )|(?<= est )|(?<= ist )"
    rf"|(?<=code )|(?<=kod )|(?<=код ))(?P<short>\d{{3}}){_END}"
)
_LOOKS: Final = re.compile(
    rf"{_START}(?:(?i:otp|pin|code|kod|код|is|to|est|ist|es)[-:]?(?=\d{{4}}))?"
    rf"(?:(?:(?P<prefixed>{_PREFIXED})|(?P<grouped>{_GROUPED})){_END}|{_SHORTEST}|(?P<digits>\d{{4,10}})(?:(?=(?:is|est|ist|es|jest|adalah)\b)|{_END})"
    rf"|(?P<mixed>{_MIXED}){_END}|(?P<letters>[A-Z]{{4,8}}|[A-Z]{{3,4}}-[A-Z]{{3,4}}){_END})"
)
# "4028-dir" is a number and its ending.
_PART = r"(?![a-z]+(?![A-Za-z\d]))[A-Za-z\d]{1,8}"
# Groups that only stand so where they are called a code: "86-10-473", "kT93-vLq", "5K8 W2P".
_LOOSE: Final = re.compile(
    rf"{_START}(?:[A-Z]{{1,4}}-\d{{2,4}}(?:[ -]\d{{2,5}}){{1,2}}"
    r"|\d{1,3}(?:[ -]\d{1,3}){1,4}"
    rf"|(?=[A-Za-z-]*\d)(?=[\d-]*[A-Za-z]){_PART}(?:-{_PART}){{1,3}}"
    r"|(?=[A-Z]*\d)(?=\d*[A-Z])[A-Z\d]{2,4}(?: (?=[A-Z]*\d)[A-Z\d]{2,4}){1,2}"
    r"|(?=[A-Z]*\d)(?=\d*[A-Z])[A-Z\d]{3})"
    rf"(?![\w\x1f-]|[.,:]\d){_APART_AFTER}"
)
# 482 193, 12-34-56, 4821 9304: nothing belongs to them that stands beside.
_EVEN: Final = re.compile(r"(?:\d{3}[ -]\d{3}|\d\d([ -])\d\d\1\d\d|\d{4}[ -]\d{4})")
_KINDS: Final = ("prefixed", "grouped", "digits", "mixed", "letters", "short")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Where it stands, what it looks like (``kind``: one of the seven) and how it is written."""

    kind: str
    written: str
    start: int
    end: int

    @property
    def code(self) -> str:
        """As written, but digits stand together; a letter prefix keeps its dash."""
        joined = self.kind == "grouped" or (self.kind == "loose" and not _letter(self.written))
        return re.sub(r"[ -]", "", self.written) if joined else self.written


def _letter(written: str) -> bool:
    return any(map(str.isalpha, written))


def plain(text: str) -> str:
    """Digits and wide letters in ASCII, one kind of dash, nothing invisible."""
    text = unicodedata.normalize("NFC", text).translate(_DASHES)
    text = _INVISIBLE.sub("", text).replace("\r", "\n")
    text = _GLUED_COMMA.sub(", ", text)
    return re.sub(r"[^\x00-\x7f]|\t", lambda found: _plain_character(found[0]), text)


def _plain_character(character: str) -> str:
    """Digits of any script and wide letters in ASCII; wide punctuation stays what it is."""
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    if character.isspace():
        return " "
    narrow = unicodedata.normalize("NFKC", character)
    return narrow if character.isalpha() and len(narrow) == 1 else character


def without_other_things(text: str) -> str:
    """Addresses, dates, amounts and phone numbers hidden, each at its length."""
    for pattern in things.HIDDEN:
        text = pattern.sub(lambda found: _HIDDEN * len(found[0]), text)
    return text


def candidates(text: str) -> Iterator[Candidate]:
    """Whatever has the shape of a code, in the order of the text."""
    for found in _LOOKS.finditer(text):
        kind = found.lastgroup or next(name for name in _KINDS if found[name])
        yield Candidate(kind, found[kind], found.start(kind), found.end(kind))


def loose(text: str, at: int) -> Candidate | None:
    """What stands at ``at`` however it is grouped, where a code is looked for right there."""
    found = _LOOSE.match(text, at)
    if found is None:
        return None
    usual = _LOOKS.match(text, at)
    if usual and (usual.end() >= found.end() or _EVEN.fullmatch(text, at, usual.end())):
        return None
    size = sum(map(str.isalnum, found[0]))
    return Candidate("loose", found[0], at, found.end()) if size in range(3, 15) else None
