"""Typed transforms: JSON values and texts of the wire become the texts of the normal form.

Each takes a value and returns the typed one, or None when it cannot be read as that type.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final
from urllib.parse import unquote_plus

import phonenumbers

from nexnum_console.providers import shaping
from nexnum_console.providers.vocabulary import CURRENCY_NUMBERS
from nexnum_console.providers.zones import localised

Transform = Callable[[Any], Any]

_PLAIN_DECIMAL = re.compile(r"\d{1,20}(\.\d{1,20})?\Z")
_NOT_DIGITS = re.compile(r"[^0-9]")
_ZONE = re.compile(r"(Z|[+-]\d\d:?\d\d)\Z")
_UNIX = re.compile(r"\d{9,19}(\.\d+)?\Z")
_DIGITS_MAX = 30
_PHONE_MIN, _PHONE_MAX = 5, 15
_NO_REGION = frozenset({"ZZ", "001"})
_DATE_LENGTH = len("2026-01-01")
# A unix number this large counts thousandths, millionths, billionths of a second.
_UNIX_UNITS = ((10**17, 10**9), (10**14, 10**6), (10**11, 10**3))
_TRUE = frozenset({"true", "1", "yes", "y", "on", "ok", "success"})
_FALSE = frozenset({"false", "0", "no", "n", "off", "error", "fail", ""})


def text(value: Any) -> str | None:
    """Text of a scalar; numbers keep the digits of the wire."""
    if isinstance(value, str):
        return value or None
    if value is None or isinstance(value, dict | list):
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def newest_text(value: Any) -> str | None:
    """As ``text``; of a list the last member that is not empty."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, list):
        return next((found for found in map(text, reversed(value)) if found), None)
    return text(value)


def decimal(value: Any) -> str | None:
    """Non-negative decimal text, digits as on the wire; exponents are written out."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return str(value) if value >= 0 else None
    return _decimal_text(value) if isinstance(value, str) else None


@lru_cache(maxsize=8192)  # a price list repeats few prices many times
def _decimal_text(value: str) -> str | None:
    written = value.strip()
    if _PLAIN_DECIMAL.match(written):
        return written
    try:
        number = Decimal(written)
    except InvalidOperation:
        return None
    if not number.is_finite() or number < 0 or abs(number.adjusted()) > 20:
        return None
    return format(number, "f")


def signed_decimal(value: Any) -> str | None:
    """As ``decimal``, for balances, which may be below zero."""
    if isinstance(value, str) and value.strip().startswith("-"):
        rest = decimal(value.strip()[1:])
        return None if rest is None else f"-{rest}"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return decimal(value)


def integer(value: Any) -> int | None:
    """Whole number from a number or its text; fractions are cut."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        try:
            number = Decimal(value.strip()) if len(value) < _PHONE_MAX * 2 else None
            # “1e999999999” is short, and writing it out would take minutes.
            if number is None or (number and number.adjusted() > _DIGITS_MAX):
                return None
            return int(number)
        except (InvalidOperation, OverflowError, ValueError):
            return None
    return None


def phone(value: Any) -> str | None:
    """E.164 with its plus sign, from any usual way to write an international number."""
    written = text(value)
    if written is None:
        return None
    digits = _NOT_DIGITS.sub("", written.removesuffix(".0")).removeprefix("00")
    return f"+{digits}" if _PHONE_MIN <= len(digits) <= _PHONE_MAX else None


def dialled(dial: str, written: str) -> str | None:
    """E.164 of a subscriber's number and its dial code, however much of both stands in it.

    A plus sign or 00 in front says that the number is international already; a trunk 0, and a
    dial code that stands before a number that is complete without it, are left out.
    """
    bare = written.lstrip(" (").strip()
    if bare.startswith(("+", "00")):
        return phone(bare)
    if bare.startswith(("0", dial)):
        region = phonenumbers.region_code_for_country_code(int(dial))
        try:
            parsed = phonenumbers.parse(bare, None if region in _NO_REGION else region)
        except phonenumbers.NumberParseException:
            return phone(dial + bare)
        if str(parsed.country_code) == dial:
            return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return phone(dial + bare)


def dial_code(value: Any) -> str | None:
    """Dial code digits from ``+7``, ``7`` or a two-letter country."""
    written = text(value)
    if written is None:
        return None
    if written.isascii() and written.isalpha():
        found = phonenumbers.country_code_for_region(written.upper())
        return str(found) if found else None
    return _NOT_DIGITS.sub("", written) or None


