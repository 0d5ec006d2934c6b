"""What a number sells for: cost × rate × margin, exact, rounded up to the cent; pure.

The same rule twice, because fifty thousand offers are priced where they lie. Multiplying by
0.0001 instead of dividing keeps PostgreSQL's numeric exact: a quotient would be rounded.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Context, Decimal
from typing import Final

from nexnum_console.core.money import CENT

_EXACT: Final = Context(prec=100, rounding=ROUND_CEILING)
_CENTS: Final = Decimal("0.0001")


def sell_price(cost_micro: int, rate: Decimal, margin: Decimal) -> int:
    """Micro-units of wallet currency for a cost in micro-units of the provider's currency.

    ``rate`` is wallet units for one provider unit, ``margin`` a factor of at least 1.
    """
    product = _EXACT.multiply(_EXACT.multiply(Decimal(cost_micro), rate), margin)
    cents = _EXACT.multiply(product, _CENTS).to_integral_value(rounding=ROUND_CEILING)
    return int(cents) * CENT


def sell_price_sql(cost: str, rate: str, margin: str) -> str:
    """``sell_price`` as an SQL expression over three column names."""
    return f"(ceil({cost} * {rate} * {margin} * 0.0001) * {CENT})::bigint"
