"""The lab's state: the config part, and the test panel with its trace."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import reflex as rx
from pydantic import Field

from nexnum_console.bootstrap import services
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.events import ADMIN_CHANNEL
from nexnum_console.operations import provider_lab
from nexnum_console.operations.provider_lab import Run, Target
from nexnum_console.providers import editing, exchanges, fixtures, versions
from nexnum_console.providers.compare import outcome_of
from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.reports import lab_form, lab_trace
from nexnum_console.reports.lab_trace import Piece, TraceLine, Verdict
from nexnum_console.ui.admin.lab.editor_state import EditorState, KeyName, Operation, Value
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import explained
from nexnum_console.ui.shell.push import HUB
from nexnum_console.ui.shell.work import in_slow_thread, in_thread, read

Where = Literal["replay", "sandbox", "live"]
Number = Annotated[int, Field(ge=0, le=10_000_000)]
_NAME = re.compile(r"^[a-z0-9][a-z0-9_.-]{0,63}$")
_SAMPLES = {"country": "england", "service": "telegram", "operator": "any"}


@dataclass(frozen=True, slots=True)
class Input:
    """A variable of the operation under test."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of the time of a call; ``share`` in per cent."""

    name: str
    millis: str
    share: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A run as the panel shows it; ``method`` is empty before the first."""

    where: str = ""
    method: str = ""
    url: str = ""
    head: str = ""
    curl: str = ""
    status: int = 0
    label: str = ""
    size: str = ""
    millis: str = ""
    failure: str = ""
    traced: str = ""
    rows: int = 0
    row: int = 0


@dataclass(frozen=True, slots=True)
class Picked:
    """A value chosen in the answer, to become an output."""

    shown: str = ""
    pointer: str = ""
    source: str = ""


class LabState(EditorState, rx.State):
    """One provider's lab."""

    where: str = "replay"
    fixture: str = ""
    fixture_names: list[str] = []
    inputs: list[Input] = []
    most: str = ""
    confirmed: bool = False
    running: bool = False
    run: Shown = Shown()
    bars: list[Bar] = []
    pieces: list[Piece] = []
    story: list[TraceLine] = []
    verdicts: list[Verdict] = []
    against: bool = False
    picked: Picked = Picked()
    outputs: list[str] = []
    pin_name: str = ""
    sandbox_there: bool = False
    _recording: dict[str, Any] = {}
    _expected: dict[str, Any] = {}
    _row: int = 0

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
        self._stamp()

    @rx.event
    @requires("providers.view", operation=Operation)
    @explained
    async def choose_operation(self, operation: str) -> None:
        """Show another operation."""
        await self._choose(operation, "")

    @rx.event
    @requires("providers.view", where=Where)
    @explained
    async def set_where(self, where: str) -> None:
        """Replay, sandbox or live."""
        self.where, self.confirmed = where, False

    @rx.event
    @requires("providers.view", fixture=Annotated[str, Field(max_length=80)])
    @explained
    async def choose_fixture(self, fixture: str) -> None:
        """Replay another fixture."""
        row = next((one for one in self.fixture_rows if one.name == fixture), None)
        await self._choose(row.operation if row else self.operation, fixture)

    @rx.event
    @requires("providers.manage", name=KeyName, value=Value)
    @explained
    async def set_input(self, name: str, value: str) -> None:
        """A variable of the call."""
        self.inputs = [Input(o.name, value if o.name == name else o.value) for o in self.inputs]

    @rx.event
    @requires("providers.manage", value=Annotated[str, Field(max_length=24)])
    @explained
    async def set_most(self, value: str) -> None:
        """The most that a live purchase may cost, in the provider's currency."""
        self.most = value

    @rx.event
    @requires("providers.manage")
    @explained
    async def confirm(self) -> None:
        """Say, or take back, that a live purchase may cost money."""
        self.confirmed = not self.confirmed

    @rx.event(background=True)
    @requires("providers.manage")
    @explained
    async def try_it(self) -> None:
        """Run the operation where the panel says."""
        async with self:
            if self.running:
                return
            self.running = True
            where, operation, text, name = self.where, self.operation, self._text, self.head.name
            given = {one.name: one.value.strip() for one in self.inputs if one.value.strip()}
            most, confirmed = self.most, self.confirmed
        try:
            if where == "replay":
                async with self:
                    await self._retrace()
                return
            compiled = await in_thread(_compiled, text, name)
            if where == "live" and self.effect == "spend":
                given = provider_lab.spend_variables(given, most, confirmed)
            target = await in_thread(_target, where, name, compiled)
            policy = services().egress
            run = await in_slow_thread(
                provider_lab.call, compiled, operation, given, target, policy
            )
            async with self:
                self.confirmed = False
                await self._ran(run)
        finally:
            async with self:
                self.running = False

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
        if found is None:
            self._say(
                "info",
                "This text is in no group of the regex",
                "Put (?P<name>…) around it in the pattern, then press it again.",
            )
            return
        self.picked = Picked(found.shown, found.pointer, found.source)
        self.outputs = list(lab_form.outputs(self.operation))

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
        source, self.picked = self.picked.source, Picked()
        if not source or output not in lab_form.outputs(self.operation):
            return
        document = self._editable()
        run = await in_thread(self._replayed)
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
        run = await in_thread(self._replayed)
        if run is None:
            return
        who, now, provider = actor(), utc_now(), self.head.name
        await read(lambda unit: provider_lab.pin(unit, who, provider, run, name, now))
        await self._judge()
        self.fixture = name.strip()
        self._names()
        self._told("ok", f"{name.strip()} is pinned", "No version is published that breaks it.")

    async def _choose(self, operation: str, fixture: str) -> None:
        self.operation = operation
        self._shape()
        self._names()
        self.fixture = fixture if fixture in self.fixture_names else ""
        self.fixture = self.fixture or next(iter(self.fixture_names), "")
        self._row, self.picked = 0, Picked()
        await self._take_fixture()
        await self._retrace()
        self._variables()

    def _names(self) -> None:
        mine = [row for row in self.fixture_rows if row.operation == self.operation]
        self.fixture_names = [row.name for row in mine]

    def _variables(self) -> None:
        known = lab_form.variables(self._document, self.operation)
        run = self._replayed() if self._recording else None
        told = run.variables if run else {}
        self.inputs = [Input(name, told.get(name, _SAMPLES.get(name, ""))) for name in known]

    async def _take_fixture(self) -> None:
        """The fixture's recording, or the newest live exchange of the operation, or nothing."""
        provider, chosen, operation = self.head.name, self.fixture, self.operation

        def look(unit: UnitOfWork) -> dict[str, Any]:
            provider_id = versions.served(unit, provider).provider_id
            pinned = fixtures.fixtures(unit, provider_id)
            found = next((one.recording for one in pinned if one.name == chosen), None)
            if found is not None:
                return found
            newest = exchanges.recent(unit, provider_id, limit=1, operation=operation)
            return newest[0].recording(f"{provider}-live-{newest[0].id}", {}) if newest else {}

        self._recording = await read(look)
        self._expected = dict(self._recording.get("expected") or {})
        self.pin_name = str(self._recording.get("id") or "")

    async def _ran(self, run: Run) -> None:
        """A call came back: from here on it is a recording like any other."""
        self._row, self.fixture = 0, ""
        self._recording = {} if run.reply is None else provider_lab.recording_of(run, "live")
        self._expected = {}
        self.pin_name = f"{self.head.name}-{run.operation}-{utc_now():%m%d-%H%M%S}"
        await self._retrace()
        self.run = _shown(run, self.run)
        self.bars = _bars(run)

    def _replayed(self) -> Run | None:
        if not self._recording:
            return None
        compiled = provider_lab.check(self._text, self.head.name).compiled
        if compiled is None:
            return None
        return provider_lab.replay(compiled, self._recording, (self._row,))

    async def _retrace(self) -> None:
        """Read the shown answer with the text as it is now."""
        run = await in_thread(self._replayed)
        if run is None or run.trace is None or run.reply is None:
            if not self._recording:
                self.run, self.pieces, self.story, self.verdicts = Shown(), [], [], []
            return
        told, document = run.trace, run.reply.document
        label = str(run.reply.headers.get("content-type", ""))
        self.pieces = lab_trace.pieces(told, document, self._row)
        self.story = lab_trace.lines(told, self._row, label)
        self.against = bool(self._expected)
        self.verdicts = lab_trace.verdicts(
            self._expected or None, outcome_of(told.result, told.error)
        )
        if not (self.run.where in {"live", "sandbox"} and not self.fixture):
            self.run, self.bars = _shown(run, Shown()), []
        self.run = _rows(self.run, told, self._row)

    async def _changed(self) -> None:
        await EditorState._changed(self)
        self._names()
        await self._retrace()

    def _name(self) -> str:
        """The provider's name in the address; empty for one that cannot be."""
        parts = str(self.router.url.path).strip("/").split("/")
        name = parts[2] if len(parts) > 2 else ""
        return name if _NAME.match(name) else ""


