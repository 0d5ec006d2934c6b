"""A run of an operation as the test panel shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from nexnum_console.operations.provider_lab import Run
from nexnum_console.providers.trace_model import Trace


@dataclass(frozen=True, slots=True)
class Input:
    """A variable of the operation under test."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of the time of a call; ``share`` in per cent."""

    name: str
    millis: str
    share: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A run as the panel shows it; ``method`` is empty before the first."""

    where: str = ""
    method: str = ""
    url: str = ""
    head: str = ""
    curl: str = ""
    status: int = 0
    label: str = ""
    size: str = ""
    millis: str = ""
    failure: str = ""
    traced: str = ""
    rows: int = 0
    row: int = 0


@dataclass(frozen=True, slots=True)
class Picked:
    """A value chosen in the answer, to become an output. Where no group of the regex holds it,
    ``regex`` is the one to be there (at ``pointer``), its new group called ``source``."""

    shown: str = ""
    pointer: str = ""
    source: str = ""
    regex: str = ""


def shown(run: Run, before: Shown) -> Shown:
    """What the panel says of a run; the rows stay as they were."""
    reply = run.reply
    size = len(run.trace.body.data) if run.trace else 0
    return Shown(
        where=run.where,
        method=run.method,
        url=run.url,
        head="\n".join(
            [*(f"{name}: {value}" for name, value in run.headers.items()), run.content]
        ).strip(),
        curl=run.curl,
        status=reply.status if reply else 0,
        label=str(reply.headers.get("content-type", "")).partition(";")[0] if reply else "",
        size=f"{size:,} B",
        millis=f"{run.millis:,.0f} ms" if run.millis else "",
        failure=run.failure,
        traced=f"{run.trace.seconds * 1000:.2f} ms" if run.trace else "",
        rows=before.rows,
        row=before.row,
    )


def with_rows(shown: Shown, told: Trace, row: int) -> Shown:
    """The same, with how many rows the answer has and which one is told."""
    return replace(shown, rows=told.reply.total if told.reply else 0, row=row)


def bars(run: Run) -> list[Bar]:
    """The parts of its time, for a bar."""
    total = sum(part.millis for part in run.parts) or 1.0
    return [
        Bar(part.name, f"{part.millis:.1f} ms", max(1, round(100 * part.millis / total)))
        for part in run.parts
    ]
