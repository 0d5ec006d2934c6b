"""The garbage collector, kept from looking at a heap that is only being built."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# New objects between two looks: a busy worker drops nearly all of its own by counts before that.
YOUNG_MOST: Final = 50_000
_OLDER: Final = (20, 20)

_lock = threading.Lock()
_waiting = 0
_was_enabled = False


@contextmanager
def collector_paused() -> Iterator[None]:
    """No collection in this process until the last block ends. For work of milliseconds that
    makes many objects: memory is freed by counts all the same, only cycles wait."""
    global _waiting, _was_enabled  # noqa: PLW0603  the collector is one for the process
    with _lock:
        if _waiting == 0:
            _was_enabled = gc.isenabled()
            gc.disable()
        _waiting += 1
    try:
        yield
    finally:
        with _lock:
            _waiting -= 1
            if _waiting == 0 and _was_enabled:
                gc.enable()


def settle() -> None:
    """What a process has loaded by now stays: no collection looks at it again, and they are rarer.

    Once a process has started: a fifth of a polling worker's time went into looking through
    modules for cycles.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_MOST, *_OLDER)
