"""What holds, as the settings page and the store say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.known_settings import DEFAULTS, SETTINGS, Setting
from nexnum_console.core.runtime_settings import Changed, rules, stored_rules, written
from nexnum_console.reports.words import millis

_PAUSED: Final = "Buying is paused for a while. Numbers you hold go on as usual."


@dataclass(frozen=True, slots=True)
class RulesView:
    """Values as text by setting, and when each was changed last (ms; 0: never)."""

    values: dict[str, str]
    changed_ms: dict[str, int]


@dataclass(frozen=True, slots=True)
class StoreWords:
    """What stands above every store page; empty for nothing."""

    notice: str = ""
    paused: str = ""


def rules_view(unit: UnitOfWork) -> RulesView:
    """Every setting, read now."""
    held = stored_rules(unit)
    rows = unit.all("select name, updated_at from runtime_setting")
    changed = {row["name"]: millis(row["updated_at"]) for row in rows}
    return RulesView(
        {setting.name: written(setting, held) for setting in SETTINGS},
        {setting.name: changed.get(setting.name, 0) for setting in SETTINGS},
    )


def store_words(unit: UnitOfWork) -> StoreWords:
    """What buyers are told about the store as a whole."""
    held = rules(unit)
    return StoreWords(held.store_notice, _PAUSED if held.purchases_paused else "")


def shown(setting: Setting, text: str, currency: str) -> str:
    """A written value with its unit, for sentences."""
    if not text:
        return "none"
    if setting.kind == "choice":
        return text.capitalize()
    return f"{text} {currency}" if setting.kind == "amount" else text


def default_of(setting: Setting, currency: str) -> str:
    """The setting's default, for sentences."""
    return shown(setting, written(setting, DEFAULTS), currency)


def told(changed: Changed, currency: str) -> str:
    """What a change did, in one sentence."""
    before, after = (shown(changed.setting, t, currency) for t in (changed.before, changed.after))
    if before == after:
        return f"It was {after} already; nothing changed."
    return f"It was {before} and is {after} from now on; every process follows within 2 seconds."
