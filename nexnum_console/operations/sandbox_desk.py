"""Playing the carriers' side from the console: looking, faults, SMS by hand, pace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from nexnum_console.audit.log import record
from nexnum_console.core.actor import Actor
from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import Database
from nexnum_console.core.errors import InvalidInput
from nexnum_console.core.events import ADMIN_CHANNEL, Events
from nexnum_console.operations import demo_seed
from nexnum_console.operations.demo_seed import Sandbox
from nexnum_console.reports import sandbox as report
from nexnum_console.reports.sandbox import SandboxView

# Word-for-word answers need a text and a status; the command line has them.
BY_COMMAND_ONLY: Final = frozenset({"say"})
MOST_CODE: Final = 12
MOST_TEXT: Final = 300


@dataclass(frozen=True, slots=True)
class SandboxDesk:
    """What playing the carriers needs; every function raises Unavailable and SandboxRefused."""

    database: Database
    box: SecretBox
    events: Events
    sandbox: Sandbox
    wallet_currency: str


def look(desk: SandboxDesk) -> SandboxView:
    """The carriers and what runs there, with our own numbers for it."""
    control = desk.sandbox.control
    world, orders = control.world(), control.orders(only_open=True)
    with desk.database.transaction() as unit:
        known = report.ours(unit, [order["id"] for order in report.newest(orders)])
    return report.sandbox_view(world, orders, known)


def set_fault(
    desk: SandboxDesk, actor: Actor, carrier: str, fault: str, percent: int, now: datetime
) -> None:
    """Let ``fault`` strike ``percent`` of the carrier's requests; InvalidInput."""
    if fault in BY_COMMAND_ONLY:
        raise InvalidInput(f"“{fault}” needs a text to say; set it with ./nexnum sandbox fault.")
    if not 1 <= percent <= 100:
        raise InvalidInput("A fault strikes 1 to 100 percent of requests; nothing was set.")
    before = _faults(desk, carrier)
    desk.sandbox.control.set_fault(carrier, fault, rate=percent / 100)
    _told(
        desk, actor, "sandbox.fault.set", f"carrier:{carrier}", before, _faults(desk, carrier), now
    )


def clear_fault(desk: SandboxDesk, actor: Actor, carrier: str, fault: str, now: datetime) -> None:
    """End one fault."""
    before = _faults(desk, carrier)
    desk.sandbox.control.clear_fault(carrier, fault)
    _told(
        desk,
        actor,
        "sandbox.fault.clear",
        f"carrier:{carrier}",
        before,
        _faults(desk, carrier),
        now,
    )


def clear_faults(desk: SandboxDesk, actor: Actor, now: datetime) -> int:
    """End every fault of every carrier; returns how many there were."""
    ended = 0
    for carrier in desk.sandbox.control.carriers():
        before = {name: setting["rate"] for name, setting in carrier["faults"].items()}
        if before:
            desk.sandbox.control.clear_faults(carrier["name"])
            _told(desk, actor, "sandbox.fault.clear", f"carrier:{carrier['name']}", before, {}, now)
        ended += len(before)
    return ended


def send_sms(
    desk: SandboxDesk, actor: Actor, order_id: str, code: str, text: str, now: datetime
) -> None:
    """Let an SMS arrive at the carrier's order; our poller finds it. InvalidInput."""
    code, text = code.strip(), text.strip()
    if not (0 < len(code) <= MOST_CODE and code.isascii() and code.isalnum()):
        raise InvalidInput(f"A code has 1 to {MOST_CODE} letters and digits; nothing was sent.")
    if len(text) > MOST_TEXT or not text.isprintable():
        raise InvalidInput(f"A text has at most {MOST_TEXT} characters; nothing was sent.")
    desk.sandbox.control.send_sms(order_id, code, text or None)
    # The code stays out of the log, as everywhere.
    _told(desk, actor, "sandbox.sms", f"order:{order_id}", None, None, now)


def use_profile(desk: SandboxDesk, actor: Actor, name: str, now: datetime) -> None:
    """Turn the world at another pace, and take the lifetimes over that its carriers declare."""
    control = desk.sandbox.control
    before = control.world()["profile"]
    control.use_profile(name)
    demo_seed.seed(desk.database, desk.box, desk.sandbox, desk.wallet_currency, now)
    _told(
        desk, actor, "sandbox.profile", "sandbox:all", {"profile": before}, {"profile": name}, now
    )


def _faults(desk: SandboxDesk, carrier: str) -> dict[str, float]:
    found = next((c for c in desk.sandbox.control.carriers() if c["name"] == carrier), None)
    return {name: one["rate"] for name, one in found["faults"].items()} if found else {}


def _told(
    desk: SandboxDesk,
    actor: Actor,
    action: str,
    target: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    now: datetime,
) -> None:
    with desk.database.transaction() as unit:
        record(unit, actor, action, target, before=before, after=after, now=now)
        unit.after_commit(lambda: desk.events.publish(ADMIN_CHANNEL, "sandbox"))
