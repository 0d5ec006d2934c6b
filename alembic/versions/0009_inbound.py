"""Webhook deliveries of providers, and the order ids of numbers that never came.

Revision: 0009_inbound, after 0008_breaker_force
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009_inbound"
down_revision = "0008_breaker_force"
branch_labels = None
depends_on = None

_OUTCOMES = "'checking','waiting','applied','duplicate','unconfirmed','unknown','ignored','refused'"
_OPEN = "outcome in ('checking','waiting')"


def upgrade() -> None:
    op.create_table(
        "inbound_delivery",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        _word("sender", 64),
        sa.Column("event_key", sa.String(length=240), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), server_default=sa.text("1"), nullable=False),
        _word("verified", 64),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        _word("reason", 240),
        sa.Column("activation_id", sa.BigInteger(), nullable=True),
        sa.Column("upstream_id", sa.String(length=120), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("event", postgresql.JSONB(), nullable=True),
        sa.Column("body", sa.Text(), server_default="", nullable=False),
        sa.Column("checks", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(f"outcome in ({_OUTCOMES})", name="inbound_delivery_outcome"),
        sa.ForeignKeyConstraint(["account_id"], ["provider_account.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["activation_id"], ["activation.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "account_id", "sender", "event_key", name="inbound_delivery_taken_once"
        ),
    )
    op.create_index("inbound_delivery_newest", "inbound_delivery", ["account_id", "id"])
    op.create_index("inbound_delivery_received", "inbound_delivery", ["received_at"])
    op.create_index(
        "inbound_delivery_open",
        "inbound_delivery",
        ["account_id", "next_at"],
        postgresql_where=sa.text(_OPEN),
    )
    op.create_index(
        "inbound_delivery_activation",
        "inbound_delivery",
        ["activation_id"],
        postgresql_where=sa.text("activation_id is not null"),
    )
    op.add_column(
        "attempt", sa.Column("provider_order_id", sa.String(length=120), nullable=True)
    )
    op.create_index(
        "attempt_provider_order",
        "attempt",
        ["provider_order_id"],
        postgresql_where=sa.text("provider_order_id is not null"),
    )


def downgrade() -> None:
    op.drop_index("attempt_provider_order", "attempt")
    op.drop_column("attempt", "provider_order_id")
    op.drop_table("inbound_delivery")


def _word(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), server_default="", nullable=False)
