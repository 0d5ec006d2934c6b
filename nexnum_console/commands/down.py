"""``./nexnum down``."""

from __future__ import annotations

import os
import time

import click

from nexnum_console.stack.down import stop
from nexnum_console.stack.layout import Layout


@click.command()
def down() -> None:
    """Stop the running console and everything it started."""
    started = time.monotonic()
    was_running = stop(Layout.chosen(os.environ))
    seconds = time.monotonic() - started
    click.echo(f"Stopped in {seconds:.1f} s." if was_running else "NexNum is not running.")
