"""The key of a provider's account: written, never read; its ending tells keys apart."""

from __future__ import annotations

from typing import Annotated

import reflex as rx
from pydantic import Field

from nexnum_console.bootstrap import services
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.events import ADMIN_CHANNEL
from nexnum_console.operations import provider_lab
from nexnum_console.providers import versions
from nexnum_console.reports import lab_page
from nexnum_console.reports.lab_page import LabHead
from nexnum_console.ui.admin.lab.frame import PROVIDERS, lab_frame
from nexnum_console.ui.admin.lab.versions_state import name_in
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.card import card
from nexnum_console.ui.components.field import text_field
from nexnum_console.ui.components.states import banner
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import PageState, explained
from nexnum_console.ui.shell.work import read

PATH = f"{PROVIDERS}/[provider_name]/lab/keys"
Secret = Annotated[str, Field(min_length=1, max_length=512)]


class KeysState(PageState, rx.State):
    """Whether there is a key, for whom, and how it ends."""

    email: str = ""
    may_manage: bool = False
    head: LabHead = LabHead()
    host: str = ""
    ending: str = ""
    turn: int = 0

    @rx.event
    @requires("providers.view")
    @explained
    async def load(self) -> None:
        """Page load."""
        who = actor()
        self.email, self.may_manage = who.email, who.may("providers.manage")
        await self._show()

    @rx.event
    @requires("providers.manage", key=Secret)
    @explained
    async def replace_key(self, key: str) -> None:
        """Seal another key in the place of this one."""
        who, now, name, box = actor(), utc_now(), self.head.name, services().secret_box
        await read(lambda unit: provider_lab.replace_key(unit, box, who, name, key, now))
        self.turn += 1
        await self._show()
        services().events.publish(ADMIN_CHANNEL, "provider")
        self._say("ok", "The key is replaced", f"It is for {self.host}; calls use it in 3 seconds.")

    async def _show(self) -> None:
        name, now, box = name_in(str(self.router.url.path)), utc_now(), services().secret_box

        def look(unit: UnitOfWork) -> tuple[LabHead, str, str]:
            head = lab_page.head(unit, name, now)
            if head is None:
                return LabHead(), "", ""
            served = versions.served(unit, name)
            ending = provider_lab.key_ending(unit, box, served.account_id)
            return head, served.secret_host or "", ending

        self.head, self.host, self.ending = await read(look)
        if not self.may_manage:
            self.ending = ""
        self._stamp()


def page() -> rx.Component:
    """What is known of the key, and the way to another one."""
    known = rx.el.p(
        "A key is sealed for ",
        rx.el.b(KeysState.host),
        rx.cond(KeysState.ending != "", rx.fragment(", ending in ", rx.el.code(KeysState.ending))),
        ".",
    )
    none = banner("warn", "alert", rx.el.p("There is no key: calls that need one are refused."))
    form = rx.el.form(
        text_field(
            "New key",
            "key",
            help_text="It is sealed at once, goes to this host alone, and is never shown again.",
            type="password",
            required=True,
            auto_complete="off",
            max_length=512,
        ),
        button("Replace key", kind="primary", type="submit"),
        on_submit=lambda data: KeysState.replace_key(data.to(dict[str, str])["key"]),
        key="key-" + KeysState.turn.to(str),
        class_name="rule__form",
    )
    return lab_frame(
        KeysState,
        "keys",
        card(
            "Key",
            rx.el.div(
                rx.cond(KeysState.host != "", known, none),
                rx.cond(KeysState.may_manage, form),
                rx.el.p(
                    "When a published config calls another host, the key is taken out by itself.",
                    class_name="caption",
                ),
                class_name="card__body stack",
            ),
        ),
    )
