"""``./nexnum workers``: more hands for a running product."""

from __future__ import annotations

import signal
import subprocess
import sys

import click

from nexnum_console.core.queue import QUEUES


@click.command()
@click.option("--queue", type=click.Choice(QUEUES), multiple=True, help="Repeatable; default all.")
@click.option("--count", type=click.IntRange(1, 64), default=1, show_default=True)
def workers(queue: tuple[str, ...], count: int) -> None:
    """Run COUNT worker processes on the named queues until Ctrl-C."""
    names = queue or QUEUES
    argv = [sys.executable, "-m", "workers.run", *names]
    running = [subprocess.Popen(argv) for _ in range(count)]  # noqa: S603  our own module
    click.echo(f"{count} worker(s) on {', '.join(names)}; Ctrl-C ends them")

    def end(*_: object) -> None:
        for process in running:
            process.terminate()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    codes = [process.wait() for process in running]
    raise SystemExit(max(abs(code) for code in codes))
