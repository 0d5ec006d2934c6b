"""Faults on demand: which there are, how often they strike, on what.

| fault | what the client meets | operations by default |
|---|---|---|
| ``refuse`` | own port: TCP refused; else closed unanswered; nothing was done | all |
| ``timeout_before`` | no answer; nothing was done | buy |
| ``timeout_after`` | no answer; it was done (within ``max_answer_seconds``) | buy |
| ``error500_before`` | HTTP 500; nothing was done | buy |
| ``error500_after`` | HTTP 500; it was done | buy |
| ``html`` | a gateway's HTML page with HTTP 200; done or not, by a coin | account calls |
| ``truncated`` | half of the body, with fitting length or cut off; it was done | account calls |
| ``rate429`` | HTTP 429 with ``Retry-After``; nothing was done | account calls |
| ``slow_drip`` | the body byte by byte; it was done | account calls |
| ``say`` | a given ``status`` and ``body`` word for word; nothing was done | account calls |
| ``price_jump`` | the offer costs ×1.5 from this buy on, until cleared | buy |
| ``no_stock`` | out of stock, in the carrier's words | buy |
| ``no_balance`` | carrier account empty, in the carrier's words | buy |
| ``late_sms`` | the SMS comes at 90–120 % of the lifetime: just before or after expiry | sms |
| ``double_sms`` | two SMS a moment apart: the same again, or a new code | sms |
| ``early_cancel_denied`` | cancelling is refused as too early, however late it is | cancel |

Account calls: buy, status, cancel, finish, resend, ban, active.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

ACCOUNT_CALLS = frozenset({"buy", "status", "cancel", "finish", "resend", "ban", "active"})
CATALOGUE_CALLS = frozenset({"balance", "countries", "services", "operators", "prices"})
OPERATIONS = ACCOUNT_CALLS | CATALOGUE_CALLS
BUY = frozenset({"buy"})

# Order matters: at most one of these strikes a request, the first in this order.
WIRE_FAULTS: dict[str, frozenset[str]] = {
    "refuse": OPERATIONS,
    "rate429": ACCOUNT_CALLS,
    "timeout_before": BUY,
    "error500_before": BUY,
    "say": ACCOUNT_CALLS,
    "timeout_after": BUY,
    "error500_after": BUY,
    "html": ACCOUNT_CALLS,
    "truncated": ACCOUNT_CALLS,
    "slow_drip": ACCOUNT_CALLS,
}
TRADE_FAULTS: dict[str, frozenset[str]] = {
    "price_jump": BUY,
    "no_stock": BUY,
    "no_balance": BUY,
    "late_sms": frozenset({"sms"}),
    "double_sms": frozenset({"sms"}),
    "early_cancel_denied": frozenset({"cancel"}),
}
FAULTS = WIRE_FAULTS | TRADE_FAULTS
# Other spellings people try.
ALIASES = {
    "429": "rate429",
    "rate_limit": "rate429",
    "500_before": "error500_before",
    "500_after": "error500_after",
    "500": "error500_after",
    "timeout": "timeout_after",
    "html_page": "html",
    "truncated_json": "truncated",
    "drip": "slow_drip",
}
OPTIONS: dict[str, dict[str, tuple[type, ...]]] = {
    "say": {"status": (int,), "body": (str,)},
    "slow_drip": {"seconds_per_byte": (int, float)},
    "rate429": {"retry_after": (int,)},
    "html": {"moment": (str,)},
    "truncated": {"form": (str,)},
}


class UnknownFault(ValueError):
    """No such fault, operation or option; the message lists what there is."""


@dataclass(frozen=True, slots=True)
class FaultSetting:
    """``rate`` 0..1 of the requests of ``operations`` are struck."""

    rate: float
    operations: frozenset[str]
    options: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"rate": self.rate, "operations": sorted(self.operations), **self.options}


@dataclass(frozen=True, slots=True)
class Strike:
    """A fault that hit a request, with its options and a coin for its variants."""

    fault: str
    options: Mapping[str, Any]
    coin: float

    @property
    def heads(self) -> bool:
        return self.coin < 0.5


def canonical(fault: str) -> str:
    """The fault's name here; dashes and usual other spellings are understood."""
    name = fault.strip().lower().replace("-", "_")
    name = ALIASES.get(name, name)
    if name not in FAULTS:
        raise UnknownFault(f"no fault “{fault}”; there are: {', '.join(FAULTS)}")
    return name


class FaultBook:
    """The faults set on one carrier. Each fault draws from its own seeded sequence."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._settings: dict[str, FaultSetting] = {}
        self._rngs: dict[str, Random] = {}
        self.struck: dict[str, int] = {}

    def set(self, fault: str, body: Mapping[str, Any]) -> str:
        """Turn a fault on from ``{"rate", "operations"?, option?…}``; gives its canonical name."""
        name = canonical(fault)
        options = {key: value for key, value in body.items() if key not in ("rate", "operations")}
        _check_options(name, options)
        rate = body.get("rate", 1.0)
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 1:
            raise UnknownFault("“rate” is a number from 0 to 1")
        setting = FaultSetting(float(rate), _operations(name, body.get("operations")), options)
        self._settings[name] = setting
        self._rngs[name] = Random(f"{self._seed}:{name}")
        return name

    def clear(self, fault: str) -> str:
        name = canonical(fault)
        self._settings.pop(name, None)
        return name

    def clear_all(self) -> None:
        self._settings.clear()

    def rate(self, fault: str) -> float:
        setting = self._settings.get(fault)
        return setting.rate if setting else 0.0

    def strikes(self, fault: str, operation: str) -> Strike | None:
        """Draw once for this fault on this operation."""
        setting = self._settings.get(fault)
        if setting is None or operation not in setting.operations:
            return None
        rng = self._rngs[fault]
        hit, coin = rng.random() < setting.rate, rng.random()
        if not hit:
            return None
        self.struck[fault] = self.struck.get(fault, 0) + 1
        return Strike(fault, setting.options, coin)

    def wire_strike(self, operation: str, *, refuse_at_door: bool) -> Strike | None:
        """The one fault of the line that strikes this request, if any."""
        for fault in WIRE_FAULTS:
            if fault == "refuse" and refuse_at_door:
                continue
            strike = self.strikes(fault, operation)
            if strike is not None:
                return strike
        return None

    def as_json(self) -> dict[str, Any]:
        return {name: setting.as_json() for name, setting in self._settings.items()}

    def restore(self, saved: Mapping[str, Mapping[str, Any]]) -> None:
        for name, body in saved.items():
            self.set(name, body)


def _operations(fault: str, wanted: object) -> frozenset[str]:
    allowed = FAULTS[fault]
    if wanted is None:
        return allowed
    if fault in WIRE_FAULTS:
        allowed = OPERATIONS
    if not isinstance(wanted, list) or not wanted or not set(wanted) <= allowed:
        raise UnknownFault(f"“operations” is a list out of: {', '.join(sorted(allowed))}")
    return frozenset(wanted)


def _check_options(fault: str, options: Mapping[str, Any]) -> None:
    known = OPTIONS.get(fault, {})
    for key, value in options.items():
        if key not in known:
            raise UnknownFault(f"“{fault}” has no option “{key}”")
        if isinstance(value, bool) or not isinstance(value, known[key]):
            raise UnknownFault(f"option “{key}” has the wrong type")
    if options.get("moment") not in (None, "before", "after"):
        raise UnknownFault("“moment” is before or after")
    if options.get("form") not in (None, "short", "cut"):
        raise UnknownFault("“form” is short or cut")
