"""the provider's side of an activation

Revision: 0002, after 0001
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "activation",
        sa.Column(
            "upstream", sa.String(length=16), server_default=sa.text("'none'"), nullable=False
        ),
    )
    op.add_column("activation", sa.Column("close_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "activation",
        sa.Column("close_tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.create_check_constraint(
        "activation_upstream",
        "activation",
        "upstream in ('none','open','closing','refunded','kept','lost')",
    )
    op.create_index(
        "activation_closing",
        "activation",
        ["account_id", "close_at"],
        unique=False,
        postgresql_where=sa.text("upstream = 'closing'"),
    )
    op.add_column("lane", sa.Column("queued_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("lane", sa.Column("listed_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_column("lane", "next_at")
    op.add_column("provider_account", sa.Column("activation_seconds", sa.Integer(), nullable=True))
    op.add_column("provider_account", sa.Column("cancel_lock_seconds", sa.Integer(), nullable=True))
    op.add_column("provider_account", sa.Column("poll_seconds", sa.Float(), nullable=True))


def downgrade() -> None:
    op.drop_column("provider_account", "poll_seconds")
    op.drop_column("provider_account", "cancel_lock_seconds")
    op.drop_column("provider_account", "activation_seconds")
    op.add_column(
        "lane",
        sa.Column(
            "next_at", postgresql.TIMESTAMP(timezone=True), autoincrement=False, nullable=True
        ),
    )
    op.drop_column("lane", "listed_at")
    op.drop_column("lane", "queued_until")
    op.drop_index(
        "activation_closing",
        table_name="activation",
        postgresql_where=sa.text("upstream = 'closing'"),
    )
    op.drop_column("activation", "close_tries")
    op.drop_column("activation", "close_at")
    op.drop_column("activation", "upstream")
