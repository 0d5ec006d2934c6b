"""A deed about the selected rows of a list, done when its word was typed and a reason given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, ClassVar, TypeVar

import reflex as rx
from pydantic import Field

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import BusinessError
from nexnum_console.ui.components.dialog import confirm_typed
from nexnum_console.ui.components.field import text_field
from nexnum_console.ui.shell.gate import OF_THE_PAGE, requires
from nexnum_console.ui.shell.listing_state import ListingState
from nexnum_console.ui.shell.page_state import explained, sentence
from nexnum_console.ui.shell.work import read

T = TypeVar("T")
Reason = Annotated[str, Field(max_length=400)]
Word = Annotated[str, Field(max_length=40)]


class TypedDeed(ListingState, mixin=True):
    """``asking`` while the question is open, ``wrong`` says why the deed was not done."""

    WORD: ClassVar[str]

    asking: bool = False
    wrong: str = ""

    @rx.event
    @requires(OF_THE_PAGE)
    @explained
    async def close_question(self) -> None:
        """Close the question; nothing was done."""
        self.asking = False

    def _ask(self) -> None:
        self.wrong, self.asking = "", True

    def _ids(self) -> list[int]:
        return [int(row) for row in self.selected if row.isdecimal()]

    async def _do_typed(self, word: str, deed: Callable[[UnitOfWork], T]) -> T | None:
        """The deed's outcome, with the question closed and nothing selected any more; None where
        it was refused, which then stands in the form."""
        if word.strip().lower() != self.WORD:
            self.wrong = f"Type {self.WORD} to confirm. Nothing was changed."
            return None
        try:
            done = await read(deed)
        except BusinessError as error:
            self.wrong = sentence(error.message)
            return None
        self.asking, self.selected = False, []
        return done


def typed_question(
    state: type[TypedDeed],
    title: str,
    text: str,
    submit: Callable[..., object],
    *extra: rx.Component,
    label: str,
    reason: str = "Reason",
) -> rx.Component:
    """The question before the deed; ``submit`` gets the form's data: ``reason``, ``word`` and the
    names of the fields in ``extra``."""
    return confirm_typed(
        state.asking,
        state.close_question,
        title,
        text,
        state.WORD,
        submit,
        *extra,
        text_field(reason, "reason", error=state.wrong, required=True, max_length=300),
        label=label,
    )
