"""Phone numbers as people read them."""

from __future__ import annotations

import phonenumbers


def international(e164: str) -> str:
    """The number with blanks between its groups; the E.164 form where it is not known."""
    return _written(e164, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def national(e164: str) -> str:
    """The number as written inside its country; the E.164 form where that is not known."""
    return _written(e164, phonenumbers.PhoneNumberFormat.NATIONAL)


def calling_code(e164: str) -> str:
    """The country's calling code with its plus; empty where the number is not known."""
    number = _parsed(e164)
    return "" if number is None else f"+{number.country_code}"


def _written(e164: str, form: int) -> str:
    number = _parsed(e164)
    return e164 if number is None else phonenumbers.format_number(number, form)


def _parsed(e164: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return None
