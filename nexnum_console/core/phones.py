"""Phone numbers as people read them."""

from __future__ import annotations

import phonenumbers


def international(e164: str) -> str:
    """The number with blanks between its groups; the E.164 form where it is not known."""
    return _written(e164, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def national(e164: str) -> str:
    """The number as written inside its country; the E.164 form where that is not known."""
    return _written(e164, phonenumbers.PhoneNumberFormat.NATIONAL)


def _written(e164: str, form: int) -> str:
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    return phonenumbers.format_number(number, form)
