"""``./nexnum ledger``: the proof that the money adds up."""

from __future__ import annotations

import json
import time

import click
from rich.console import Console
from rich.table import Table

from nexnum_console.bootstrap import services
from nexnum_console.core.clock import utc_now
from nexnum_console.operations.ledger_check import keep
from nexnum_console.operations.verify import Report, verify_newest
from nexnum_console.operations.verify import verify as run_verify


@click.group()
def ledger() -> None:
    """Check the ledger."""


@ledger.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--full/--newest",
    default=True,
    help="Every row (the default), or only what came since the last look.",
)
def verify(as_json: bool, full: bool) -> None:
    """Check every invariant; exit 1 if one is broken. Breaks are kept and stop their wallets."""
    parts = services()
    started = time.monotonic()
    if full:
        report = run_verify(parts.database, utc_now(), parts.ledger_watch.seals)
    else:
        report = verify_newest(parts.database, utc_now())
    seconds = round(time.monotonic() - started, 3)
    with parts.database.transaction() as unit:
        keep(unit, report, utc_now(), whole=full)
    if as_json:
        click.echo(json.dumps(as_document(report, seconds)))
    else:
        _print(report, seconds)
    raise SystemExit(0 if report.ok else 1)


def as_document(report: Report, seconds: float) -> dict[str, object]:
    """The report as JSON values."""
    return {
        "ok": report.ok,
        "wallets": report.wallets,
        "journals": report.journals,
        "entries": report.entries,
        "elapsed_s": seconds,
        "checks": [
            {
                "name": result.name,
                "promise": result.promise,
                "breaks": result.breaks,
                "findings": list(result.findings),
            }
            for result in report.results
        ],
    }


def _print(report: Report, seconds: float) -> None:
    table = Table(box=None, pad_edge=False)
    for title in ("", "Check", "Promise", "Breaks"):
        table.add_column(title, justify="right" if title == "Breaks" else "left")
    for result in report.results:
        mark = "[green]✓[/]" if result.breaks == 0 else "[red]✗[/]"
        table.add_row(mark, result.name, result.promise, str(result.breaks))
    console = Console()
    console.print(table)
    for result in report.results:
        for finding in result.findings:
            console.print(f"[red]{result.name}[/] {finding}", highlight=False)
    console.print(
        f"{report.journals} journals, {report.entries} entries, {report.wallets} wallets"
        f" in {seconds} s",
        highlight=False,
    )
