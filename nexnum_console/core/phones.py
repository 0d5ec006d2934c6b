"""Phone numbers as people read them."""

from __future__ import annotations

import phonenumbers


def national(e164: str) -> str:
    """The number as written inside its country; the E.164 form where that is not known."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
