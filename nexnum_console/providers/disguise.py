"""Exchanges without the people in them: numbers, SMS and login tokens become others of the same
shape, the same everywhere in one exchange, so that a config still reads it alike."""

from __future__ import annotations

import json
import re
import secrets
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final
from urllib.parse import quote, quote_plus

from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.providers.otp import extract
from nexnum_console.providers.replay import recorded_variables, result_of
from nexnum_console.providers.vocabulary import OUTPUTS

# Of no use to anybody outside this process: what it stood for cannot be found by trying.
_KEY: Final = secrets.token_bytes(32)
_PERSONAL: Final = frozenset({"phone", "code", "text", "token"})
_TRIES: Final = 6
_TAIL: Final = 7
_HEAD_LEAST: Final = 2
_TOKEN_LEAST: Final = 8
_BETWEEN: Final = r"[\s().-]*"
_NUMBER: Final = re.compile(r"\d{4,}")
_RUN: Final = re.compile(r"[A-Za-z0-9]*\d[A-Za-z0-9]*")
# In an answer nobody could read, any number may be somebody's; \u0410 is a letter.
_LONG: Final = re.compile(r"\\u[0-9a-fA-F]{4}|(?<![\d.])\d{4,}(?!\.?\d)")


@dataclass(frozen=True, slots=True)
class Disguise:
    """What becomes what in one exchange."""

    pairs: list[tuple[re.Pattern[str], Callable[[re.Match[str]], str]]] = field(
        default_factory=list
    )

    def text(self, written: str) -> str:
        """A text of the exchange without the people in it."""
        for pattern, other in self.pairs:
            written = pattern.sub(other, written)
        return written

    def value(self, given: Any) -> Any:
        """As ``text``, of all texts and numbers in a JSON value."""
        if isinstance(given, dict):
            return {name: self.value(one) for name, one in given.items()}
        if isinstance(given, list):
            return [self.value(one) for one in given]
        if isinstance(given, str):
            return self.text(given)
        if isinstance(given, int) and not isinstance(given, bool):
            return int(self.text(str(given)))
        return given


def disguised(compiled: CompiledProvider, recording: Mapping[str, Any]) -> dict[str, Any]:
    """The recording with nobody in it, and what is expected of it; the config reads it alike."""
    chosen = disguise_of(compiled, recording)
    found = _in(chosen, recording)
    if found != recording and "expected" in recording:
        result = result_of(compiled, found)
        found["expected"] = {name: one for name, one in result.items() if name != "message"}
        if isinstance(found["expected"].get("ok"), dict):
            found["expected"]["ok"].pop("skipped", None)
    return found


def disguise_of(compiled: CompiledProvider, recording: Mapping[str, Any]) -> Disguise:
    """How to disguise a recording; one that holds nobody's data stays as it is."""
    operation = recording["operation"]
    if operation not in compiled.operations or not _PERSONAL & set(OUTPUTS.get(operation, ())):
        return Disguise()
    result = result_of(compiled, recording)
    if result.get("error") == "parse_error":
        return Disguise([(_LONG, _numbers)])
    people = dict.fromkeys(_people(result))
    asked = recorded_variables(compiled, operation, recording["request"]).get("phone")
    if asked:
        people["phone", asked] = None
    if not people:
        return Disguise()
    wanted, chosen = _shape(result), Disguise()
    for salt in range(_TRIES):
        chosen = _chosen(list(people), str(salt))
        if _shape(result_of(compiled, _in(chosen, recording))) == wanted:
            break
    return chosen


def _in(chosen: Disguise, recording: Mapping[str, Any]) -> dict[str, Any]:
    parts = ("request", "response")
    return {**recording, **{one: chosen.value(recording[one]) for one in parts if one in recording}}


def _people(value: Any) -> Iterator[tuple[str, str]]:
    """(output, value) of what is somebody's."""
    if isinstance(value, dict):
        for name, one in value.items():
            if name in _PERSONAL and isinstance(one, str) and one:
                yield name, one
            else:
                yield from _people(one)
    elif isinstance(value, list):
        for one in value:
            yield from _people(one)


def _shape(value: Any) -> Any:
    """A result without what is somebody's, to compare two by."""
    if isinstance(value, dict):
        return {name: name in _PERSONAL or _shape(one) for name, one in value.items()}
    return [_shape(one) for one in value] if isinstance(value, list) else value