def _compiled(text: str, name: str) -> CompiledProvider:
    checked = provider_lab.check(text, name)
    if checked.compiled is None:
        first = checked.problems[0]
        raise provider_lab.TrialRefused(
            f"Line {first.line}: {first.message}. Nothing was sent; mend the config first."
        )
    return checked.compiled


def _target(where: str, name: str, compiled: CompiledProvider) -> Target:
    parts = services()
    if where == "sandbox":
        chosen = parts.settings
        return provider_lab.sandbox_target(
            compiled, chosen.sandbox_urls, chosen.sandbox_carrier_key
        )
    with parts.database.transaction() as unit:
        return provider_lab.live_target(unit, parts.secret_box, name, compiled)


def _shown(run: Run, before: Shown) -> Shown:
    reply = run.reply
    size = len(run.trace.body.data) if run.trace else 0
    return Shown(
        where=run.where,
        method=run.method,
        url=run.url,
        head="\n".join(
            [*(f"{name}: {value}" for name, value in run.headers.items()), *([run.content] * 1)]
        ).strip(),
        curl=run.curl,
        status=reply.status if reply else 0,
        label=str(reply.headers.get("content-type", "")).partition(";")[0] if reply else "",
        size=f"{size:,} B",
        millis=f"{run.millis:,.0f} ms" if run.millis else "",
        failure=run.failure,
        traced=f"{run.trace.seconds * 1000:.2f} ms" if run.trace else "",
        rows=before.rows,
        row=before.row,
    )


def _rows(shown: Shown, told: Any, row: int) -> Shown:
    total = told.reply.total if told.reply else 0
    values = {name: getattr(shown, name) for name in Shown.__slots__}
    return Shown(**{**values, "rows": total, "row": row})


def _bars(run: Run) -> list[Bar]:
    total = sum(part.millis for part in run.parts) or 1.0
    return [
        Bar(part.name, f"{part.millis:.1f} ms", max(1, round(100 * part.millis / total)))
        for part in run.parts
    ]
