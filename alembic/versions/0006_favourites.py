"""Favourites of buyers.

Revision: 0006_favourites, after 0005_audit
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006_favourites"
down_revision = "0005_audit"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "favourite",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("service", sa.String(length=64), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["service"], ["service.code"]),
        sa.ForeignKeyConstraint(["country"], ["country.iso2"]),
        sa.PrimaryKeyConstraint("user_id", "service", "country"),
    )


def downgrade() -> None:
    op.drop_table("favourite")
