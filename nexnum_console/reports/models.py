"""Tables of lists: views that people keep, files that jobs write for them, favourites."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

from nexnum_console.core.columns import flag, identity, moment, reference, whole, word


class SavedView(SQLModel, table=True):
    """A named state of a list; ``query`` is its URL's query. Shared ones all staff see."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("user_id", "listing", "name"),)
    id: int = identity()
    user_id: int = reference("app_user.id")
    listing: str = Field(max_length=48)
    name: str = Field(max_length=40)
    query: str = word("", 2000)
    shared: bool = flag(default=False)
    created_at: datetime = moment(default_now=True)


class Favourite(SQLModel, table=True):
    """A service in a country that a buyer wants at hand."""

    __tablename__ = "favourite"
    user_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("app_user.id", ondelete="RESTRICT"), primary_key=True
        )
    )
    service: str = Field(sa_column=Column(String(64), ForeignKey("service.code"), primary_key=True))
    country: str = Field(sa_column=Column(String(2), ForeignKey("country.iso2"), primary_key=True))
    created_at: datetime = moment(default_now=True)


class ExportFile(SQLModel, table=True):
    """A list as a file; ``content`` is gzipped CSV, there once ``state`` is done."""

    __tablename__ = "export_file"
    __table_args__ = (
        CheckConstraint("state in ('waiting','running','done','failed')", name="export_file_state"),
        CheckConstraint("(state = 'done') = (content is not null)", name="export_file_content"),
        Index("export_file_mine", "user_id", "listing", "id"),
    )
    id: int = identity()
    user_id: int = reference("app_user.id")
    listing: str = Field(max_length=48)
    query: str = word("", 2000)
    state: str = word("waiting", 8)
    done: int = whole()
    total: int = whole()
    error: str = word("", 300)
    content: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    created_at: datetime = moment(default_now=True)
    expires_at: datetime = moment()
