"""Price lists of 100,000 offers as providers write them: the same bytes in every run."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Final

from nexnum_console.catalogue.normalise import load_facts

OFFERS: Final = 100_000
BAD_EACH: Final = 1_000  # of so many rows one cannot be read
COUNTRIES: Final = 100
SERVICES: Final = 200
PER_SERVICE: Final = OFFERS // COUNTRIES // SERVICES

BAD_ROWS: Final = ('"sold out"', '{"count":0}', '{"cost":null,"price":null}', "null")

FLAT_CONFIG: Final[dict[str, Any]] = {
    "name": "flat_list",
    "baseUrl": "https://carrier.example",
    "endpoints": {"prices": {"path": "/prices"}},
    "mappings": {
        "prices": {
            "type": "json_array",
            "fields": {
                "country": "country|country_id",
                "service": "service|product|code",
                "price": "price|cost|amount",
                "stock": "count|stock|qty",
            },
        }
    },
}
_FLAT_SPELLINGS: Final = (
    ("country", "service", "price", "count"),
    ("country_id", "product", "cost", "stock"),
    ("country_id", "code", "amount", "qty"),
)


def fivesim() -> bytes:
    """Country → service → operator → ``{cost, count, rate}``; about 5.3 MB."""
    chance = random.Random("fivesim")

    def offer(operator: str) -> str:
        rate = f',"rate":{chance.randrange(1, 9_999) / 100}' if chance.random() < 0.6 else ""
        count = chance.randrange(30_000)
        return f'{{"cost":{chance.randrange(100, 9_000) / 100},"count":{count}{rate}}}'

    operators = [f"virtual{number}" for number in range(4, 4 + 5 * PER_SERVICE)]
    return _dictionary("fivesim", lambda: chance.sample(operators, PER_SERVICE), offer)


def v3() -> bytes:
    """Country → service → supplier → ``{count, price, provider_id}``; about 6.2 MB."""
    chance = random.Random("v3")

    def offer(supplier: str) -> str:
        price = f"{chance.randrange(10, 30_000) / 10_000:.4f}"
        return f'{{"count":{chance.randrange(60_000)},"price":{price},"provider_id":{supplier}}}'

    suppliers = [str(number) for number in range(2_200, 2_200 + 5 * PER_SERVICE)]
    return _dictionary("herosms", lambda: chance.sample(suppliers, PER_SERVICE), offer)


def flat() -> bytes:
    """A list of offers whose members have three spellings; about 6 MB."""
    chance = random.Random("flat")
    rows = []
    for number in range(OFFERS + OFFERS // BAD_EACH):
        country, service, price, stock = _FLAT_SPELLINGS[number % 3]
        if number % (BAD_EACH + 1) == BAD_EACH:
            rows.append(BAD_ROWS[number % len(BAD_ROWS)])
            continue
        written = f"{chance.randrange(10, 9_000) / 100}"
        rows.append(
            f'{{"{country}":{number % COUNTRIES},"{service}":"service{number % SERVICES}",'
            f'"{price}":{written if number % 2 else _quoted(written)},'
            f'"{stock}":{chance.randrange(30_000)}}}'
        )
    return f"[{','.join(rows)}]".encode()


def _dictionary(
    dialect: str, members: Callable[[], list[str]], offer: Callable[[str], str]
) -> bytes:
    """Objects in objects, with a provider's own names of countries and services."""
    facts = load_facts()
    countries = list(facts.country_codes[dialect])[:COUNTRIES]
    services = list(facts.service_codes[dialect])[:SERVICES]
    number = 0
    written = []
    for country in countries:
        inside = []
        for service in services:
            rows = []
            for member in members():
                number += 1
                rows.append(f"{_quoted(member)}:{offer(member)}")
                if number % BAD_EACH == 0:
                    rows.append(f'"odd{number}":{BAD_ROWS[number // BAD_EACH % len(BAD_ROWS)]}')
            inside.append(f"{_quoted(service)}:{{{','.join(rows)}}}")
        written.append(f"{_quoted(country)}:{{{','.join(inside)}}}")
    return f"{{{','.join(written)}}}".encode()


def _quoted(text: str) -> str:
    return f'"{text}"'
