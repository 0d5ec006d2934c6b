"""What 5sim shows to guests: countries, products, prices, as JSON text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from nexnum_console.sandbox.carriers import Carrier
from nexnum_console.sandbox.money import amount_text
from nexnum_console.sandbox.seed import Catalogue, Offer
from nexnum_console.sandbox.trade import Refusal
from nexnum_console.sandbox.wire_json import Raw, render

# Long-term hosting is listed beside activations, as 5sim does.
HOSTING = {"1day": {"Category": "hosting", "Qty": 14, "Price": 80}}


def countries(goods: Catalogue) -> str:
    """slug → {iso, prefix, texts, operator…}. Clients rely on that order."""
    rows = {
        land.slug: {
            "iso": {iso2.lower(): 1},
            "prefix": {f"+{land.dial}": 1},
            "text_en": land.english,
            "text_ru": land.russian,
            **{name: {"activation": 1} for name in goods.operators[iso2]},
        }
        for iso2, land in goods.countries.items()
    }
    return render(rows)


def products(goods: Catalogue, country: str, operator: str) -> str:
    """product → {Category, Qty, Price}: stock summed, the lowest price; ``any`` is understood."""
    iso2 = None if country == "any" else _iso2(goods, country)
    found: defaultdict[str, list[Offer]] = defaultdict(list)
    for place, offers in _selection(goods, iso2, None):
        found[place[1]] += [o for o in offers if operator in ("any", o.operator)]
    rows: dict[str, Any] = dict(HOSTING)
    for code, offers in found.items():
        if offers:
            rows[goods.services[code].slug or code] = {
                "Category": "activation",
                "Qty": sum(offer.stock for offer in offers),
                "Price": Raw(amount_text(min(offer.price for offer in offers), 0)),
            }
    return render(rows)


def prices(carrier: Carrier, country: str | None, product: str | None) -> str:
    """country → product → operator; the product alone swaps the first two levels."""
    goods = carrier.catalogue
    iso2 = _iso2(goods, country) if country else None
    code = None
    if product:
        if product not in goods.service_by_slug:
            raise Refusal("bad_service")
        code = goods.service_by_slug[product].code
    rows: defaultdict[str, dict[str, Raw]] = defaultdict(dict)
    for (land, service), offers in _selection(goods, iso2, code):
        outer = goods.countries[land].slug or land
        inner = goods.services[service].slug or service
        if code is not None and iso2 is None:
            outer, inner = inner, outer
        rows[outer][inner] = _operators(carrier, offers)
    return render(rows)


def _operators(carrier: Carrier, offers: list[Offer]) -> Raw:
    rows = []
    for offer in offers:
        rate = f"{100 * (1 - carrier.never_share(offer.luck)):.2f}" if offer.stock else "0"
        rows.append(
            f'"{offer.operator}":{{"cost":{amount_text(offer.price, 0)},'
            f'"count":{offer.stock},"rate":{rate}}}'
        )
    return Raw("{" + ",".join(rows) + "}")


def _selection(
    goods: Catalogue, iso2: str | None, code: str | None
) -> Iterator[tuple[tuple[str, str], list[Offer]]]:
    for place, offers in goods.offers.items():
        if iso2 in (None, place[0]) and code in (None, place[1]):
            yield place, offers


def _iso2(goods: Catalogue, slug: str) -> str:
    if slug not in goods.country_by_slug:
        raise Refusal("bad_country")
    return goods.country_by_slug[slug].iso2
