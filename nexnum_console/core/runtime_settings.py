"""Values an admin may change while the product runs: typed, bounded, and read where they bind.

``Rules`` has one field per setting with its default; ``SETTINGS`` says what each means to people.
A process remembers the rules for ``FRESH_SECONDS``; a change made in it counts at once.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from threading import Lock
from typing import Any, Final, Literal
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import InvalidInput, NotFound
from nexnum_console.core.money import decimal_of, format_micro, to_micro

log = logging.getLogger(__name__)

FRESH_SECONDS: Final = 2.0
# Changes wait for each other, so that two of them cannot contradict one another.
_CHANGING: Final = 0x72756C6573

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
        "A larger correction of a balance, up or down, or a larger deposit confirmed by hand waits"
        " until another admin approves it. 0: each of them waits.",
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
_BY_NAME: Final = {setting.name: setting for setting in SETTINGS}
_known: WeakKeyDictionary[Engine, tuple[float, Rules]] = WeakKeyDictionary()
_lock: Final = Lock()


@dataclass(frozen=True, slots=True)
class Changed:
    """A setting's value before and after, as text."""

    setting: Setting
    before: str
    after: str


def rules(unit: UnitOfWork) -> Rules:
    """What holds now, at most ``FRESH_SECONDS`` old."""
    engine = unit.connection.engine
    with _lock:
        until, known = _known.get(engine, (0.0, DEFAULTS))
    if time.monotonic() < until:
        return known
    found = stored_rules(unit)
    with _lock:
        _known[engine] = (time.monotonic() + FRESH_SECONDS, found)
    return found


def stored_rules(unit: UnitOfWork) -> Rules:
    """What is stored, read now."""
    rows = unit.all("select name, value from runtime_setting")
    return _rules({row["name"]: row["value"] for row in rows})


def hold(unit: UnitOfWork) -> None:
    """Let nobody else change a setting until this transaction ends."""
    unit.run("select pg_advisory_xact_lock(:key)", key=_CHANGING)


def change(unit: UnitOfWork, name: str, text: str, now: datetime) -> Changed:
    """Set one value from what a person wrote; NotFound, InvalidInput (then nothing changed)."""
    setting = setting_named(name)
    hold(unit)
    before = stored_rules(unit)
    value: Any = read_value(setting, text)
    after = replace(before, **{name: value})
    _agree(after)
    unit.run(
        "insert into runtime_setting (name, value, updated_at)"
        " values (:name, cast(:value as jsonb), :now) on conflict (name) do update"
        " set value = excluded.value, updated_at = excluded.updated_at",
        name=name,
        value=json.dumps({"value": _stored(getattr(after, name))}),
        now=now,
    )
    engine = unit.connection.engine
    unit.after_commit(lambda: _forget(engine))
    return Changed(setting, written(setting, before), written(setting, after))


def setting_named(name: str) -> Setting:
    """The setting of that name; NotFound."""
    if name not in _BY_NAME:
        raise NotFound(f"There is no setting {name}.")
    return _BY_NAME[name]


def written(setting: Setting, values: Rules) -> str:
    """The value as people write it: ``on``, ``12``, ``0.01``, ``1.5``."""
    value = getattr(values, setting.name)
    if setting.kind == "switch":
        return "on" if value else "off"
    return format_micro(value) if setting.kind == "amount" else str(value)


def read_value(setting: Setting, text: str) -> Value:
    """What a person wrote, as a value within the setting's bounds; InvalidInput."""
    text = " ".join(text.split())
    if setting.kind == "switch":
        if text not in {"on", "off"}:
            raise InvalidInput(f"{setting.title}: write on or off.")
        return text == "on"
    if setting.kind == "text":
        if len(text) > setting.most or not text.isprintable():
            raise InvalidInput(f"{setting.title}: write at most {setting.most} characters.")
        return text
    if setting.kind == "choice":
        if text not in setting.options:
            raise InvalidInput(f"{setting.title}: write one of {', '.join(setting.options)}.")
        return text
    return _number(setting, text)


def _number(setting: Setting, text: str) -> int | Decimal:
    if setting.kind == "amount":
        value: int | Decimal = to_micro(text)
    elif setting.kind == "factor":
        value = decimal_of(text)
        if value != round(value, 4):
            raise InvalidInput(f"{setting.title}: write at most 4 decimals.")
    elif text.isascii() and text.isdigit() and len(text) <= 9:
        value = int(text)
    else:
        raise InvalidInput(f"{setting.title}: write a whole number.")
    if not setting.least <= value <= setting.most:
        least, most = (_bound(setting, bound) for bound in (setting.least, setting.most))
        raise InvalidInput(f"{setting.title}: it lies between {least} and {most}.")
    return value


def _bound(setting: Setting, bound: int | Decimal) -> str:
    return format_micro(int(bound)) if setting.kind == "amount" else str(bound)


def _agree(values: Rules) -> None:
    if values.deposit_least > values.deposit_most:
        raise InvalidInput(
            "The least deposit would be above the most, and nobody could deposit."
            " Nothing was changed; change the other one first."
        )


def _rules(stored: Mapping[str, Any]) -> Rules:
    """Stored documents over the defaults; what is no longer acceptable gives way to its default."""
    values: dict[str, Any] = {}
    for field in fields(Rules):
        if field.name not in stored:
            continue
        try:
            values[field.name] = _read_stored(_BY_NAME[field.name], stored[field.name]["value"])
        except (InvalidInput, KeyError, TypeError):
            log.warning("the stored setting %s is not acceptable; its default holds", field.name)
    return Rules(**values)


def _read_stored(setting: Setting, value: Any) -> Value:
    if setting.kind == "switch":
        return read_value(setting, "on" if value is True else "off" if value is False else "?")
    text = format_micro(value) if setting.kind == "amount" else str(value)
    return read_value(setting, text)


def _stored(value: Value) -> bool | int | str:
    return str(value) if isinstance(value, Decimal) else value


def _forget(engine: Engine) -> None:
    with _lock:
        _known.pop(engine, None)
