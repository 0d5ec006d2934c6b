"""The lab's state: what a page load shows, and what is pressed in the answer."""

from __future__ import annotations

from typing import Annotated

import reflex as rx
from pydantic import Field

from nexnum_console.bootstrap import services
from nexnum_console.core.clock import utc_now
from nexnum_console.core.events import ADMIN_CHANNEL
from nexnum_console.operations import provider_lab
from nexnum_console.providers import editing
from nexnum_console.providers.trace_model import Trace
from nexnum_console.reports import lab_form, lab_trace
from nexnum_console.reports.lab_groups import with_group
from nexnum_console.reports.lab_purchase import Fate
from nexnum_console.ui.admin.lab.editor_state import KeyName, Operation
from nexnum_console.ui.admin.lab.run_view import Picked
from nexnum_console.ui.admin.lab.trial_state import TrialState
from nexnum_console.ui.admin.lab.versions_state import name_in
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import explained
from nexnum_console.ui.shell.push import HUB
from nexnum_console.ui.shell.work import in_thread, read

Number = Annotated[int, Field(ge=0, le=10_000_000)]


class LabState(TrialState, rx.State):
    """One provider's lab."""

    outputs: list[str] = []

    @rx.event
    @requires("providers.view")
    @explained
    async def load(self) -> None:
        """Page load: the config and its fixtures. ``show`` follows with the form and a trace, so
        that neither message is long."""
        who = actor()
        self.email, self.may_manage = who.email, who.may("providers.manage")
        self.sandbox_there = bool(services().settings.sandbox_urls)
        self.operation = self.router.url.query_parameters.get("op", "")[:12]
        self.publishing, self.where, self.line = False, "replay", 0
        self.fate, self._bought = Fate(), ""
        HUB.watch({ADMIN_CHANNEL}, LabState.refresh, every=2.0)
        await self._open(self._name())
        self.groups = []

    @rx.event
    @requires("providers.view")
    @explained
    async def show(self) -> None:
        """After ``load``: ``op`` and ``fixture`` in the address choose what is shown."""
        if self.head.name:
            fixture = self.router.url.query_parameters.get("fixture", "")[:80]
            await self._choose(self.operation, fixture)
        self._stamp()

    @rx.event
    @requires("providers.view")
    @explained
    async def refresh(self) -> None:
        """Somebody published, or a share was taken back; what is being written stays."""
        await self._read_head(self._name())
        await self._follow()
        self._stamp()

    @rx.event
    @requires("providers.view", operation=Operation)
    @explained
    async def choose_operation(self, operation: str) -> None:
        """Show another operation."""
        await self._choose(operation, "")

    @rx.event
    @requires("providers.view", fixture=Annotated[str, Field(max_length=80)])
    @explained
    async def choose_fixture(self, fixture: str) -> None:
        """Replay another fixture."""
        row = next((one for one in self.fixture_rows if one.name == fixture), None)
        await self._choose(row.operation if row else self.operation, fixture)

    @rx.event
    @requires("providers.view", row=Number)
    @explained
    async def show_row(self, row: int) -> None:
        """Tell another row of a list."""
        self._row = min(row, max(self.run.rows - 1, 0))
        await self._retrace()

    @rx.event
    @requires("providers.manage", start=Number)
    @explained
    async def pick(self, start: int) -> None:
        """A value of the answer was pressed: what could it be?"""
        run = await in_thread(self._replayed)
        self.picked = Picked()
        if run is None or run.trace is None or run.reply is None:
            return
        found = lab_trace.choice_at(run.trace, run.reply.document, start)
        self.outputs = list(lab_form.outputs(self.operation))
        if found is None:
            self.picked = self._proposed(run.trace, start)
            if not self.picked.regex:
                self._say(
                    "info",
                    "This text is in no group of the regex",
                    "Put (?P<name>…) around it in the pattern, then press it again.",
                )
            return
        self.picked = Picked(found.shown, found.pointer, found.source)

    @rx.event
    @requires("providers.manage")
    @explained
    async def unpick(self) -> None:
        """Close the question."""
        self.picked = Picked()

    @rx.event
    @requires("providers.manage", output=KeyName)
    @explained
    async def map_to(self, output: str) -> None:
        """Let the picked value be that output, in the reply that reads this answer."""
        picked, self.picked = self.picked, Picked()
        source = picked.source
        if not source or output not in lab_form.outputs(self.operation):
            return
        document = self._editable()
        run = await in_thread(self._replayed)
        if picked.regex:
            editing.put(document, picked.pointer, picked.regex)
        place = lab_form.fields_place(
            document, self.operation, run.trace if run is not None else None
        )
        editing.put(document, lab_form.field_place(document, place, self.operation, output), source)
        await self._rewritten(document)
        await self._retrace()
        self._say("ok", f"{output} ← {source}", "The draft reads it from there now.")

    @rx.event
    @requires("providers.manage", name=Annotated[str, Field(max_length=80)])
    @explained
    async def pin(self, name: str) -> None:
        """Keep the exchange that is shown as a fixture, with the result that is shown."""
        run, compiled = await in_thread(self._replayed), await in_thread(self._config)
        if run is None or compiled is None:
            return
        who, now, provider = actor(), utc_now(), self.head.name
        await read(lambda unit: provider_lab.pin(unit, who, provider, compiled, run, name, now))
        await self._judge()
        self.fixture = name.strip()
        self._names()
        self._told("ok", f"{name.strip()} is pinned", "Its numbers, SMS and tokens are disguised.")

    def _proposed(self, told: Trace, start: int) -> Picked:
        """A regex with a group more, for a word of a text; empty where none can be proposed."""
        word, reply = lab_trace.word_at(told, start), told.reply
        if word is None or reply is None or reply.type != "text_regex":
            return Picked()
        place = f"{reply.place}/regex"
        written = str(editing.look(self._document, place) or "")
        text = told.body.text
        for name in ("value", "value2", "value3"):
            regex = with_group(written, text, *word, name)
            if regex is not None:
                return Picked(text[slice(*word)][:80], place, name, regex)
        return Picked()

    def _name(self) -> str:
        return name_in(str(self.router.url.path))
