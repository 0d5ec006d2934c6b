"""What each carrier sells and for how much: a function of the seed alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from random import Random

from nexnum_console.sandbox.catalogue_facts import Country, Service, countries, services

# The services everyone asks for: sold in every country a carrier covers.
POPULAR = (
    "tg", "wa", "go", "fb", "ig", "vk", "tw", "ds", "am", "ub", "mm", "mb",
    "lf", "oi", "wx", "ts", "nf", "ka", "vi", "wb", "mt", "fu", "hw", "ew",
)  # fmt: skip
RARE_SHARE = 0.12
EMPTY_SHARE = 0.08
POPULAR_STOCK = 20

KNOWN_OPERATORS = {
    "RU": ("beeline", "megafon", "mts", "tele2"),
    "UA": ("life", "mts", "kyivstar"),
    "KZ": ("activ", "beeline", "tele2"),
    "GB": ("ee", "o2", "three", "vodafone"),
    "DE": ("o2", "telekom", "vodafone"),
    "FR": ("bouygues", "free", "orange", "sfr"),
    "ES": ("movistar", "orange", "vodafone"),
    "PL": ("orange", "play", "plus"),
    "IN": ("airtel", "jio", "vi"),
    "ID": ("axis", "indosat", "telkomsel", "xl"),
    "BR": ("claro", "tim", "vivo"),
    "US": ("att", "tmobile", "verizon"),
}
VIRTUAL_OPERATORS = ("virtual4", "virtual18", "virtual21", "virtual34", "virtual53")


@dataclass(slots=True)
class Offer:
    """One thing on sale. ``price`` in micro-units; ``luck`` scales the share that gets no SMS."""

    country: str
    service: str
    operator: str
    list_price: int
    stock: int
    luck: float
    price: int = field(init=False)

    def __post_init__(self) -> None:
        self.price = self.list_price


@dataclass(frozen=True, slots=True)
class Assortment:
    """How one carrier trades: price grid in micro-units, and whether it sells per operator."""

    carrier: str
    price_step: int
    per_operator: bool
    needs_slug: bool


@dataclass(frozen=True)
class Catalogue:
    """Everything a carrier sells: ``offers[(country iso2, service code)]``."""

    countries: dict[str, Country]
    services: dict[str, Service]
    operators: dict[str, tuple[str, ...]]
    offers: dict[tuple[str, str], list[Offer]]

    @cached_property
    def country_by_slug(self) -> dict[str, Country]:
        return {land.slug: land for land in self.countries.values() if land.slug}

    @cached_property
    def country_by_number(self) -> dict[str, Country]:
        return {str(land.number): land for land in self.countries.values()}

    @cached_property
    def service_by_slug(self) -> dict[str, Service]:
        return {good.slug: good for good in self.services.values() if good.slug}


def build_catalogue(assortment: Assortment, seed: int) -> Catalogue:
    """Same seed, same catalogue; two carriers share the market but not the margins."""
    lands = {
        iso2: land
        for iso2, land in countries().items()
        if land.slug is not None or not assortment.needs_slug
    }
    goods = {
        code: good
        for code, good in services().items()
        if good.slug is not None or not assortment.needs_slug
    }
    operators = {iso2: _operators(assortment.carrier, iso2, seed) for iso2 in lands}
    offers: dict[tuple[str, str], list[Offer]] = {}
    for iso2 in lands:
        offers |= _offers(assortment, iso2, list(goods), operators[iso2], seed)
    return Catalogue(lands, goods, operators, offers)


def _operators(carrier: str, iso2: str, seed: int) -> tuple[str, ...]:
    rng = Random(f"{seed}:operators:{carrier}:{iso2}")
    virtual = tuple(sorted(rng.sample(VIRTUAL_OPERATORS, rng.randint(1, 3))))
    return KNOWN_OPERATORS.get(iso2, ()) + virtual


def _offers(
    assortment: Assortment, iso2: str, codes: list[str], operators: tuple[str, ...], seed: int
) -> dict[tuple[str, str], list[Offer]]:
    """What one country sells: popular services always, the others now and then."""
    rng = Random(f"{seed}:{assortment.carrier}:{iso2}")
    found = {}
    for code in codes:
        if code not in POPULAR and rng.random() > RARE_SHARE:
            continue
        base = _country_level(seed, iso2) * _service_level(seed, code)
        sold = rng.sample(operators, min(len(operators), 3)) if assortment.per_operator else ["any"]
        found[iso2, code] = [
            Offer(
                iso2,
                code,
                operator,
                _on_grid(base * rng.uniform(0.75, 1.6), assortment.price_step),
                _stock(code, rng),
                round(rng.uniform(0.3, 1.7), 3),
            )
            for operator in sold
        ]
    return found


@lru_cache(maxsize=4096)
def _country_level(seed: int, iso2: str) -> float:
    """Micro-units: a dear country is dear at every carrier."""
    return 300_000 * Random(f"{seed}:country:{iso2}").lognormvariate(0.0, 0.45)


@lru_cache(maxsize=4096)
def _service_level(seed: int, code: str) -> float:
    return Random(f"{seed}:service:{code}").lognormvariate(0.0, 0.5)


def _stock(code: str, rng: Random) -> int:
    if rng.random() < EMPTY_SHARE:
        return 0
    return rng.randint(20, 3000) * (POPULAR_STOCK if code in POPULAR else 1)


def _on_grid(price: float, step: int) -> int:
    return max(1, round(price / step)) * step
