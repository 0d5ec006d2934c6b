"""Lists: saved views and exported files.

Revision: 0002_lists, after 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_lists"
down_revision = "0001"
branch_labels = None
depends_on = None


def _common() -> list[sa.Column]:
    return [
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("listing", sa.String(length=48), nullable=False),
        sa.Column("query", sa.String(length=2000), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
    ]


def upgrade() -> None:
    op.create_table(
        "saved_view",
        *_common(),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("shared", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_id", "listing", "name"),
    )
    op.create_table(
        "export_file",
        *_common(),
        sa.Column("state", sa.String(8), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("done", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("total", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.String(length=300), server_default=sa.text("''"), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state in ('waiting','running','done','failed')", name="export_file_state"
        ),
        sa.CheckConstraint("(state = 'done') = (content is not null)", name="export_file_content"),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("export_file_mine", "export_file", ["user_id", "listing", "id"])


def downgrade() -> None:
    op.drop_table("export_file")
    op.drop_table("saved_view")
