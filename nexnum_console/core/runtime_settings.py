"""Values an admin may change while the product runs: typed, bounded, and read where they bind.

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
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import InvalidInput, NotFound
from nexnum_console.core.known_settings import DEFAULTS, SETTINGS, Rules, Setting, Value
from nexnum_console.core.money import decimal_of, format_micro, to_micro

log = logging.getLogger(__name__)

FRESH_SECONDS: Final = 2.0
# Changes wait for each other, so that two of them cannot contradict one another.
_CHANGING: Final = 0x72756C6573

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
    engine = unit.engine
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
    engine = unit.engine
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
