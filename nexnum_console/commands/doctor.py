"""``./nexnum doctor``."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict

import click
from rich.console import Console

from nexnum_console.stack.doctor import examine
from nexnum_console.stack.layout import Layout

MARKS = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "failed": "[red]✗[/]"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def doctor(as_json: bool) -> None:
    """Check versions, services, migrations, space and clock; exit 1 if something fails."""
    console = Console(highlight=False, soft_wrap=True)
    failed = False
    for finding in examine(Layout.chosen(os.environ), os.environ):
        failed = failed or finding.verdict == "failed"
        if as_json:
            click.echo(json.dumps(asdict(finding)))
        else:
            cure = f"  [dim]{finding.cure}[/]" if finding.cure else ""
            console.print(f"{MARKS[finding.verdict]} {finding.part:<15}{finding.detail}{cure}")
    sys.exit(1 if failed else 0)
