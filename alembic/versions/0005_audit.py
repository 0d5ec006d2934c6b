"""The audit log.

Revision: 0005_audit, after 0004_finder
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005_audit"
down_revision = "0004_finder"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=120), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("after", postgresql.JSONB(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("request_id", sa.String(32), server_default=sa.text("''"), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("audit_entry_target", "audit_entry", ["target", "id"])
    op.create_index("audit_entry_actor", "audit_entry", ["actor", "id"])
    op.execute(
        "create trigger audit_entry_append_only before update or delete on audit_entry"
        " for each row execute function refuse_change()"
    )
    op.execute(
        "create trigger audit_entry_no_truncate before truncate on audit_entry"
        " for each statement execute function refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("audit_entry")
