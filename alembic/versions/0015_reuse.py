"""A number that is wanted again: which order had it, and which number was asked for.

Revision: 0015_reuse, after 0014_rule_until
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015_reuse"
down_revision = "0014_rule_until"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attempt", sa.Column("phone", sa.String(length=20), nullable=True))
    op.add_column("activation", sa.Column("reuse_of", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        "activation_reuse_of_fkey",
        "activation",
        "activation",
        ["reuse_of"],
        ["id"],
        ondelete="RESTRICT",
    )


def downgrade() -> None:
    op.drop_column("activation", "reuse_of")
    op.drop_column("attempt", "phone")
