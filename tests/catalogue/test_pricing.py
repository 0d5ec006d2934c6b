"""One rule, written twice, equal always."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nexnum_console.catalogue.pricing import sell_price, sell_price_sql
from nexnum_console.core.db import Database
from nexnum_console.core.money import CENT

COSTS = st.integers(1, 10**13)
RATES = st.integers(1, 10**15).map(lambda n: Decimal(n).scaleb(-12))
MARGINS = st.integers(10_000, 1_000_000).map(lambda n: Decimal(n).scaleb(-4))


@pytest.mark.parametrize(
    ("cost", "rate", "margin", "price"),
    [
        (1, "1", "1", 10_000),
        (10_000, "1", "1", 10_000),
        (10_001, "1", "1", 20_000),
        (100_000, "1", "1.5", 150_000),
        (103_300, "1", "1.5", 160_000),
        (14_500_000, "0.0108", "2", 320_000),
        (10_000, "1.000000000001", "1", 20_000),
        (10_000, "0.999999999999", "1", 10_000),
        (3_333_333, "0.3", "1.0001", 1_010_000),
    ],
)
def test_prices_by_hand(cost: int, rate: str, margin: str, price: int) -> None:
    assert sell_price(cost, Decimal(rate), Decimal(margin)) == price


@given(COSTS, RATES, MARGINS)
def test_the_price_is_the_least_cent_that_covers_the_product(
    cost: int, rate: Decimal, margin: Decimal
) -> None:
    exact = Fraction(cost) * Fraction(rate) * Fraction(margin)
    price = sell_price(cost, rate, margin)
    assert price % CENT == 0
    assert price - CENT < exact <= price


# A busy machine makes inputs slowly; the database is one for all examples on purpose.
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases=st.lists(st.tuples(COSTS, RATES, MARGINS), min_size=20, max_size=60))
def test_the_database_prices_the_same(
    database: Database, cases: list[tuple[int, Decimal, Decimal]]
) -> None:
    with database.transaction() as unit:
        rows = unit.all(
            f"select {sell_price_sql('c', 'r', 'm')} as price from unnest("
            " cast(:costs as bigint[]), cast(:rates as numeric(24,12)[]),"
            " cast(:margins as numeric(8,4)[])) with ordinality as given(c, r, m, n) order by n",
            costs=[case[0] for case in cases],
            rates=[case[1] for case in cases],
            margins=[case[2] for case in cases],
        )
    assert [row["price"] for row in rows] == [sell_price(*case) for case in cases]
