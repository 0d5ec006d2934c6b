"""State of the sandbox page."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Annotated, TypeVar

import reflex as rx
from pydantic import Field

from nexnum_console.bootstrap import services
from nexnum_console.core.clock import utc_now
from nexnum_console.core.errors import BusinessError, Unavailable
from nexnum_console.core.events import ADMIN_CHANNEL
from nexnum_console.operations import sandbox_desk
from nexnum_console.operations.demo_seed import Sandbox
from nexnum_console.operations.sandbox_control import SandboxControl
from nexnum_console.operations.sandbox_desk import SandboxDesk
from nexnum_console.reports.sandbox import FAULT_TITLES, PROFILE_WORDS, SandboxView
from nexnum_console.ui.shell.arguments import Slug
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import PageState, explained, sentence
from nexnum_console.ui.shell.push import HUB
from nexnum_console.ui.shell.work import in_thread

T = TypeVar("T")
Profile = Annotated[str, Field(pattern="^(real|demo|fast)$")]
Percent = Annotated[str, Field(pattern="^[0-9]{1,3}$")]
OrderId = Annotated[str, Field(pattern="^[0-9]{1,18}$")]
Code = Annotated[str, Field(max_length=12)]
Text = Annotated[str, Field(max_length=300)]


class SandboxState(PageState, rx.State):
    """What the carriers tell just now; nothing of it is kept here."""

    email: str = ""
    running: bool = False
    unanswered: str = ""
    world: SandboxView = SandboxView()
    busy: str = ""
    writing_to: str = ""

    @rx.event
    @requires("sandbox.control")
    @explained
    async def load(self) -> None:
        """Page load."""
        self.email = actor().email
        self.running = services().settings.sandbox_control_url is not None
        self.writing_to = ""
        HUB.watch({ADMIN_CHANNEL}, SandboxState.refresh)
        await self._show()

    @rx.event
    @requires("sandbox.control")
    @explained
    async def refresh(self) -> None:
        """A push: orders or faults may have changed."""
        await self._show()

    @rx.event
    @requires("sandbox.control", carrier=Slug, fault=Slug, percent=Percent)
    @explained
    async def set_fault(self, carrier: str, fault: str, percent: str) -> None:
        """Let a fault strike a carrier."""
        who, now, share = actor(), utc_now(), int(percent)
        await _play(lambda desk: sandbox_desk.set_fault(desk, who, carrier, fault, share, now))
        title = FAULT_TITLES.get(fault, fault)
        self._say("warn", f"{carrier} misbehaves", f"{title}: in {share}% of what it strikes.")
        await self._show()

    @rx.event
    @requires("sandbox.control", carrier=Slug, fault=Slug)
    @explained
    async def clear_fault(self, carrier: str, fault: str) -> None:
        """End one fault."""
        who, now = actor(), utc_now()
        await _play(lambda desk: sandbox_desk.clear_fault(desk, who, carrier, fault, now))
        self._say("ok", f"{carrier}: fault ended", f"{FAULT_TITLES.get(fault, fault)} is over.")
        await self._show()

    @rx.event
    @requires("sandbox.control")
    @explained
    async def clear_every_fault(self) -> None:
        """End every fault of every carrier."""
        who, now = actor(), utc_now()
        ended = await _play(lambda desk: sandbox_desk.clear_faults(desk, who, now))
        self._say("ok", "The carriers behave", f"{ended} faults ended.")
        await self._show()

    @rx.event
    @requires("sandbox.control", order=OrderId)
    @explained
    async def write_to(self, order: str) -> None:
        """Open the form of an SMS to one order."""
        self.writing_to = order

    @rx.event
    @requires("sandbox.control")
    @explained
    async def stop_writing(self) -> None:
        """Close it; nothing was sent."""
        self.writing_to = ""

    @rx.event
    @requires("sandbox.control", order=OrderId, code=Code, text=Text)
    @explained
    async def send_sms(self, order: str, code: str, text: str) -> None:
        """Let an SMS arrive there now."""
        who, now = actor(), utc_now()
        await _play(lambda desk: sandbox_desk.send_sms(desk, who, order, code, text, now))
        self.writing_to = ""
        self._say("ok", "SMS delivered to the carrier", "The buyer sees it at the next poll.")
        await self._show()

    @rx.event
    @requires("sandbox.control", profile=Profile)
    @explained
    async def use_profile(self, profile: str) -> None:
        """Another pace for new orders."""
        who, now = actor(), utc_now()
        await _play(lambda desk: sandbox_desk.use_profile(desk, who, profile, now))
        self._say("ok", "Another pace", f"{PROFILE_WORDS[profile]}. Running orders keep theirs.")
        await self._show()

    async def _show(self) -> None:
        if self.running:
            try:
                self.world = await _play(sandbox_desk.look)
                self.unanswered = ""
            except Unavailable as error:
                self.unanswered = sentence(error.message)
        self._stamp()


async def _play(act: Callable[[SandboxDesk], T]) -> T:
    return await in_thread(_with_desk, act)


def _with_desk(act: Callable[[SandboxDesk], T]) -> T:
    parts = services()
    chosen = parts.settings
    if chosen.sandbox_control_url is None:
        raise NoSandbox("There is no sandbox in this installation; nothing was done.")
    control = SandboxControl(chosen.sandbox_control_url, chosen.sandbox_control_key or "")
    with closing(control):
        sandbox = Sandbox(control, chosen.sandbox_urls, chosen.sandbox_carrier_key or "")
        desk = SandboxDesk(
            parts.database, parts.secret_box, parts.events, sandbox, chosen.wallet_currency
        )
        return act(desk)


class NoSandbox(BusinessError):
    """The product runs without simulated carriers."""

    code = "no_sandbox"
    status = 409
