"""State of the list of open questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import reflex as rx

from nexnum_console.activations.resolving import VERDICTS
from nexnum_console.bootstrap import services
from nexnum_console.core.actor import Actor
from nexnum_console.core.clock import utc_now
from nexnum_console.core.events import QUESTIONS_CHANNEL
from nexnum_console.operations import question_desk
from nexnum_console.reports.listing import Listing
from nexnum_console.reports.questions_list import QUESTIONS, Tallied, tallies
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import explained
from nexnum_console.ui.shell.typed_deed import Reason, TypedDeed, Word
from nexnum_console.ui.shell.work import read

WORD: Final = "settle"
_LABELS: Final = {
    "unsold": "Nothing was sold: the hold goes back to the buyer",
    "refunded": "The provider gave our money back",
    "lost": "Give it up: its cost is booked",
    "ours": "It is ours: cancel it with patience",
    "foreign": "It is not ours: leave it alone",
}


@dataclass(frozen=True, slots=True)
class VerdictChoice:
    """One answer that every selected question can have."""

    value: str
    label: str


class QuestionsState(TypedDeed, rx.State):
    """Every open question; ``kinds`` counts them, ``verdicts`` answers all that are selected."""

    LISTING: ClassVar[Listing] = QUESTIONS
    CAPABILITY: ClassVar[str] = QUESTIONS.capability

    WORD: ClassVar[str] = "settle"

    may_settle: bool = False
    kinds: list[Tallied] = []
    verdicts: list[VerdictChoice] = []

    @rx.event
    @requires("questions.settle")
    @explained
    async def look_now(self) -> None:
        """Have a worker look at the selected ones at once."""
        who, names, now, parts = actor(), list(self.selected), utc_now(), services()
        number = await read(
            lambda unit: question_desk.look_now(unit, parts.desk, parts.jobs, who, names, now)
        )
        self.selected = []
        self._say("ok", f"{number} looked at now", "What comes of it appears here by itself.")
        await self._show(who)

    @rx.event
    @requires("questions.settle")
    @explained
    async def ask_verdict(self) -> None:
        """Open the question how the selected ones are to be settled."""
        kinds = {name.partition(":")[0] for name in self.selected}
        self.verdicts = [
            VerdictChoice(verdict, _LABELS[verdict])
            for verdict, of in VERDICTS.items()
            if kinds and kinds <= set(of)
        ]
        if not self.verdicts:
            self._say(
                "warn",
                "These have no answer in common",
                "Select questions of one kind. A cancellation is settled by the provider alone.",
            )
            return
        self._ask()

    @rx.event
    @requires("questions.settle", verdict=Word, reason=Reason, word=Word)
    @explained
    async def answer_selected(self, verdict: str, reason: str, word: str) -> None:
        """Settle the selected ones by hand."""
        who, names, now, desk = actor(), list(self.selected), utc_now(), services().desk
        number = await self._do_typed(
            word, lambda unit: question_desk.settle(unit, desk, who, names, verdict, reason, now)
        )
        if number is not None:
            self._say("ok", f"{number} settled", "The audit log keeps who did it, and why.")
            await self._show(who)

    def _channels(self, who: Actor) -> set[str]:
        return TypedDeed._channels(self, who) | {QUESTIONS_CHANNEL}

    async def _show(self, who: Actor) -> None:
        self.may_settle = who.may("questions.settle")
        self.kinds = await read(tallies)
        await TypedDeed._show(self, who)
