"""What a run tells: one JSON object a line, or lines for people with a table at the end."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

FIGURES = ("per_second", "median_ms", "p95_ms", "cpu_ms", "count")


class Report(Protocol):
    """Where a run's progress and outcome go."""

    def doing(self, what: str) -> None:
        """The next thing begins."""
        ...

    def tell(self, **facts: Any) -> None:
        """One measurement is done."""
        ...

    def close(self, summary: Mapping[str, Any]) -> None:
        """All figures."""
        ...


class JsonReport:
    """One object a line; the last one holds all figures."""

    def doing(self, what: str) -> None:
        """Say nothing: only results are lines."""

    def tell(self, **facts: Any) -> None:
        """Print the facts."""
        click.echo(json.dumps(facts))

    def close(self, summary: Mapping[str, Any]) -> None:
        """Print the summary."""
        click.echo(json.dumps(summary))


class TerminalReport:
    """A spinner that says what is measured, then a table."""

    def __init__(self, console: Console, progress: Progress) -> None:
        self._console = console
        self._progress = progress
        self._task = progress.add_task("starting", total=None)

    def doing(self, what: str) -> None:
        """Show it beside the spinner."""
        self._progress.update(self._task, description=what)

    def tell(self, **facts: Any) -> None:
        """Leave a line behind."""
        shown = "  ".join(f"{name} {value}" for name, value in facts.items())
        self._progress.console.print(f"[dim]{shown}[/]", highlight=False)

    def close(self, summary: Mapping[str, Any]) -> None:
        """Tables of the figures, then the ratios."""
        self._progress.stop()
        table = Table(box=None, pad_edge=False)
        table.add_column("measured")
        for title in ("per second", "median ms", "p95 ms", "our CPU ms", "calls"):
            table.add_column(title, justify="right")
        for name, row in summary["measured"].items():
            table.add_row(name, *(str(row.get(key, "")) for key in FIGURES))
        self._console.print(table)
        for name, value in summary.items():
            if name != "measured":
                self._console.print(f"{name}: {_inline(value)}", highlight=False)


@contextmanager
def reporting(*, as_json: bool) -> Iterator[Report]:
    """The report a command was asked for."""
    if as_json:
        yield JsonReport()
        return
    console = Console()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        yield TerminalReport(console, progress)


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_inline(each)}" for name, each in value.items())
    return str(value)