def timestamp(zone: str) -> Transform:
    """Instant as text: unix numbers become ISO 8601, zone-less times get ``zone``."""
    in_zone = localised(zone)

    def read(value: Any) -> str | None:
        written = text(value)
        if written is None:
            return None
        if _UNIX.match(written):
            return _from_unix(Decimal(written))
        if len(written) > _DATE_LENGTH and not _ZONE.search(written):
            return in_zone(written)
        return written

    return read


def _from_unix(number: Decimal) -> str:
    parts = next((parts for least, parts in _UNIX_UNITS if number >= least), 1)
    return datetime.fromtimestamp(int(number / parts), UTC).isoformat()


def written_as(form: str) -> Transform:
    """Read a time written in a ``strptime`` form into ISO 8601; without a zone it has none yet."""

    def read(value: Any) -> str | None:
        try:
            return datetime.strptime(text(value) or "", form).isoformat()  # noqa: DTZ007
        except ValueError:
            return None

    return read


def national(value: Any) -> str | None:
    """An international number without its dial code, leading zeros of the country kept."""
    international = phone(value)
    if international is None:
        return None
    try:
        return phonenumbers.national_significant_number(phonenumbers.parse(international))
    except phonenumbers.NumberParseException:
        return None


def currency(value: Any) -> str | None:
    """ISO 4217 letters, from letters or the numeric code."""
    written = text(value)
    return None if written is None else CURRENCY_NUMBERS.get(written, written.upper())


def boolean(value: Any) -> str | None:
    """``true`` or ``false`` from the words providers use."""
    word = (text(value) or "").lower()
    return "true" if word in _TRUE else "false" if word in _FALSE else None


def decoded(value: Any) -> Any:
    """A value that is JSON once more inside its text."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value, parse_float=str)
    except (ValueError, RecursionError):
        return None


def _from_base64(written: str) -> str | None:
    try:
        return base64.b64decode(written, validate=True).decode()
    except ValueError:  # no base64, or no text in it
        return None


def _on_text(change: Callable[[str], str | None]) -> Transform:
    def read(value: Any) -> str | None:
        written = text(value)
        return None if written is None else change(written)

    return read


_CUTS: Final[dict[str, Callable[[str, str], str]]] = {
    "before": lambda written, mark: written.partition(mark)[0],
    "after": lambda written, mark: written.partition(mark)[2] or written,
    "after_last": lambda written, mark: written.rstrip(mark).rpartition(mark)[2],
}
NAMED: Final[dict[str, Transform]] = {
    "text": text,
    "string": text,
    "decimal": decimal,
    "number": decimal,
    "integer": integer,
    "phone": phone,
    "e164": phone,
    "national": national,
    "timestamp": text,  # its zone comes from the config: for_target
    "dial_code": dial_code,
    "currency": currency,
    "boolean": boolean,
    "json": decoded,
    "trim": _on_text(str.strip),
    "lower": _on_text(str.lower),
    "lowercase": _on_text(str.lower),
    "upper": _on_text(str.upper),
    "uppercase": _on_text(str.upper),
    "digits": _on_text(lambda written: _NOT_DIGITS.sub("", written)),
    "duration": _on_text(shaping.duration),
    "list": text,
    "integers": text,
    "unescape": _on_text(html.unescape),
    "url_decode": _on_text(unquote_plus),
    "base64": _on_text(_from_base64),
}
MARKED: Final = (*_CUTS, *shaping.MARKED, "timestamp")


def steps(written: str | list[str] | None) -> list[str]:
    """The names of ``as``: one, several in turn, or none."""
    return [written] if isinstance(written, str) else list(written or ())


def named(name: str) -> Transform:
    """A transform by its name, one with a mark (``before:x``, ``times:0.01``, ``find:regex``,
    ``timestamp:%d.%m.%Y``…) or a template with ``{value}``.

    Raises KeyError where there is none, ValueError (BadPattern) where the mark will not do.
    """
    operation, colon, mark = name.partition(":")
    if operation == "timestamp" and mark:
        return written_as(mark)
    if colon and mark and operation in _CUTS:
        cut = _CUTS[operation]
        return _on_text(lambda written: cut(written, mark))
    if colon and mark and operation in shaping.MARKED:
        return _on_text(shaping.MARKED[operation](mark))
    if "{value}" in name:
        return _on_text(lambda written: name.replace("{value}", written))
    return NAMED[name]


def for_target(target: str, zone: str) -> Transform:
    """The type an output always has."""
    if target in {"created_at", "expires_at"}:
        return timestamp(zone)
    return _TYPES.get(target, text)


_TYPES: Final[dict[str, Transform]] = {
    "price": decimal,
    "cost": decimal,
    "balance": signed_decimal,
    "stock": integer,
    "expires_in": integer,
    "dial_code": dial_code,
    "currency": currency,
    "code": newest_text,
    "text": newest_text,
}
