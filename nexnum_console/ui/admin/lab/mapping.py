"""Mapping: their countries and services beside ours, and what is sent in their place."""

from __future__ import annotations

from typing import Annotated, Literal

import reflex as rx
from pydantic import Field

from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.providers import editing, versions
from nexnum_console.providers.positions import parse
from nexnum_console.reports import lab_mapping, lab_page
from nexnum_console.reports.lab_mapping import MappingRow
from nexnum_console.reports.lab_page import LabHead
from nexnum_console.ui.admin.facts import heads, labelled
from nexnum_console.ui.admin.lab.frame import PROVIDERS, lab_frame
from nexnum_console.ui.admin.lab.versions_state import name_in
from nexnum_console.ui.components.card import card
from nexnum_console.ui.components.icon import flag
from nexnum_console.ui.shell.arguments import Words
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.page_state import PageState, explained
from nexnum_console.ui.shell.work import read

PATH = f"{PROVIDERS}/[provider_name]/lab/mapping"
What = Literal["country", "service"]
Code = Annotated[str, Field(min_length=1, max_length=64)]
Sent = Annotated[str, Field(max_length=64)]


class MappingState(PageState, rx.State):
    """Rows of countries or services."""

    email: str = ""
    may_manage: bool = False
    head: LabHead = LabHead()
    kind: str = "country"
    words: str = ""
    rows: list[MappingRow] = []

    @rx.event
    @requires("providers.view")
    @explained
    async def load(self) -> None:
        """Page load."""
        who = actor()
        self.email, self.may_manage = who.email, who.may("providers.manage")
        self.kind, self.words = "country", ""
        await self._show()

    @rx.event
    @requires("providers.view", kind=What)
    @explained
    async def choose_kind(self, kind: str) -> None:
        """Countries or services."""
        self.kind = kind
        await self._show()

    @rx.event(supersedes=True)
    @requires("providers.view", words=Words)
    @explained
    async def look_for(self, words: str) -> None:
        """Rows whose names contain the words."""
        self.words = words
        await self._show()

    @rx.event
    @requires("providers.manage", theirs=Code, sent=Sent)
    @explained
    async def send(self, theirs: str, sent: str) -> None:
        """Send another value in the place of theirs: a value map of the draft."""
        who, now, name, kind = actor(), utc_now(), self.head.name, self.kind

        def change(unit: UnitOfWork) -> int:
            found = versions.draft(unit, name)
            text = lab_page.shown_text(found.text if found else versions.served(unit, name).text)
            document = dict(parse(text).value)
            place = f"/valueMaps/{kind}/{editing.escaped(theirs)}"
            value = sent.strip()
            editing.put(document, place, "" if value in {"", theirs} else value)
            return versions.save_draft(unit, who, name, versions.written(document), now=now).number

        number = await read(change)
        self._say("ok", f"Draft v{number} says so", "Publish it in the lab for calls to follow.")
        await self._show()

    async def _show(self) -> None:
        name, now = name_in(str(self.router.url.path)), utc_now()
        kind, words = self.kind, self.words

        def look(unit: UnitOfWork) -> tuple[LabHead, list[MappingRow]]:
            head = lab_page.head(unit, name, now)
            if head is None:
                return LabHead(), []
            return head, lab_mapping.mapping_rows(unit, name, kind, words)

        self.head, self.rows = await read(look)
        self._stamp()


def page() -> rx.Component:
    """A search, a switch, the table."""
    table = rx.el.table(
        heads("Theirs", "Ours", ">Offers", "Sent to the provider"),
        rx.el.tbody(rx.foreach(MappingState.rows, _row)),
        class_name="table table--cards table--compact",
    )
    none = rx.el.p("Nothing of that name; sync the catalogue first.", class_name="card__body mid")
    return lab_frame(
        MappingState,
        "mapping",
        card(
            "Their words and ours",
            rx.cond(
                MappingState.rows.length() > 0,
                rx.el.div(table, class_name="tablewrap", tab_index=0),
                none,
            ),
            side=[
                rx.el.input(
                    placeholder="Search",
                    on_change=MappingState.look_for.debounce(250),
                    class_name="input input--sm",
                    max_length=120,
                    custom_attrs={"aria-label": "Search the mapping"},
                ),
                rx.el.div(
                    _kind("country", "Countries"),
                    _kind("service", "Services"),
                    class_name="paces",
                    role="group",
                    custom_attrs={"aria-label": "What is mapped"},
                ),
            ],
            custom_attrs={"data-testid": "mapping"},
        ),
    )


def _kind(key: str, word: str) -> rx.Component:
    return rx.el.button(
        word,
        type="button",
        on_click=MappingState.choose_kind(key),
        custom_attrs={"aria-pressed": rx.cond(MappingState.kind == key, "true", "false")},
    )


def _row(row: rx.Var[MappingRow]) -> rx.Component:
    sent = rx.el.input(
        default_value=row.sent,
        key=row.kind + row.theirs + row.sent,
        on_blur=lambda text: rx.cond(
            text == row.sent, rx.noop(), MappingState.send(row.theirs, text)
        ),
        class_name="input input--sm input--mono",
        max_length=64,
        auto_complete="off",
        custom_attrs={"aria-label": "Sent in the place of " + row.theirs},
    )
    ours = rx.el.span(
        rx.cond(row.flag != "", flag(row.flag)),
        row.ours,
        " ",
        rx.el.span(row.code, class_name="low"),
        class_name="cell",
    )
    return rx.el.tr(
        rx.el.th(rx.el.code(row.theirs), scope="row"),
        labelled("Ours", ours),
        labelled("Offers", row.offers, "r num"),
        labelled("Sent", rx.cond(MappingState.may_manage, sent, row.sent)),
    )
