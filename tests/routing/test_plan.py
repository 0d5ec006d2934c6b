from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from nexnum_console.catalogue.service import Candidate
from nexnum_console.routing.plan import ATTEMPTS_MAX, plan


def candidate(number: int, price: int, **changes) -> Candidate:
    fields = {
        "offer_id": number,
        "provider_id": number,
        "account_id": number,
        "provider": f"p{number}",
        "external_country": "england",
        "external_service": "tg",
        "operator": "any",
        "cost_micro": price // 2,
        "currency": "USD",
        "rate": Decimal(1),
        "price_micro": price,
        "stock": 10,
        "priority": 0,
        "settle_seconds": 150,
    }
    return Candidate(**{**fields, **changes})


def names(chosen) -> list[str]:
    return [c.provider for c in chosen.candidates]


def test_the_cheapest_comes_first_and_sets_the_cap():
    chosen = plan(
        [candidate(1, 300), candidate(2, 200), candidate(3, 200)], max_price=None, provider=None
    )
    assert names(chosen) == ["p2", "p3"]
    assert chosen.price_cap == 200
    assert [(c.provider, why) for c, why in chosen.excluded] == [("p1", "above the price cap")]


def test_a_higher_cap_admits_dearer_providers_but_holds_only_what_they_cost():
    chosen = plan([candidate(1, 300), candidate(2, 200)], max_price=900, provider=None)
    assert names(chosen) == ["p2", "p1"]
    assert chosen.price_cap == 300


def test_ties_go_to_priority_and_then_to_stock():
    equal = [
        candidate(1, 200, priority=5),
        candidate(2, 200, stock=1),
        candidate(3, 200, stock=99),
    ]
    assert names(plan(equal, max_price=None, provider=None)) == ["p3", "p2", "p1"]


def test_a_named_provider_excludes_the_others():
    chosen = plan([candidate(1, 100), candidate(2, 200)], max_price=None, provider="p2")
    assert names(chosen) == ["p2"]
    assert chosen.price_cap == 200


def test_unknown_stock_is_admitted_and_none_is_not():
    chosen = plan(
        [candidate(1, 100, stock=0), candidate(2, 200, stock=None)], max_price=None, provider=None
    )
    assert names(chosen) == ["p2"]


@given(
    prices=st.lists(st.integers(1, 1000), max_size=20),
    cap=st.none() | st.integers(1, 1000),
)
def test_nothing_chosen_costs_more_than_the_cap_and_nothing_is_forgotten(prices, cap):
    offers = [candidate(number, price) for number, price in enumerate(prices)]
    chosen = plan(offers, max_price=cap, provider=None)
    assert len(chosen.candidates) <= ATTEMPTS_MAX
    assert all(c.price_micro <= chosen.price_cap for c in chosen.candidates)
    assert cap is None or chosen.price_cap <= cap
    seen = [c.offer_id for c in chosen.candidates] + [c.offer_id for c, _ in chosen.excluded]
    assert sorted(seen) == list(range(len(offers)))
