"""A list of which one line can be opened and acted on: the address names it as ``no``."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Annotated, Any, ClassVar, TypeVar

import reflex as rx
from pydantic import Field

from nexnum_console.bootstrap import services
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import BusinessError
from nexnum_console.core.events import ADMIN_CHANNEL, user_channel
from nexnum_console.reports.record import Opening
from nexnum_console.reports.till_counts import Waiting, waiting
from nexnum_console.ui.shell.gate import OF_THE_PAGE, actor, requires
from nexnum_console.ui.shell.listing_state import ListingState
from nexnum_console.ui.shell.page_state import explained, sentence
from nexnum_console.ui.shell.work import in_slow_thread, in_thread, read

T = TypeVar("T")
Deed = Annotated[str, Field(pattern=r"^[a-z]{1,16}$")]
Reason = Annotated[str, Field(max_length=400)]


class PickedState(ListingState, mixin=True):
    """``asking`` is the deed whose question is open, ``key`` makes it happen once, ``wrong`` says
    why it did not. ``record`` of the page is the opened line."""

    OPENING: ClassVar[Opening[Any]]

    waits: Waiting = Waiting()
    may_manage: bool = False
    asking: str = ""
    key: str = ""
    wrong: str = ""
    busy: bool = False

    @rx.event
    @requires(OF_THE_PAGE, deed=Deed)
    @explained
    async def ask_deed(self, deed: str) -> None:
        """Open the question of a deed, with a fresh key for its one doing."""
        self.asking, self.key, self.wrong = deed, secrets.token_hex(16), ""

    @rx.event
    @requires(OF_THE_PAGE)
    @explained
    async def close_question(self) -> None:
        """Close it; nothing was done."""
        self.asking = ""

    async def _try(self, deed: Callable[..., T], *args: Any, **more: Any) -> T | None:
        """The deed's outcome, or None with its refusal beside the form."""
        try:
            return await in_thread(deed, *args, **more)
        except BusinessError as error:
            self.wrong = sentence(error.message)
            return None

    async def _try_unit(self, deed: Callable[[UnitOfWork], T]) -> T | None:
        """The same for a deed of one transaction."""

        def run() -> T:
            with services().database.transaction() as unit:
                return deed(unit)

        return await self._try(run)

    async def _try_slow(self: Any, deed: Callable[..., T], *args: Any, **more: Any) -> T | None:
        """The same for a deed that may wait for a gateway; from background events."""
        async with self:
            if self.busy:
                return None
            self.busy, self.wrong = True, ""
        try:
            return await in_slow_thread(deed, *args, **more)
        except BusinessError as error:
            async with self:
                self.wrong = sentence(error.message)
            return None
        finally:
            async with self:
                self.busy = False

    async def _done(self, title: str, text: str, user: int = 0) -> None:
        """Close the question, say what was done, and tell the pages that show it."""
        self.asking = ""
        self._say("ok", title, text)
        await in_thread(_tell, user)
        await self._show(actor())

    async def _show(self, who: Actor) -> None:
        self.may_manage = who.may("money.manage")
        no = self._query().filters.get("no", "")
        self.waits = await read(waiting)
        opening = self.OPENING
        self.record = await read(lambda unit: opening(unit, no))
        await ListingState._show(self, who)


def _tell(user: int) -> None:
    if user:
        services().events.publish(user_channel(user), "wallet")
    services().events.publish(ADMIN_CHANNEL, "deposits")