def _chosen(people: list[tuple[str, str]], salt: str) -> Disguise:
    phones = [value for name, value in people if name == "phone"]
    short = Disguise([pair for value in phones for pair in _phone(value, salt)])
    bare = Disguise([(pattern, _always("")) for pattern, _ in short.pairs])
    codes = [value for name, value in people if name == "code"]
    codes += [one for name, value in people if name == "text" for one in _codes(bare.text(value))]
    short.pairs.extend(_word(one, salt) for one in dict.fromkeys(codes))
    found = Disguise()
    for name, value in sorted(people, key=lambda one: -len(one[1])):
        if name == "text":
            other = _RUN.sub(lambda run: _other(run[0], salt), short.text(value))
            found.pairs.extend(_spelled(value, other))
        elif name == "token":
            found.pairs.extend(_spelled(value, _other(value, salt, letters=True)))
    # What is left of numbers and codes outside of the texts.
    found.pairs.extend(_once(short.pairs, found.pairs))
    return found


def _codes(text: str) -> Iterator[str]:
    """What may be a code in a text, should the answer repeat it where nothing reads it."""
    code = extract(text)
    yield from dict.fromkeys([*([code] if code else []), *_NUMBER.findall(text)])


def _once(pairs: list[Any], before: list[Any]) -> list[Any]:
    return [pair for pair in pairs if pair not in before]


def _phone(value: str, salt: str) -> Iterator[tuple[re.Pattern[str], Any]]:
    """The last digits of a number, however it is written; its country stays."""
    digits = re.sub(r"\D", "", value)
    tail = digits[-min(_TAIL, max(len(digits) - _HEAD_LEAST, 1)) :]
    yield re.compile(_BETWEEN.join(tail) + r"(?!\d)"), _digit_by_digit(_other(tail, salt))


def _word(value: str, salt: str) -> tuple[re.Pattern[str], Any]:
    """A code, also with signs between its letters."""
    plain = re.sub(r"[\s().-]", "", value)
    pattern = _BETWEEN.join(map(re.escape, plain))
    digits = re.sub(r"\D", "", plain)
    signs = iter(_other(digits, salt))
    other = "".join(next(signs) if one in digits else one for one in plain)
    if not digits:
        other = _other(plain, salt, letters=True)
    return re.compile(rf"(?<![A-Za-z0-9]){pattern}(?![A-Za-z0-9])"), _digit_by_digit(other)


def _digit_by_digit(other: str) -> Callable[[re.Match[str]], str]:
    def replaced(found: re.Match[str]) -> str:
        signs = iter(other)
        return "".join(next(signs) if one.isalnum() else one for one in found[0])

    return replaced


def _spelled(value: str, other: str) -> Iterator[tuple[re.Pattern[str], Any]]:
    """A text in every way that answers and requests write it."""
    ways = (
        lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
        lambda text: json.dumps(text)[1:-1],
        lambda text: json.dumps(text, ensure_ascii=False)[1:-1].replace("/", "\\/"),
        lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
        lambda text: text,
        quote_plus,
        quote,
    )
    known = set()
    for way in ways:
        written = way(value)
        if written not in known:
            known.add(written)
            yield re.compile(re.escape(written)), _always(way(other))


def _always(text: str) -> Callable[[re.Match[str]], str]:
    return lambda _: text


def _numbers(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith("\\") else _other(found[0], "")


def _other(text: str, salt: str, *, letters: bool = False) -> str:
    """Other digits in the place of a text's; in long words other letters, too."""
    letters = letters or len(text) >= _TOKEN_LEAST
    stream = blake2b(f"{salt}:{text}".encode(), key=_KEY).digest()
    out = []
    for index, sign in enumerate(text):
        step = stream[index % len(stream)] + index // len(stream)
        if sign in string.digits:
            # The first digit is never 0 unless it was: a JSON number does not begin so.
            first = 0 if index or sign == "0" else 1
            out.append(sign if index == 0 and sign == "0" else str(first + step % (10 - first)))
        elif letters and sign in string.ascii_lowercase:
            out.append(string.ascii_lowercase[step % 26])
        elif letters and sign in string.ascii_uppercase:
            out.append(string.ascii_uppercase[step % 26])
        else:
            out.append(sign)
    if "".join(out) == text:  # of a thousand short codes, one would stay itself
        last = max((n for n, sign in enumerate(out) if sign in string.digits), default=None)
        if last is not None:
            out[last] = str((int(out[last]) + 1) % 10)
    return "".join(out)
