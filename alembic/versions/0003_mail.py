"""Mail: the outbox, and when an address was proven.

Revision: 0003_mail, after 0002_lists
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003_mail"
down_revision = "0002_lists"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("app_user", sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "mail",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(12), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.String(length=300), server_default=sa.text("''"), nullable=False),
        *(
            sa.Column(
                name,
                sa.DateTime(timezone=True),
                server_default=sa.text("now()"),
                nullable=False,
            )
            for name in ("created_at", "next_at")
        ),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('waiting','sent','given_up')", name="mail_state"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "mail_due", "mail", ["next_at"], postgresql_where=sa.text("state = 'waiting'")
    )


def downgrade() -> None:
    op.drop_table("mail")
    op.drop_column("app_user", "verified_at")
