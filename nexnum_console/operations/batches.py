"""One act on many numbers: each stands for itself, and what became of each is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from nexnum_console.core.errors import BusinessError

AT_ONCE: Final = 8
MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one number; ``done`` is false where it was refused."""

    activation_id: int
    done: bool
    words: str


def on_each(ids: Iterable[int], act: Callable[[int], str], words: str) -> list[Outcome]:
    """Do ``act`` for every id, some at once, and go on after a refusal; in the order of ids.

    ``words`` tell a success. Faults that are no refusals end the batch: they are ours to mend.
    """
    chosen = list(dict.fromkeys(ids))[:MOST]
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="batch") as pool:
        return list(pool.map(lambda one: _try(one, act, words), chosen))


def _try(activation_id: int, act: Callable[[int], str], words: str) -> Outcome:
    try:
        act(activation_id)
    except BusinessError as error:
        return Outcome(activation_id, False, error.message)
    return Outcome(activation_id, True, words)
