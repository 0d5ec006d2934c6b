"""What staff do about open questions: have them looked at now, or settle them; each is audited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from nexnum_console.activations import resolving
from nexnum_console.activations.desk import Desk
from nexnum_console.activations.errors import NotResolvable
from nexnum_console.activations.resolving import Question
from nexnum_console.audit import log as audit
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import InvalidInput
from nexnum_console.core.events import ADMIN_CHANNEL, QUESTIONS_CHANNEL
from nexnum_console.core.queue import SETTLING, JobQueue

JOB: Final = "workers.jobs.activations.settle"
JOB_SECONDS: Final = 120
REASON_LENGTH: Final = (4, 300)
_NAMED_MOST: Final = 50


def look_now(
    unit: UnitOfWork, desk: Desk, jobs: JobQueue, actor: Actor, names: Sequence[str], now: datetime
) -> int:
    """Have a worker look at these questions at once; returns at how many it will.

    InvalidInput where none of them can be looked at: answered meanwhile, within its grace,
    or at a provider that has no list.
    """
    questions = [Question.named(name) for name in names]
    number = resolving.hurry(unit, questions, now)
    if not number:
        raise InvalidInput(
            "None of these can be looked at now: answered, still in its grace, or at a provider"
            " without a list, where only a person can look. What was found there is settled here."
        )
    audit.record(
        unit,
        actor,
        "question.look",
        str(questions[0]) if len(questions) == 1 else "question:several",
        after={"questions": [str(one) for one in questions[:_NAMED_MOST]], "due": number},
        now=now,
    )
    unit.after_commit(lambda: jobs.enqueue(SETTLING, JOB, timeout_seconds=JOB_SECONDS))
    _tell(unit, desk)
    return number


def settle(
    unit: UnitOfWork,
    desk: Desk,
    actor: Actor,
    names: Sequence[str],
    verdict: str,
    reason: str,
    now: datetime,
) -> int:
    """Answer these questions by hand, all or none; returns how many.

    InvalidInput for a reason that says nothing; NotResolvable names the first one that a rule, or
    a worker who was quicker, does not allow.
    """
    reason = " ".join(reason.split())
    least, most = REASON_LENGTH
    if not least <= len(reason) <= most:
        raise InvalidInput(f"Give a reason of {least} to {most} characters; it is kept for ever.")
    if not names:
        raise InvalidInput("No question is selected. Nothing was settled.")
    for question in sorted({Question.named(name) for name in names}, key=str):
        try:
            done = resolving.resolve(unit, desk, question, verdict, now)
        except NotResolvable as error:
            raise NotResolvable(f"{question}: {error.message}. None of them was settled.") from None
        audit.record(
            unit,
            actor,
            "question.settle",
            done.target,
            before={"question": str(question), **done.before},
            after={"verdict": verdict, "state": done.after},
            reason=reason,
            now=now,
        )
    _tell(unit, desk)
    return len(set(names))


def _tell(unit: UnitOfWork, desk: Desk) -> None:
    def tell() -> None:
        for channel in (QUESTIONS_CHANNEL, ADMIN_CHANNEL):
            desk.events.publish(channel, "questions")

    unit.after_commit(tell)
