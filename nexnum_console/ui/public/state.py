"""State of the doors: the words for the code a form route sent back."""

from __future__ import annotations

import time

import reflex as rx

from nexnum_console.reports.shelf import coverage
from nexnum_console.ui.shell.gate import public
from nexnum_console.ui.shell.page_state import NOTHING, PageState, explained
from nexnum_console.ui.shell.push import HUB
from nexnum_console.ui.shell.work import read

WORDS = {
    "bad_credentials": "The address or the password is wrong.",
    "email_taken": "This address cannot be registered. If it is yours, log in instead.",
    "registration_closed": "Registration is closed here, and no account was made.",
    "bad_email": "This is not an e-mail address; write it like name@example.org.",
    "weak_password": "Choose a longer password: at least 8 characters, not one of the common ones.",
    "link_invalid": "This link was used already or has expired. Start up again for a new one.",
    "admin_exists": "This installation has an admin already. Log in instead.",
    "too_many_requests": "Too many tries. Wait a few minutes, then try again.",
    "foreign_origin": "The form came from another site, so nothing was done. Try again here.",
    "unavailable": "A part of the service does not answer now. Nothing was lost, try again.",
}
COUNTED_FOR = 30.0
_last: list = [0.0, (0, 0, 0)]
UNKNOWN = "That did not work and nothing was done. Try again."


class DoorState(PageState, rx.State):
    """Log in, register and first admin share it; it holds no form data."""

    @rx.event
    @public()
    async def load(self) -> None:
        """Show the words for ``?error=``; the code itself is never shown."""
        HUB.forget()
        code = self.router.url.query_parameters.get("error", "")
        self._stamp()
        if code:
            self._say("danger", "That did not work", WORDS.get(code, UNKNOWN))
        else:
            self.notice = NOTHING


class FrontState(PageState, rx.State):
    """Live counts of the front page."""

    countries: str = ""
    services: str = ""
    pieces: str = ""

    @rx.event
    @public()
    @explained
    async def load(self) -> None:
        """Count what is for sale; the page reads well without it."""
        HUB.forget()
        counted = await _counted()
        self.countries, self.services, self.pieces = (f"{number:,}" for number in counted)
        self._stamp()


async def _counted() -> tuple[int, int, int]:
    """The counts, at most ``COUNTED_FOR`` seconds old: strangers cost the database nothing."""
    until, counted = _last
    if time.monotonic() > until:
        counted = await read(coverage)
        _last[:] = (time.monotonic() + COUNTED_FOR, counted)
    return counted
