"""Tells what calls came to, in batches, and that this process lives: from a thread of its own, so
that no caller waits."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Final

from nexnum_console.providers.script import Report

log = logging.getLogger(__name__)

BATCH_MOST: Final = 200
# A call by itself is told at once; in a crowd each waits so long for others to be told with.
PACE_SECONDS: Final = 0.005
LIVE_SECONDS: Final = 1.5

_Item = Report | threading.Event | None


class Reporter:
    """A queue and the thread that empties it. ``tell`` may fail; the next batch goes on.

    ``live`` is called every LIVE_SECONDS.
    """

    def __init__(
        self, tell: Callable[[Sequence[Report]], None], live: Callable[[], None] = lambda: None
    ) -> None:
        self._tell = tell
        self._live = live
        self._lock = threading.Lock()
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def put(self, report: Report) -> None:
        """Hand a report over; returns at once."""
        self._queue.put(report)
        self.start()

    def start(self) -> None:
        """See that the thread runs."""
        if self._thread is None or not self._thread.is_alive():
            self._start()

    def flush(self, seconds: float) -> bool:
        """Wait until everything handed over so far was told; False where that takes longer."""
        told = threading.Event()
        self._queue.put(told)
        self._start()
        return told.wait(seconds)

    def close(self, seconds: float = 2.0) -> None:
        """Tell what is left and end the thread."""
        thread = self._thread
        if thread is not None and thread.is_alive():
            self._queue.put(None)
            thread.join(seconds)

    def _begin(self) -> None:
        # A child of a fork has neither the thread nor the reports; its parent tells those.
        self._queue: SimpleQueue[_Item] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="gate-report", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        told_at = -PACE_SECONDS
        lived_at = time.monotonic()
        while True:
            if time.monotonic() - lived_at >= LIVE_SECONDS:
                lived_at = time.monotonic()
                self._said("a sign of life was not told", self._live)
            try:
                first = self._queue.get(timeout=LIVE_SECONDS)
            except Empty:
                continue
            time.sleep(max(0.0, told_at + PACE_SECONDS - time.monotonic()))
            batch, told, over = self._batch(first)
            if batch:
                self._said(f"{len(batch)} outcomes of calls were not told", self._tell, batch)
            told_at = time.monotonic()
            for event in told:
                event.set()
            if over:
                return

    def _said(self, failed: str, tell: Callable[..., None], *what: Sequence[Report]) -> None:
        try:
            tell(*what)
        except Exception:
            log.exception(failed)

    def _batch(self, item: _Item) -> tuple[list[Report], list[threading.Event], bool]:
        reports: list[Report] = []
        told: list[threading.Event] = []
        while True:
            if item is None:
                return reports, told, True
            if isinstance(item, threading.Event):
                told.append(item)
            else:
                reports.append(item)
            if len(reports) >= BATCH_MOST:
                return reports, told, False
            try:
                item = self._queue.get_nowait()
            except Empty:
                return reports, told, False
