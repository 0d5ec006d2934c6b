"""What an admin weighs when a provider is chosen; pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Final, Literal

from nexnum_console.core.errors import InvalidInput
from nexnum_console.core.known_settings import Rules
from nexnum_console.core.money import to_micro

Strategy = Literal["best", "cheapest", "fastest", "reliable"]
STRATEGIES: Final[tuple[Strategy, ...]] = ("best", "cheapest", "fastest", "reliable")
# A provider with fewer learned deliveries is new, beside one with NEW_BESIDE times as many.
NEW_OUTCOMES: Final = 10
NEW_BESIDE: Final = 20
# Evidence that the least chance of success needs before it excludes anybody.
LEAST_OUTCOMES: Final = 20
_PREFIX: Final = "routing_"


@dataclass(frozen=True, slots=True)
class Policy:
    """Weights of ``p · margin − (1 − p) · failure_cost − …``; amounts in micro-units of the
    wallet currency, shares between 0 and 1.

    ``failure_cost``: a number without a code. ``miss_cost``: asking who has none to sell.
    ``minute_cost``: a minute of the buyer's waiting. ``price_weight``: how much of what an offer
    costs the buyer above the cheapest counts against it. ``least_success``: below it a provider
    with a record is left out. ``exploration``: share of orders that any admitted provider may
    lead. ``canary``: most orders that new providers may lead while others are known.
    """

    default_strategy: Strategy = "best"
    failure_cost: int = to_micro("0.05")
    miss_cost: int = to_micro("0.002")
    minute_cost: int = to_micro("0.005")
    price_weight: Decimal = Decimal("0.5")
    least_success: Decimal = Decimal(0)
    exploration: Decimal = Decimal("0.01")
    canary: Decimal = Decimal("0.05")

    @property
    def version(self) -> str:
        """Twelve hex digits that change with any weight."""
        return _version(self)

    def document(self) -> dict[str, str | int]:
        """The weights as JSON values; 0.50 is 0.5."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: f"{value.normalize():f}" if isinstance(value, Decimal) else value
            for name, value in values.items()
        }


DEFAULT_POLICY: Final = Policy()


# Every order asks for these two, and they change when an admin changes a weight.
@lru_cache(maxsize=16)
def policy_of(rules: Rules) -> Policy:
    """The policy that the runtime settings say."""
    values = {field.name: getattr(rules, _PREFIX + field.name) for field in fields(Policy)}
    return Policy(**values)


@lru_cache(maxsize=64)
def _version(policy: Policy) -> str:
    return sha256(json.dumps(policy.document(), sort_keys=True).encode()).hexdigest()[:12]


def strategy_named(text: str) -> Strategy:
    """The strategy of that name; InvalidInput names the ones there are."""
    if text not in STRATEGIES:
        raise InvalidInput(
            f"There is no strategy {text!r}. Choose one of {', '.join(STRATEGIES)}; to buy from"
            " one provider only, name it as provider."
        )
    return text
