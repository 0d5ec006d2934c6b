"""What staff decided about circuit breakers.

Revision: 0008_breaker_force, after 0007_versions
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008_breaker_force"
down_revision = "0007_versions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "breaker_force",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=8), server_default="", nullable=False),
        sa.Column("reason", sa.String(length=240), server_default="", nullable=False),
        sa.Column("actor", sa.String(length=64), server_default="", nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("state in ('', 'open', 'closed')", name="breaker_force_state_known"),
        sa.ForeignKeyConstraint(["account_id"], ["provider_account.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("account_id"),
    )


def downgrade() -> None:
    op.drop_table("breaker_force")
