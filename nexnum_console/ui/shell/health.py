"""How the installation is, for the chip in the top bar: asked at most every few seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nexnum_console.bootstrap import Services
from nexnum_console.operations.health import Part, readiness
from nexnum_console.reports.ledger_book import broken_promises
from nexnum_console.ui.shell.work import in_thread

FRESH_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Health:
    """What the chip says; ``text`` is the longer form. Without a word there is no chip."""

    tone: str = ""
    icon: str = ""
    word: str = ""
    text: str = ""
    workers: str = ""


class Pulse:
    """One reading at a time for all pages of the process."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._health = Health()
        self._at = float("-inf")

    async def read(self, parts: Services) -> Health:
        """The newest reading, at most ``FRESH_SECONDS`` old."""
        async with self._lock:
            if time.monotonic() - self._at > FRESH_SECONDS:
                self._health = await _ask(parts)
                self._at = time.monotonic()
            return self._health


async def _ask(parts: Services) -> Health:
    verdicts = await readiness(parts.settings.database_url, parts.settings.redis_url)
    workers = await in_thread(parts.jobs.workers)
    promises = await in_thread(_promises, parts) if all(part.ok for part in verdicts) else []
    sandbox = bool(parts.settings.sandbox_control_url)
    return judged(verdicts, workers, promises, sandbox=sandbox)


def _promises(parts: Services) -> list[str]:
    with parts.database.transaction() as unit:
        return broken_promises(unit)


def judged(
    verdicts: list[Part], workers: int, promises: Sequence[str] = (), *, sandbox: bool
) -> Health:
    """The verdicts in a few words; ``workers`` have shown a sign of life, and the ledger's
    ``promises`` do not hold."""
    where = "Sandbox" if sandbox else "Live"
    broken = [f"{part.name}: {part.problem}" for part in verdicts if not part.ok]
    if not workers:
        broken.append("workers: none answers, codes and refunds wait")
    if broken:
        first = broken[0].partition(":")[0]
        told = "; ".join(broken)
        return Health("danger", "alert", f"{where} · {first} down", told, _crew(workers))
    if promises:
        told = f"The ledger's proof found broken: {', '.join(promises)}"
        return Health("danger", "alert", f"{where} · ledger broken", told, _crew(workers))
    text = f"Database and Redis answer; workers: {workers}"
    return Health("ok", "check", f"{where} · all well", text, _crew(workers))


def _crew(workers: int) -> str:
    return "1 worker" if workers == 1 else f"{workers} workers"
