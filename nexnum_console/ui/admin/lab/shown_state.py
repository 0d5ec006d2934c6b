"""The part of the lab's state that says what is shown: a fixture or a call, and its trace."""

from __future__ import annotations

from typing import Any

from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.operations import provider_lab
from nexnum_console.operations.provider_lab import Run
from nexnum_console.providers import exchanges, fixtures, versions
from nexnum_console.providers.compare import outcome_of
from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.reports import lab_form, lab_trace
from nexnum_console.reports.lab_trace import Piece, TraceLine, Verdict
from nexnum_console.ui.admin.lab.editor_state import EditorState
from nexnum_console.ui.admin.lab.run_view import Bar, Input, Picked, Shown, bars, shown, with_rows
from nexnum_console.ui.shell.work import in_thread, read

_SAMPLES = {"country": "england", "service": "telegram", "operator": "any"}
_CALLED = frozenset({"live", "sandbox"})


class ShownState(EditorState, mixin=True):
    """``run`` is the exchange in the panel; what was recorded of it is read anew at each change."""

    fixture: str = ""
    fixture_names: list[str] = []
    inputs: list[Input] = []
    run: Shown = Shown()
    bars: list[Bar] = []
    pieces: list[Piece] = []
    story: list[TraceLine] = []
    verdicts: list[Verdict] = []
    against: bool = False
    picked: Picked = Picked()
    pin_name: str = ""
    _recording: dict[str, Any] = {}
    _expected: dict[str, Any] = {}
    _row: int = 0

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
        self.run, self.bars = shown(run, self.run), bars(run)

    def _previewed(self, run: Run) -> None:
        """A request that was not sent."""
        self._recording, self._expected, self.fixture = {}, {}, ""
        self.pieces, self.story, self.verdicts, self.bars = [], [], [], []
        self.run = shown(run, Shown())

    def _config(self) -> CompiledProvider | None:
        return provider_lab.check(self._text, self.head.name).compiled

    def _replayed(self) -> Run | None:
        compiled = self._config() if self._recording else None
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
        if not (self.run.where in _CALLED and not self.fixture):
            self.run, self.bars = shown(run, Shown()), []
        self.run = with_rows(self.run, told, self._row)

    async def _changed(self) -> None:
        await EditorState._changed(self)
        self._names()
        await self._retrace()
