"""Phone numbers that look right for their country and are not handed out twice at a time."""

from __future__ import annotations

from random import Random

from nexnum_console.sandbox.catalogue_facts import Country

TRIES = 50


class PhoneBook:
    """The numbers in use over all carriers."""

    def __init__(self) -> None:
        self._in_use: set[str] = set()

    def take(self, country: Country, rng: Random) -> str | None:
        """A free mobile number in E.164, or None when the range is as good as used up."""
        for _ in range(TRIES):
            prefix = rng.choice(country.mobile_prefixes)
            missing = country.national_length - len(prefix)
            phone = f"+{country.dial}{prefix}{rng.randrange(10**missing):0{missing}d}"
            if phone not in self._in_use:
                self._in_use.add(phone)
                return phone
        return None

    def take_again(self, phone: str) -> bool:
        """The same number once more, unless somebody holds it."""
        free = phone not in self._in_use
        self._in_use.add(phone)
        return free

    def keep(self, phone: str) -> None:
        self._in_use.add(phone)

    def give_back(self, phone: str) -> None:
        self._in_use.discard(phone)
