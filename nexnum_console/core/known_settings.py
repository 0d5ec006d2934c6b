"""The values an admin may change while the product runs: what each means, its bounds, its default.

``Rules`` has one field per setting with its default; ``SETTINGS`` says what each means to people.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from nexnum_console.core.money import to_micro

Kind = Literal["switch", "count", "amount", "factor", "text", "choice"]
Value = bool | int | Decimal | str


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds now. Amounts are micro-units of the wallet currency; 0 means no limit."""

    registration_open: bool = True
    purchases_paused: bool = False
    new_account_days: int = 7
    new_account_open_numbers: int = 0
    deposit_least: int = to_micro("0.01")
    deposit_most: int = to_micro(10_000)
    manual_deposits: str = ""
    adjustment_alone: int = to_micro(250)
    penalties_automatic: bool = False
    penalty_amount: int = to_micro(1)
    penalty_cancel_share: int = 0
    penalty_cancel_least: int = 20
    penalty_velocity: int = 0
    default_margin: Decimal = Decimal("1.5")
    store_notice: str = ""
    routing_default_strategy: str = "best"
    routing_failure_cost: int = to_micro("0.05")
    routing_miss_cost: int = to_micro("0.002")
    routing_minute_cost: int = to_micro("0.005")
    routing_price_weight: Decimal = Decimal("0.5")
    routing_least_success: Decimal = Decimal(0)
    routing_exploration: Decimal = Decimal("0.01")
    routing_canary: Decimal = Decimal("0.05")


DEFAULTS: Final = Rules()


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting for people. ``least`` and ``most`` bound numbers; for a text, its length;
    a choice is one of ``options``."""

    name: str
    group: str
    title: str
    help: str
    kind: Kind
    least: int | Decimal = 0
    most: int | Decimal = 0
    options: tuple[str, ...] = ()

    @property
    def default(self) -> Value:
        """What holds until somebody changes it."""
        found: Value = getattr(DEFAULTS, self.name)
        return found


SETTINGS: Final = (
    Setting(
        "registration_open",
        "Accounts",
        "Registration is open",
        "When it is closed the register page refuses new people; accounts that exist go on.",
        "switch",
    ),
    Setting(
        "new_account_days",
        "Accounts",
        "An account is new for (days)",
        "The limit below holds for accounts younger than this.",
        "count",
        0,
        365,
    ),
    Setting(
        "new_account_open_numbers",
        "Accounts",
        "Open numbers of a new account",
        "The most numbers a new account may hold at a time. 0: no limit.",
        "count",
        0,
        10_000,
    ),
    Setting(
        "purchases_paused",
        "Sales",
        "Purchases are paused",
        "Nobody can buy, in the store or by API. Running numbers are served to their end.",
        "switch",
    ),
    Setting(
        "default_margin",
        "Sales",
        "Margin of a new provider",
        "The factor between cost and price that a provider starts with; 1.5 adds half.",
        "factor",
        1,
        1000,
    ),
    Setting(
        "deposit_least",
        "Money",
        "Least deposit",
        "A smaller deposit is refused and nothing is booked.",
        "amount",
        1,
        to_micro(1_000_000),
    ),
    Setting(
        "deposit_most",
        "Money",
        "Most deposit",
        "A larger deposit is refused and nothing is booked.",
        "amount",
        1,
        to_micro(1_000_000),
    ),
    Setting(
        "manual_deposits",
        "Money",
        "How to pay by transfer",
        "Where to send money, shown to who deposits by hand; an admin confirms it when it is"
        " there. Empty: no such deposits.",
        "text",
        0,
        240,
    ),
    Setting(
        "adjustment_alone",
        "Money",
        "Most that one admin moves alone",
        "A larger correction of a balance, up or down, a larger deposit confirmed by hand, or more"
        " money from suspense waits until another admin approves it. 0: each of them waits.",
        "amount",
        0,
        to_micro(1_000_000),
    ),
    Setting(
        "penalties_automatic",
        "Penalties",
        "Penalties are booked by themselves",
        "Once an hour, by the rules below. Off: an admin books them from the preview.",
        "switch",
    ),
    Setting(
        "penalty_amount",
        "Penalties",
        "Amount of a penalty",
        "What a broken rule costs, once a day for each rule. A balance never goes below zero.",
        "amount",
        1,
        to_micro(10_000),
    ),
    Setting(
        "penalty_cancel_share",
        "Penalties",
        "Cancelled numbers of a day (percent)",
        "Cancelling at least this share of a day's numbers breaks the rule. 0: no such rule.",
        "count",
        0,
        100,
    ),
    Setting(
        "penalty_cancel_least",
        "Penalties",
        "Numbers before the share counts",
        "With fewer numbers on a day nobody breaks the rule above.",
        "count",
        1,
        100_000,
    ),
    Setting(
        "penalty_velocity",
        "Penalties",
        "Cancellations in an hour",
        "More than this in any hour of a day breaks the rule. 0: no such rule.",
        "count",
        0,
        100_000,
    ),
    Setting(
        "store_notice",
        "Store",
        "Notice in the store",
        "One sentence above every store page, for example about maintenance. Empty: none.",
        "text",
        0,
        240,
    ),
    Setting(
        "routing_default_strategy",
        "Routing",
        "Order of providers without a wish",
        "What decides who is asked first when the buyer names no strategy.",
        "choice",
        options=("best", "cheapest", "fastest", "reliable"),
    ),
    Setting(
        "routing_failure_cost",
        "Routing",
        "Cost of a number without a code",
        "What a failed number is worth avoiding, in lost patience and support.",
        "amount",
        0,
        to_micro(100),
    ),
    Setting(
        "routing_miss_cost",
        "Routing",
        "Cost of asking in vain",
        "What it costs to ask a provider that turns out to have no number.",
        "amount",
        0,
        to_micro(100),
    ),
    Setting(
        "routing_minute_cost",
        "Routing",
        "Cost of a minute's wait",
        "How much slower providers lose for each minute that their codes take.",
        "amount",
        0,
        to_micro(100),
    ),
    Setting(
        "routing_price_weight",
        "Routing",
        "Weight of the buyer's price",
        "Share of what an offer costs the buyer above the cheapest that counts against it.",
        "factor",
        0,
        10,
    ),
    Setting(
        "routing_least_success",
        "Routing",
        "Least chance of success",
        "A provider with a record below it is left out while others sell. 0: nobody is.",
        "factor",
        0,
        1,
    ),
    Setting(
        "routing_exploration",
        "Routing",
        "Share of orders to explore with",
        "These orders may be led by any provider, so that what is learned stays true.",
        "factor",
        0,
        Decimal("0.2"),
    ),
    Setting(
        "routing_canary",
        "Routing",
        "Share of orders for new providers",
        "The most orders that providers without a record may lead, beside known ones.",
        "factor",
        0,
        1,
    ),
)
