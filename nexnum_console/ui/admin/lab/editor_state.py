"""The config part of the lab's state: text, form, problems, fixtures, the draft and its fate."""

from __future__ import annotations

from typing import Annotated, Any

import reflex as rx
from pydantic import Field

from nexnum_console.bootstrap import services
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.events import ADMIN_CHANNEL
from nexnum_console.operations import provider_lab
from nexnum_console.providers import editing, fixtures, versions
from nexnum_console.providers.positions import SyntaxProblem, parse
from nexnum_console.reports import lab_form, lab_page
from nexnum_console.reports.lab_form_items import Group
from nexnum_console.reports.lab_page import FixtureRow, LabHead, OperationTab
from nexnum_console.ui.shell.arguments import RowId
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import PageState, explained
from nexnum_console.ui.shell.work import read

ConfigText = Annotated[str, Field(max_length=versions.MOST_TEXT)]
Pointer = Annotated[str, Field(max_length=400, pattern=r"^(/.*)?$")]
Value = Annotated[str, Field(max_length=4_000)]
KeyName = Annotated[str, Field(max_length=200)]
Reason = Annotated[str, Field(max_length=versions.REASON_MOST)]
Percent = Annotated[str, Field(pattern=r"^\d{1,2}$")]
Operation = Annotated[str, Field(pattern=r"^[a-z]{3,12}$")]

_FAULTY = "The JSON has faults; the form shows the last text without any."


