"""The catalogue: wide, deterministic, plausible."""

from __future__ import annotations

from random import Random

import phonenumbers
import pytest

from nexnum_console.sandbox.catalogue_facts import countries, services
from nexnum_console.sandbox.phones import PhoneBook
from nexnum_console.sandbox.seed import build_catalogue
from nexnum_console.sandbox.world import CARRIERS, FIVESIM, SMS_ACTIVATE


@pytest.fixture(scope="module")
def catalogues():
    return {terms.name: build_catalogue(terms.assortment, 1) for terms in CARRIERS}


def prices(catalogue):
    return {
        (place, offer.operator): (offer.price, offer.stock)
        for place, offers in catalogue.offers.items()
        for offer in offers
    }


@pytest.mark.parametrize("name", ["fivesim", "sms_activate"])
def test_wide_enough(catalogues, name):
    offers = catalogues[name].offers
    assert len({iso2 for iso2, _ in offers}) >= 120
    assert len({code for _, code in offers}) >= 300


def test_same_seed_same_prices_other_seed_other_prices(catalogues):
    again = build_catalogue(FIVESIM.assortment, 1)
    assert prices(again) == prices(catalogues["fivesim"])
    assert prices(build_catalogue(FIVESIM.assortment, 2)) != prices(again)


def test_neither_carrier_is_always_the_cheaper(catalogues):
    one, other = catalogues["fivesim"].offers, catalogues["sms_activate"].offers
    cheaper = [
        min(o.price for o in one[place]) < min(o.price for o in other[place])
        for place in one.keys() & other.keys()
    ]
    assert len(cheaper) > 3000
    assert 0.2 < sum(cheaper) / len(cheaper) < 0.95


def test_popular_services_are_sold_everywhere_and_some_are_out_of_stock(catalogues):
    for catalogue in catalogues.values():
        assert all((iso2, "tg") in catalogue.offers for iso2 in catalogue.countries)
    stocks = [stock for _, stock in prices(catalogues["fivesim"]).values()]
    assert 0.02 < stocks.count(0) / len(stocks) < 0.2


def test_prices_fit_the_grid_of_the_carrier(catalogues):
    step = SMS_ACTIVATE.assortment.price_step
    assert all(price % step == 0 for price, _ in prices(catalogues["sms_activate"]).values())


@pytest.mark.parametrize("iso2", countries())
def test_numbers_are_valid_mobiles_of_their_country(iso2):
    book, rng = PhoneBook(), Random(1)
    for _ in range(5):
        number = phonenumbers.parse(book.take(countries()[iso2], rng))
        assert phonenumbers.is_valid_number(number)
        assert phonenumbers.region_code_for_number(number) == iso2


def test_codes_and_slugs_are_unique():
    for rows in (services().values(), countries().values()):
        slugs = [row.slug for row in rows if row.slug]
        assert len(slugs) == len(set(slugs))
