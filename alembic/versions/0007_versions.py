"""Versions of provider configs, fixtures, and the newest exchanges.

Revision: 0007_versions, after 0006_favourites
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007_versions"
down_revision = "0006_favourites"
branch_labels = None
depends_on = None

_NOW = sa.text("now()")
_NOUGHT = sa.text("0")


def upgrade() -> None:
    op.create_table(
        "provider_config_version",
        _id(),
        _provider(),
        sa.Column("number", sa.Integer(), server_default=_NOUGHT, nullable=False),
        sa.Column("config", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("author", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("base_number", sa.Integer(), server_default=_NOUGHT, nullable=False),
        _moment("created_at"),
        _moment("changed_at"),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("canary_percent", sa.Integer(), server_default=_NOUGHT, nullable=False),
        sa.Column("canary_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('draft','published','archived')", name="version_state"),
        sa.CheckConstraint(
            "canary_percent between 0 and 50 and (canary_percent = 0 or state = 'draft')",
            name="version_canary",
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("provider_id", "number"),
    )
    for state in ("published", "draft"):
        op.create_index(
            f"provider_config_version_{state}",
            "provider_config_version",
            ["provider_id"],
            unique=True,
            postgresql_where=sa.text(f"state = '{state}'"),
        )
    op.execute(
        "insert into provider_config_version (provider_id, number, config, state, author, reason,"
        " published_at) select id, 1, config, 'published', 'system',"
        " 'What it ran with when versions began', now() from provider"
    )
    op.create_table(
        "provider_fixture",
        _id(),
        _provider(),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("operation", sa.String(length=32), nullable=False),
        sa.Column("recording", sa.JSON(), nullable=False),
        sa.Column("author", sa.String(length=120), nullable=False),
        _moment("created_at"),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("provider_id", "name"),
    )
    op.create_table(
        "provider_exchange",
        _id(),
        _provider(),
        sa.Column("version", sa.Integer(), server_default=_NOUGHT, nullable=False),
        sa.Column("operation", sa.String(length=32), nullable=False),
        sa.Column("variables", postgresql.JSONB(), nullable=False),
        sa.Column("request", postgresql.JSONB(), nullable=False),
        sa.Column("status", sa.Integer(), server_default=_NOUGHT, nullable=False),
        sa.Column("headers", postgresql.JSONB(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("millis", sa.Integer(), server_default=_NOUGHT, nullable=False),
        _moment("at"),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("provider_exchange_newest", "provider_exchange", ["provider_id", "id"])
    op.create_table(
        "provider_call",
        _id(),
        _provider(),
        sa.Column("version", sa.Integer(), server_default=_NOUGHT, nullable=False),
        sa.Column("operation", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        _moment("at"),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("provider_call_newest", "provider_call", ["provider_id", "version", "id"])


def downgrade() -> None:
    for table in (
        "provider_call",
        "provider_exchange",
        "provider_fixture",
        "provider_config_version",
    ):
        op.drop_table(table)


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _provider() -> sa.Column[Any]:
    return sa.Column("provider_id", sa.BigInteger(), nullable=False)


def _moment(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=_NOW, nullable=False)