class EditorState(PageState, mixin=True):
    """``text`` goes to the editor when something else than typing changed it.

    The form is made of the last text that was a JSON object; ``stale`` says that it is older
    than what stands in the editor.
    """

    email: str = ""
    may_manage: bool = False
    head: LabHead = LabHead()
    text: str = ""
    stale: bool = False
    valid: bool = True
    problems: list[dict[str, Any]] = []
    groups: list[Group] = []
    operations: list[OperationTab] = []
    operation: str = ""
    effect: str = ""
    changes: int = 0
    fixture_rows: list[FixtureRow] = []
    passing: int = 0
    failing: int = 0
    line: int = 0
    turn: int = 0
    publishing: bool = False
    _text: str = ""
    _served: str = ""
    _document: dict[str, Any] = {}

    @rx.var
    def why_not(self) -> str:
        """Why publishing is closed; empty when it is open."""
        if not self.head.draft:
            return "Nothing differs from what is published."
        if self.problems:
            first = self.problems[0]
            return f"Line {first['line']}: {first['message']}"
        if self.failing:
            row = self.fixture_rows[0]
            return f"Publishing opens when every fixture passes. {row.name}: {row.new}"
        return ""

    @rx.event(supersedes=True)
    @requires("providers.manage", text=ConfigText)
    @explained
    async def write(self, text: str) -> None:
        """The editor's text changed. What is no JSON changes nothing else."""
        if text == self._text:
            return
        self._text = text
        await self._changed()

    @rx.event
    @requires("providers.manage", pointer=Pointer, value=Value)
    @explained
    async def put(self, pointer: str, value: str) -> None:
        """A field of the form changed."""
        document = self._editable()
        editing.put(document, pointer, value)
        await self._rewritten(document)

    @rx.event
    @requires("providers.manage", pointer=Pointer, key=KeyName)
    @explained
    async def rename(self, pointer: str, key: str) -> None:
        """The key of a pair changed; emptied, the pair goes."""
        document = self._editable()
        editing.rename(document, pointer, key.strip())
        await self._rewritten(document)

    @rx.event
    @requires("providers.manage", pointer=Pointer)
    @explained
    async def add(self, pointer: str) -> None:
        """One more pair."""
        document = self._editable()
        key = "new"
        if pointer.endswith("/fields") and "/mappings/" in pointer:
            key = self._free_output(pointer, document)
        editing.add(document, pointer, key, "")
        await self._rewritten(document)

    @rx.event
    @requires("providers.manage", pointer=Pointer, step=KeyName)
    @explained
    async def transform(self, pointer: str, step: str) -> None:
        """A field goes through another transform, or through none."""
        document = self._editable()
        said = editing.look(document, pointer)
        source = said if isinstance(said, dict) else {"from": str(said or "")}
        source = {name: value for name, value in source.items() if name != "as"}
        if step:
            source["as"] = step
        plain = set(source) == {"from"}
        holder = editing.look(document, pointer.rpartition("/")[0])
        holder[editing.steps_of(pointer)[-1]] = source["from"] if plain else source
        await self._rewritten(document)

    @rx.event
    @requires("providers.view", pointer=Pointer)
    @explained
    async def jump(self, pointer: str) -> None:
        """Go to where the JSON says this."""
        try:
            document = parse(self._text)
        except SyntaxProblem:
            return
        path: list[str | int] = []
        here: Any = document.value
        for step in editing.steps_of(pointer):
            key: str | int = int(step) if isinstance(here, list) and step.isdigit() else step
            path.append(key)
            here = here[key] if isinstance(here, list | dict) and _has(here, key) else None
        self.line = document.position(tuple(path), key=True).line
        self.turn += 1

    @rx.event
    @requires("providers.view", line=Annotated[int, Field(ge=1, le=100_000)])
    @explained
    async def go(self, line: int) -> None:
        """Go to a line of the JSON."""
        self.line = line
        self.turn += 1

    @rx.event
    @requires("providers.manage")
    @explained
    async def discard(self) -> None:
        """Throw the draft away; the editor shows what is published."""
        who, now, name = actor(), utc_now(), self.head.name
        number = await read(lambda unit: versions.discard_draft(unit, who, name, now=now))
        await self._open(name)
        self._told("ok", f"Draft v{number} is gone", f"v{self.head.served} serves every call.")

    @rx.event
    @requires("providers.manage")
    @explained
    async def ask_publish(self) -> None:
        """Open or close the question for the reason."""
        self.publishing = not self.publishing

    @rx.event
    @requires("providers.manage", reason=Reason)
    @explained
    async def publish_draft(self, reason: str) -> None:
        """Let the draft serve every call."""
        who, now, name, number = actor(), utc_now(), self.head.name, self.head.draft
        cleared = await read(
            lambda unit: versions.publish(unit, who, name, number, reason, now=now)
        )
        self.publishing = False
        await self._open(name)
        note = "Calls use it within 3 seconds."
        if cleared:
            note = (
                "It calls another host, so the key was taken out: enter the one for the new host."
            )
        self._told("warn" if cleared else "ok", f"v{number} is published", note)

    @rx.event
    @requires("providers.manage", percent=Percent)
    @explained
    async def share(self, percent: str) -> None:
        """Let the draft serve a share of the calls."""
        who, now, name = actor(), utc_now(), self.head.name
        number = await read(
            lambda unit: versions.set_canary(unit, who, name, int(percent), "Set by hand", now=now)
        )
        await self._read_head(name)
        text = "It is taken back by itself when it does worse than what is published."
        self._told("ok", f"Draft v{number} serves {percent} % of the calls", text)

    @rx.event
    @requires("providers.manage", fixture=RowId)
    @explained
    async def unpin(self, fixture: int) -> None:
        """Take a fixture away."""
        who, now, name = actor(), utc_now(), self.head.name
        gone = await read(lambda unit: fixtures.unpin(unit, who, name, fixture, now=now))
        await self._judge()
        self._told("ok", f"{gone} is no fixture any more")

    @rx.event
    @requires("providers.view")
    @explained
    async def replay_all(self) -> None:
        """Read every fixture again under both configs."""
        await self._judge()
        self._say("ok", f"{self.passing} pass, {self.failing} fail")

    async def _open(self, name: str) -> bool:
        """Read the provider anew; False where there is none of that name."""
        await self._read_head(name)
        if not self.head.name:
            return False

        def look(unit: UnitOfWork) -> tuple[str, str]:
            draft = versions.draft(unit, name)
            served = versions.served(unit, name).text
            return served, draft.text if draft else served

        served, mine = await read(look)
        self._served = lab_page.shown_text(served)
        self._text = self.text = lab_page.shown_text(mine)
        await self._judge()
        return True

    async def _read_head(self, name: str) -> None:
        now = utc_now()
        self.head = await read(lambda unit: lab_page.head(unit, name, now)) or LabHead()

    async def _rewritten(self, document: dict[str, Any]) -> None:
        """The form changed the document: the editor follows."""
        self._text = self.text = versions.written(document)
        await self._changed()

    async def _changed(self) -> None:
        await self._judge()
        begins = self._text.strip() != self._served.strip()
        if self.stale or not (begins or self.head.draft):
            return
        who, now, name, text = actor(), utc_now(), self.head.name, self._text
        await read(lambda unit: versions.save_draft(unit, who, name, text, now=now))
        await self._read_head(name)

    async def _judge(self) -> None:
        """Check the text, replay the fixtures, make the form."""
        name, text = self.head.name, self._text

        def look(unit: UnitOfWork) -> tuple[Any, list[FixtureRow]]:
            checked = provider_lab.check(text, name)
            pinned = fixtures.fixtures(unit, versions.served(unit, name).provider_id)
            old = lab_page.old_config(unit, name)
            return checked, lab_page.fixture_rows(pinned, old, checked.compiled)

        checked, self.fixture_rows = await read(look)
        self.problems = [
            {
                "line": one.line,
                "column": one.column,
                "message": one.message,
                "pointer": one.pointer,
            }
            for one in checked.problems[:100]
        ]
        self.valid = not checked.problems
        self.failing = sum(row.new != "" for row in self.fixture_rows)
        self.passing = len(self.fixture_rows) - self.failing
        self.stale = checked.document is None
        if checked.document is not None:
            self._document = checked.document
        self.changes = lab_page.changed_lines(self._served, self._text)
        self._shape()

    def _shape(self) -> None:
        names = lab_form.operations(self._document)
        self.operations = lab_page.operation_tabs(names, self.fixture_rows)
        if self.operation not in names:
            self.operation = names[0] if names else ""
        self.effect = next((o.effect for o in self.operations if o.name == self.operation), "")
        self.groups = lab_form.groups(self._document, self.operation)

    def _editable(self) -> dict[str, Any]:
        """The document the form shows, as its own; refused while the editor is ahead of it."""
        if self.stale:
            raise provider_lab.TrialRefused(_FAULTY + " Nothing was changed.")
        return dict(parse(self._text).value)

    def _free_output(self, pointer: str, document: dict[str, Any]) -> str:
        known = editing.look(document, pointer)
        taken = set(known) if isinstance(known, dict) else set()
        return next((n for n in lab_form.outputs(self.operation) if n not in taken), "new")

    def _told(self, kind: str, title: str, text: str = "") -> None:
        self._say(kind, title, text)
        services().events.publish(ADMIN_CHANNEL, "provider")


def _has(here: Any, key: str | int) -> bool:
    if isinstance(here, dict):
        return key in here
    return isinstance(key, int) and 0 <= key < len(here)
