"""What handler_api lists: countries, services, operators, prices, as JSON text or a token."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from nexnum_console.sandbox.money import amount_text
from nexnum_console.sandbox.seed import Catalogue, Offer
from nexnum_console.sandbox.wire_json import Raw, render

Params = Mapping[str, str]


def countries(goods: Catalogue, params: Params) -> str:
    """number → {id, rus, eng, chn, flags}."""
    flags = dict.fromkeys(("visible", "retry", "rent", "multiService"), 1)
    rows = {
        number: {
            "id": land.number,
            "rus": land.russian,
            "eng": land.english,
            "chn": land.chinese,
            **flags,
        }
        for number, land in goods.country_by_number.items()
    }
    return render(rows)


def services(goods: Catalogue, params: Params) -> str:
    """All services, or those sold in ``country``."""
    land = goods.country_by_number.get(params.get("country", ""))
    rows = [
        {"code": code, "name": good.name}
        for code, good in goods.services.items()
        if land is None or (land.iso2, code) in goods.offers
    ]
    return render({"status": "success", "services": rows})


def operators(goods: Catalogue, params: Params) -> str:
    """number → operators, of one country or of all."""
    rows = {
        number: list(goods.operators[land.iso2])
        for number, land in goods.country_by_number.items()
        if params.get("country", "") in ("", number)
    }
    if not rows:
        return "OPERATORS_NOT_FOUND"
    return render({"status": "success", "countryOperators": rows})


def prices(goods: Catalogue, params: Params) -> str:
    """country → service → {cost, count, physicalCount}; PHP writes an empty map as a list."""
    rows: defaultdict[str, dict[str, Raw]] = defaultdict(dict)
    for number, offer in _selection(goods, params):
        rows[number][offer.service] = Raw(
            f'{{"cost":{amount_text(offer.price)},"count":{offer.stock},'
            f'"physicalCount":{offer.stock * 2 // 5}}}'
        )
    return render(rows) if rows else "[]"


def numbers_status(goods: Catalogue, params: Params) -> str:
    """service → numbers on stock."""
    rows: defaultdict[str, int] = defaultdict(int)
    for _, offer in _selection(goods, params):
        rows[offer.service] += offer.stock
    return render(rows)


def _selection(goods: Catalogue, params: Params) -> Iterator[tuple[str, Offer]]:
    country, service = params.get("country", ""), params.get("service", "")
    for (iso2, code), offers in goods.offers.items():
        number = str(goods.countries[iso2].number)
        if service in ("", code) and country in ("", number):
            yield number, offers[0]
