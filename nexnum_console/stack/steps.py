"""Progress in the terminal: what is being done, and how long each step took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console


class Steps:
    """Prints one line for each finished step; a spinner while it runs, on a terminal."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=True)

    @contextmanager
    def step(self, doing: str) -> Iterator[None]:
        """Time a step. A failing step prints nothing: its error says what happened."""
        started = time.monotonic()
        if self._console.is_terminal:
            with self._console.status(doing, spinner="dots"):
                yield
        else:
            yield
        self.done(doing, time.monotonic() - started)

    def done(self, what: str, seconds: float) -> None:
        """Print a finished step."""
        self._console.print(f"[green]✓[/] {what} [dim]{seconds:.1f} s[/]")

    def say(self, text: str = "") -> None:
        """Print a plain line."""
        self._console.print(text)
