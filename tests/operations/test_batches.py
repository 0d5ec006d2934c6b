"""One act on many numbers: refusals stand beside successes, faults stop it."""

from __future__ import annotations

import pytest

from nexnum_console.core.errors import InvalidInput
from nexnum_console.operations.batches import MOST, on_each


def test_each_stands_for_itself_in_order() -> None:
    def act(number: int) -> str:
        if number % 2:
            raise InvalidInput(f"{number} is odd")
        return "done"

    told = on_each([4, 1, 2, 4], act, "given back")
    assert [(one.activation_id, one.done, one.words) for one in told] == [
        (4, True, "given back"),
        (1, False, "1 is odd"),
        (2, True, "given back"),
    ]


def test_a_fault_is_not_hidden_as_a_refusal() -> None:
    def act(_number: int) -> str:
        raise RuntimeError("ours to mend")

    with pytest.raises(RuntimeError):
        on_each([1], act, "given back")


def test_a_batch_has_an_end() -> None:
    assert len(on_each(range(MOST + 50), lambda _n: "done", "given back")) == MOST
