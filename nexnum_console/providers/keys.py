"""An account's secret: one key, several in turn, or a key of several parts."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

REST_SECONDS: Final = 60.0
_TELLING: Final = 4  # a shorter line or part stands in every text


def key_part(key: str, part: str | None) -> str | None:
    """The whole key, or one member of a key that is a JSON object; None where it has none."""
    if part is None:
        return key
    return key_parts(key).get(part)


def key_parts(key: str) -> dict[str, str]:
    """The members of a key that is a JSON object; none of any other key."""
    if not key.lstrip().startswith("{"):
        return {}
    try:
        found = json.loads(key)
    except ValueError:
        return {}
    return {name: str(value) for name, value in found.items() if isinstance(value, str | int)}


def spellings(secret: str) -> list[str]:
    """Everything in a secret that is secret by itself: the whole, its lines, its parts."""
    lines = [line.strip() for line in secret.splitlines()]
    parts = [value for line in [secret, *lines] for value in key_parts(line).values()]
    telling = [each for each in (*lines, *parts) if len(each) >= _TELLING]
    return list(dict.fromkeys([secret, *telling]))


@dataclass(slots=True)
class _Slot:
    key: str
    rests_until: float = 0.0


class KeyPool:
    """Keys of one account in turn; one that was refused rests. Threads may share a pool."""

    def __init__(
        self, secret: str, rotate: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        lines = [line.strip() for line in secret.splitlines() if line.strip()]
        self._slots = [_Slot(key) for key in (lines if rotate and lines else [secret])]
        self._clock = clock
        self._next = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._slots)

    def take(self) -> str:
        """The next key that does not rest; where all rest, the one that wakes first."""
        if len(self._slots) == 1:
            return self._slots[0].key
        with self._lock:
            now = self._clock()
            count = len(self._slots)
            order = [self._slots[(self._next + step) % count] for step in range(count)]
            slot = next((each for each in order if each.rests_until <= now), None)
            slot = slot or min(order, key=lambda each: each.rests_until)
            self._next = (self._slots.index(slot) + 1) % count
            return slot.key

    def rest(self, key: str, seconds: float | None = None) -> None:
        """Leave a key alone for a while: the provider refused it or asked for patience."""
        with self._lock:
            until = self._clock() + (seconds or REST_SECONDS)
            for slot in self._slots:
                if slot.key == key:
                    slot.rests_until = max(slot.rests_until, until)
