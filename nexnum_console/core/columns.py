"""Column kinds every table uses: 64-bit ids and money, zone-aware moments, JSON documents."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Integer,
    String,
    Text,
    false,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

NOW = text("now()")


def identity() -> Any:
    """Primary key drawn from a BIGINT identity; None until the row is stored."""
    return Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))


def reference(target: str, *, nullable: bool = False, index: bool = False) -> Any:
    """BIGINT foreign key that refuses to delete what it points to."""
    column = Column(
        BigInteger, ForeignKey(target, ondelete="RESTRICT"), nullable=nullable, index=index
    )
    return Field(default=None, sa_column=column)


def big(*, nullable: bool = False, default: int | None = None) -> Any:
    """BIGINT; for money the unit is a micro-unit (SQLModel's own int is 32-bit)."""
    server_default = None if default is None else text(str(default))
    column: Column[Any] = Column(BigInteger, nullable=nullable, server_default=server_default)
    return Field(default=default, sa_column=column)


def moment(*, nullable: bool = False, default_now: bool = False) -> Any:
    """TIMESTAMPTZ."""
    server_default = NOW if default_now else None
    column: Column[Any] = Column(
        DateTime(timezone=True), nullable=nullable, server_default=server_default
    )
    return Field(default=None, sa_column=column)


def document(*, nullable: bool = False) -> Any:
    """JSONB."""
    return Field(default=None, sa_column=Column(JSONB, nullable=nullable))


def whole(default: int = 0) -> Any:
    """INTEGER with a default the database knows too."""
    column = Column(Integer, nullable=False, server_default=text(str(default)))
    return Field(default=default, sa_column=column)


def flag(default: bool) -> Any:
    """BOOLEAN with a default the database knows too."""
    column = Column(Boolean, nullable=False, server_default=true() if default else false())
    return Field(default=default, sa_column=column)


def word(default: str, length: int) -> Any:
    """VARCHAR with a default the database knows too."""
    quoted = default.replace("'", "''")
    column = Column(String(length), nullable=False, server_default=text(f"'{quoted}'"))
    return Field(default=default, sa_column=column)


def prose() -> Any:
    """TEXT that is empty by default."""
    return Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
