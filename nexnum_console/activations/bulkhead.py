"""A bulkhead for what owners ask of their numbers: one that hangs keeps few callers waiting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nexnum_console.activations.desk import Desk
from nexnum_console.activations.errors import CarrierBusy

WAIT_SECONDS = 2.0
RETRY_SECONDS = 5


@contextmanager
def release_turn(desk: Desk, activation_id: int, user_id: int) -> Iterator[None]:
    """One of the few places for such calls to the number's account, in this process.

    Raises CarrierBusy where none gets free within WAIT_SECONDS; then nothing was changed. Whose
    number there is not has no account to wait for: what is asked of it says what is wrong.
    """
    with desk.database.transaction() as unit:
        account_id = unit.scalar(
            "select account_id from activation where id = :id and user_id = :user_id",
            id=activation_id,
            user_id=user_id,
        )
    if account_id is None:
        yield
        return
    places = desk.releases.of(account_id)
    if not places.acquire(timeout=WAIT_SECONDS):
        raise CarrierBusy(
            "the carrier of this number is slow and others wait for it already; nothing was"
            f" changed. Try again in {RETRY_SECONDS} s",
            retry_after=RETRY_SECONDS,
        )
    try:
        yield
    finally:
        places.release()
