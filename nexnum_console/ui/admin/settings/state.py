"""State of the settings page."""

from __future__ import annotations

from typing import Annotated

import reflex as rx
from pydantic import Field

from nexnum_console.bootstrap import services
from nexnum_console.core.clock import utc_now
from nexnum_console.core.errors import InvalidInput
from nexnum_console.core.events import ADMIN_CHANNEL
from nexnum_console.core.runtime_settings import setting_named
from nexnum_console.operations.rules import set_rule
from nexnum_console.reports.rules import default_of, rules_view, told
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import PageState, explained, sentence
from nexnum_console.ui.shell.push import HUB
from nexnum_console.ui.shell.work import read

RuleName = Annotated[str, Field(pattern=r"^[a-z_]{1,64}$")]
RuleText = Annotated[str, Field(max_length=300)]


class RulesState(PageState, rx.State):
    """Values as they are stored; what is typed stays in the browser until it is saved."""

    email: str = ""
    currency: str = ""
    values: dict[str, str] = {}
    changed_ms: dict[str, int] = {}
    defaults: dict[str, str] = {}
    faulty: str = ""
    fault: str = ""
    _undo: list[str] = []

    @rx.event
    @requires("settings.manage")
    @explained
    async def load(self) -> None:
        """Page load."""
        self.email = actor().email
        self.currency = services().settings.wallet_currency
        self.faulty = self.fault = ""
        HUB.watch({ADMIN_CHANNEL}, RulesState.refresh)
        await self._show()

    @rx.event
    @requires("settings.manage")
    @explained
    async def refresh(self) -> None:
        """A push: somebody may have changed a setting."""
        await self._show()

    @rx.event
    @requires("settings.manage", name=RuleName, text=RuleText)
    @explained
    async def change(self, name: str, text: str) -> None:
        """Save one setting; what cannot hold is said beside its field."""
        self.faulty = self.fault = ""
        try:
            await self._set(name, text, undoable=True)
        except InvalidInput as error:
            self.faulty, self.fault = name, sentence(error.message)

    @rx.event
    @requires("settings.manage")
    @explained
    async def undo(self) -> None:
        """Back to what the last change here replaced."""
        if self._undo:
            name, text = self._undo
            await self._set(name, text, undoable=False)

    async def _set(self, name: str, text: str, *, undoable: bool) -> None:
        who, now, events = actor(), utc_now(), services().events
        changed = await read(lambda unit: set_rule(unit, events, who, name, text, now))
        differs = changed.before != changed.after
        self._undo = [name, changed.before] if undoable and differs else []
        self._say(
            "ok",
            changed.setting.title,
            told(changed, self.currency),
            action="Undo" if self._undo else "",
        )
        await self._show()

    async def _show(self) -> None:
        seen = await read(rules_view)
        self.values, self.changed_ms = seen.values, seen.changed_ms
        self.defaults = {
            name: default_of(setting_named(name), self.currency) for name in seen.values
        }
        self._stamp()
