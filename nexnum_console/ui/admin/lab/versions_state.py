"""State of the versions of a provider's config: which there are, what differs, the way back."""

from __future__ import annotations

import re
from typing import Annotated

import reflex as rx
from pydantic import Field

from nexnum_console.bootstrap import services
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.events import ADMIN_CHANNEL
from nexnum_console.providers import differences, exchanges, versions
from nexnum_console.providers.config_changes import Line
from nexnum_console.reports import lab_page
from nexnum_console.reports.lab_page import LabHead, ResultRow, VersionRow
from nexnum_console.ui.admin.lab.editor_state import Reason
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import PageState, explained
from nexnum_console.ui.shell.push import HUB
from nexnum_console.ui.shell.work import read

Number = Annotated[int, Field(ge=0, le=1_000_000)]
EXCHANGES = 50
_NAME = re.compile(r"^[a-z0-9][a-z0-9_.-]{0,63}$")


def name_in(path: str) -> str:
    """The provider's name in a path of the lab; empty for one that cannot be."""
    parts = path.strip("/").split("/")
    name = parts[2] if len(parts) > 2 else ""
    return name if _NAME.match(name) else ""


class VersionsState(PageState, rx.State):
    """Versions of one provider; ``old`` and ``new`` are the numbers being compared."""

    email: str = ""
    may_manage: bool = False
    head: LabHead = LabHead()
    rows: list[VersionRow] = []
    old: int = 0
    new: int = 0
    lines: list[Line] = []
    results: list[ResultRow] = []
    differing: int = 0
    unread: str = ""
    back_to: int = 0

    @rx.event
    @requires("providers.view")
    @explained
    async def load(self) -> None:
        """Page load; ``old`` and ``new`` in the address choose what is compared."""
        who = actor()
        self.email, self.may_manage = who.email, who.may("providers.manage")
        self.back_to = 0
        HUB.watch({ADMIN_CHANNEL}, VersionsState.refresh, every=2.0)
        asked = self.router.url.query_parameters
        self.old, self.new = _number(asked.get("old", "")), _number(asked.get("new", ""))
        await self._show()

    @rx.event
    @requires("providers.view")
    @explained
    async def refresh(self) -> None:
        """Somebody published, or a share was taken back."""
        await self._show()

    @rx.event
    @requires("providers.view", old=Number, new=Number)
    @explained
    async def compare(self, old: int, new: int) -> None:
        """Put two versions side by side."""
        self.old, self.new = old, new
        await self._show()

    @rx.event
    @requires("providers.manage", number=Number)
    @explained
    async def ask_back(self, number: int) -> None:
        """Open the question before an archived version serves again; 0 closes it."""
        self.back_to = number

    @rx.event
    @requires("providers.manage", reason=Reason)
    @explained
    async def roll_back(self, reason: str) -> None:
        """Let the archived version serve again."""
        who, now, name, number = actor(), utc_now(), self.head.name, self.back_to
        cleared = await read(
            lambda unit: versions.roll_back(unit, who, name, number, reason, now=now)
        )
        self.back_to = 0
        services().events.publish(ADMIN_CHANNEL, "provider")
        note = "It calls another host, so the key was taken out." if cleared else _SOON
        self._say("warn" if cleared else "ok", f"v{number} serves again", note)
        await self._show()

    async def _show(self) -> None:
        name, now = name_in(str(self.router.url.path)), utc_now()

        def look(unit: UnitOfWork) -> tuple[LabHead, list[VersionRow]]:
            head = lab_page.head(unit, name, now)
            return (head, lab_page.version_rows(unit, name)) if head else (LabHead(), [])

        self.head, self.rows = await read(look)
        if self.head.name:
            await self._compare(name)
        self._stamp()

    async def _compare(self, name: str) -> None:
        known = {row.number for row in self.rows}
        new = self.new if self.new in known else self.head.draft or self.head.served
        older = [number for number in sorted(known) if number < new]
        usual = self.head.served if self.head.draft == new else (older or [new])[-1]
        old = self.old if self.old in known else usual

        def look(unit: UnitOfWork) -> tuple[list[Line], list[ResultRow], str]:
            before, after = versions.version(unit, name, old), versions.version(unit, name, new)
            lines = lab_page.text_difference(before.text, after.text)
            try:
                configs = versions.compiled(before.text, name), versions.compiled(after.text, name)
            except versions.ConfigError as error:
                return lines, [], f"One of them has faults: {error.problems[0].message}."
            provider_id = versions.served(unit, name).provider_id
            newest = exchanges.recent(unit, provider_id, limit=EXCHANGES)
            return lines, lab_page.result_rows(differences.of_exchanges(*configs, newest)), ""

        self.old, self.new = old, new
        self.lines, self.results, self.unread = await read(look)
        self.differing = sum(one.change != "" for one in self.results)


def _number(written: str) -> int:
    return int(written) if written.isdigit() and len(written) < 7 else 0


_SOON = "Calls use it within 3 seconds."
