"""What the answer to a status call does: nothing but the next look, an SMS, or the end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from nexnum_console.activations import renewed
from nexnum_console.activations.desk import Desk
from nexnum_console.activations.inbound import confirm
from nexnum_console.activations.mishaps import kind_of
from nexnum_console.activations.pace import Pace
from nexnum_console.activations.settle import (
    ENDED,
    finish,
    give_back,
    look_again,
    messages_of,
    overdue,
    store_messages,
)
from nexnum_console.core.db import UnitOfWork
from nexnum_console.notifications.alerts import close_alert, raise_alert
from nexnum_console.providers.carrier import Carrier
from nexnum_console.providers.client import StatusReport
from nexnum_console.providers.errors import GONE, ProviderError

FAILURE_SECONDS_MAX: Final = 30
# While nobody knows whether an order goes on under another id, it is looked at so often.
RENEWED_LOOK: Final = timedelta(seconds=2)
# An answer that so many times in a row could not be written down is told to staff.
TOLD_AFTER: Final = 3
ALERT: Final = "not_stored"
# What a number that ends without an SMS means for our money: a provider that calls it finished
# has earned it.
_OUR_MONEY: Final = {"cancelled": "refunded", "expired": "refunded", "finished": "lost"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What one status call brought: a report, or the error that stands for none."""

    row: Any
    report: StatusReport | None
    error: ProviderError | None


def is_quiet(answer: Answer, now: datetime) -> bool:
    """Whether nothing is to be written but that the number waits on."""
    report = answer.report
    return (
        report is not None
        and report.state not in ENDED
        and now < answer.row["expires_at"]
        and not messages_of(report)
    )


def apply_answer(desk: Desk, carrier: Carrier, answer: Answer, pace: Pace) -> None:
    """Write down what a status call brought; each activation in its own transaction."""
    now = desk.clock()
    row = answer.row
    if answer.report is not None:
        _apply_report(desk, carrier, pace, row, answer.report)
        return
    assert answer.error is not None
    code = answer.error.code
    gone = code in GONE
    with desk.database.transaction() as unit:
        if gone and now >= row["expires_at"]:
            # Past its deadline "unknown id" is how many providers say that it is over.
            _end(unit, desk, row, "expired", "refunded", now)
        elif overdue(row, now, carrier.terms.settle_seconds):
            _end(unit, desk, row, "expired", "closing", now)
        else:
            look_again(unit, row["id"], row["fence"], _after_failure(row, now), failed=True)


def put_off(desk: Desk, provider: str, row: Any, error: Exception) -> None:
    """What was answered about one activation could not be written down: it is looked at again,
    later each time, and staff are told when that goes on. Raises where the database is away."""
    now = desk.clock()
    failures = row["status_failures"] + 1
    with desk.database.transaction() as unit:
        look_again(unit, row["id"], row["fence"], _after_failure(row, now), failed=True)
        if failures < TOLD_AFTER:
            return
        raise_alert(
            unit,
            ALERT,
            _subject(row),
            f"What {provider} answers about activation {row['id']} could not be written down"
            f" {failures} times in a row ({kind_of(error)}): its buyer sees no code of it, and it"
            f" does not end. It is asked about again every {FAILURE_SECONDS_MAX} s. The log of the"
            " workers has the error, the provider's own site the SMS.",
            now,
        )


def _written_at_last(unit: UnitOfWork, row: Any, now: datetime) -> None:
    if row["status_failures"] >= TOLD_AFTER:
        close_alert(unit, ALERT, _subject(row), now)


def _subject(row: Any) -> str:
    return f"activation {row['id']}"


def _apply_report(desk: Desk, carrier: Carrier, pace: Pace, row: Any, report: StatusReport) -> None:
    now = desk.clock()
    since = now - timedelta(seconds=carrier.terms.settle_seconds)
    messages = messages_of(report)
    with desk.database.transaction() as unit:
        if messages:
            store_messages(unit, desk, row["id"], messages, now)
            confirm(unit, row["id"], now)
        received = bool(messages) or row["sms_count"] > 0
        if report.state in ENDED and renewed.may_have_changed(unit, row, since):
            look_again(unit, row["id"], row["fence"], now + RENEWED_LOOK)
        elif report.state in ENDED:
            event = "cancelled" if report.state == "cancelled" else "expired"
            _end(unit, desk, row, event, _OUR_MONEY[report.state], now, received=received)
        elif now >= row["expires_at"]:
            _end(unit, desk, row, "expired", "closing", now, received=received)
        else:
            look_again(unit, row["id"], row["fence"], pace.next_look(row, now, received=received))
        _written_at_last(unit, row, now)


def _end(
    unit: Any,
    desk: Desk,
    row: Any,
    event: str,
    upstream: str,
    now: datetime,
    *,
    received: bool | None = None,
) -> None:
    if received if received is not None else row["sms_count"] > 0:
        finish(unit, desk, row["id"], now)
    else:
        give_back(unit, desk, row["id"], event, upstream=upstream, now=now)


def _after_failure(row: Any, now: datetime) -> datetime:
    wait = min(FAILURE_SECONDS_MAX, 2 ** min(row["status_failures"], 5))
    return now + timedelta(seconds=wait)
