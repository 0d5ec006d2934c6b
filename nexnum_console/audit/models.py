"""The table of the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, LargeBinary
from sqlmodel import Field, SQLModel

from nexnum_console.core.columns import document, identity, moment, prose, word


class AuditEntry(SQLModel, table=True):
    """One change by a person or by the system. ``hash`` covers the entry and the hash before it."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("audit_entry_target", "target", "id"),
        Index("audit_entry_actor", "actor", "id"),
    )
    id: int = identity()
    at: datetime = moment()
    actor: str = Field(max_length=120)
    action: str = Field(max_length=64)
    target: str = Field(max_length=120)
    before: dict[str, Any] | None = document(nullable=True)
    after: dict[str, Any] | None = document(nullable=True)
    reason: str = prose()
    request_id: str = word("", 32)
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
