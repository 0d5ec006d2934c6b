"""Tables of the kernel: idempotency, job runs, runtime settings, the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, Text, Uuid, text
from sqlmodel import Field, SQLModel

from nexnum_console.core.columns import document, identity, moment, whole, word


class IdempotencyKey(SQLModel, table=True):
    """A request a principal made once; the stored answer is replayed byte for byte."""

    __tablename__ = "idempotency_key"
    __table_args__ = (
        # Not by the state: an answer that is kept then touches no index.
        Index("idempotency_workless", "locked_until", postgresql_where=text("ref = ''")),
        Index("idempotency_age", "created_at"),
    )
    principal: str = Field(primary_key=True, max_length=64)
    key: str = Field(primary_key=True, max_length=128)
    request_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    state: str = Field(max_length=8)
    ref: str = word("", 120)
    status: int | None = Field(default=None)
    body: str | None = Field(default=None, sa_column=Column(Text))
    created_at: datetime = moment(default_now=True)
    locked_until: datetime = moment()


class JobRun(SQLModel, table=True):
    """A run of a long job: progress for the page, and the evidence when it fails."""

    __tablename__ = "job_run"
    __table_args__ = (Index("job_run_subject", "kind", "subject", "id"),)
    id: int = identity()
    kind: str = Field(max_length=48)
    subject: str = word("", 120)
    state: str = Field(max_length=16)
    done: int = whole()
    total: int | None = Field(default=None)
    step: str = word("", 200)
    error: str | None = Field(default=None, sa_column=Column(Text))
    result: dict[str, Any] | None = document(nullable=True)
    started_at: datetime = moment(default_now=True)
    beat_at: datetime = moment(default_now=True)
    finished_at: datetime | None = moment(nullable=True)


class RuntimeSetting(SQLModel, table=True):
    """A value an admin may change while the product runs."""

    __tablename__ = "runtime_setting"
    name: str = Field(primary_key=True, max_length=64)
    value: dict[str, Any] = document()
    updated_at: datetime = moment(default_now=True)


class OutboxMessage(SQLModel, table=True):
    """Something to deliver outside of the database; ``core/outbox.py`` says how.

    ``next_at``: when it may be tried. ``lease_until``: a worker has it until then; ``fence`` is
    the number of its claim. ``tries`` begin anew when it is redriven.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("state in ('waiting','done','dead','dropped')", name="outbox_state_known"),
        Index("outbox_due", "topic", "next_at", "id", postgresql_where=text("state = 'waiting'")),
        Index(
            "outbox_order",
            "topic",
            "key",
            "id",
            postgresql_where=text("state in ('waiting','dead')"),
        ),
        Index(
            "outbox_settled",
            "state",
            "settled_at",
            postgresql_where=text("settled_at is not null"),
        ),
    )
    id: int = identity()
    message_id: UUID = Field(
        default=None,
        sa_column=Column(
            Uuid, nullable=False, unique=True, server_default=text("gen_random_uuid()")
        ),
    )
    topic: str = Field(max_length=64)
    key: str = Field(max_length=120)
    payload: dict[str, Any] = document()
    state: str = word("waiting", 8)
    tries: int = whole()
    redrives: int = whole()
    fence: int = whole()
    error: str = word("", 500)
    created_at: datetime = moment(default_now=True)
    next_at: datetime = moment(default_now=True)
    lease_until: datetime | None = moment(nullable=True)
    settled_at: datetime | None = moment(nullable=True)
