"""What the operator says to everyone in the store: maintenance, sales paused."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.rules import store_words
from nexnum_console.ui.components.states import banner
from nexnum_console.ui.shell.gate import public
from nexnum_console.ui.shell.page_state import PageState, explained
from nexnum_console.ui.shell.work import read


class StoreNoticeState(PageState, rx.State):
    """The words above every store page."""

    words: str = ""
    paused: str = ""

    @rx.event
    @public()
    @explained
    async def load(self) -> None:
        """A store page opened."""
        told = await read(store_words)
        self.words, self.paused = told.notice, told.paused
        self._stamp()


def store_notice() -> rx.Component:
    """Banners, or nothing."""
    return rx.el.div(
        rx.cond(
            StoreNoticeState.paused != "",
            banner("warn", "alert", rx.el.span(StoreNoticeState.paused)),
        ),
        rx.cond(
            StoreNoticeState.words != "",
            banner("warn", "info", rx.el.span(StoreNoticeState.words)),
        ),
        class_name="storewords",
        on_mount=StoreNoticeState.load,
    )
