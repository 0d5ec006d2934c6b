"""State of the command palette: the records a search found, and its few actions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import reflex as rx

from nexnum_console.bootstrap import services
from nexnum_console.core.actor import Actor
from nexnum_console.core.queue import CATALOGUE
from nexnum_console.providers import registry
from nexnum_console.reports import finder
from nexnum_console.reports.finder import Found
from nexnum_console.ui.shell.arguments import Words
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.navigation import place_of
from nexnum_console.ui.shell.page_state import PageState, explained
from nexnum_console.ui.shell.work import in_thread, read

SYNC_JOB: Final = "workers.jobs.catalogue.sync_provider"
SYNC_TIMEOUT_SECONDS: Final = 900
# Where a record of a kind is shown: to staff, and to the person it belongs to.
_STAFF: Final = {
    "number": "/console/activations/{}",
    "user": "/console/users/{}",
    "ledger": "/console/ledger/journals/{}",
    "provider": "/console/providers/{}",
}
_OWN: Final = {"number": "/store/history?q={}"}


@dataclass(frozen=True, slots=True)
class RecordLink:
    """A found record and the page that shows it."""

    key: str
    icon: str
    title: str
    detail: str
    href: str


class PaletteState(PageState, rx.State):
    """``asked`` says which words ``found`` answers, so that a page shows no older answer."""

    asked: str = ""
    found: list[RecordLink] = []

    @rx.event
    @requires("store.view", words=Words)
    @explained
    async def find(self, words: str) -> None:
        """Search the records that the caller may see."""
        who = actor()
        scope = finder.Scope(who.user_id, who.capabilities)
        rows = await read(lambda unit: finder.find(unit, scope, words))
        self.found = [link for row in rows if (link := link_of(who, row)) is not None]
        self.asked = words.strip()

    @rx.event
    @requires("providers.manage")
    @explained
    async def sync_all(self) -> None:
        """Queue a catalogue sync of each provider that is switched on."""
        names = await read(
            lambda unit: [one.name for one in registry.providers(unit) if one.enabled]
        )
        for name in names:
            await in_thread(
                services().jobs.enqueue,
                CATALOGUE,
                SYNC_JOB,
                name,
                timeout_seconds=SYNC_TIMEOUT_SECONDS,
            )
        told = f"{len(names)} queued; the overview shows how far they are."
        self._say("ok", "Syncs asked for", told)


def link_of(who: Actor, row: Found) -> RecordLink | None:
    """Where the caller sees the record; None when the product has no such page for them."""
    staff = _STAFF.get(row.kind, "")
    place = place_of(staff.partition("{")[0].partition("?")[0])
    if staff and place is not None and _is_its(place.path, staff) and who.may(place.capability):
        return _link(row, staff)
    own = _OWN.get(row.kind)
    if own is None or row.user_id != who.user_id:
        return None
    place = place_of(own.partition("?")[0])
    known = place is not None and _is_its(place.path, own)
    return _link(row, own if known else "/store")


def _is_its(path: str, target: str) -> bool:
    return target.startswith((f"{path}/", f"{path}?"))


def _link(row: Found, target: str) -> RecordLink:
    key = f"{row.kind}-{row.id}"
    return RecordLink(key, row.icon, row.title, row.detail, target.format(row.ref))
