"""A manual deposit above the limit waits for a second person, as a correction does.

Revision: 0019_second_person, after 0018_hot_claims
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019_second_person"
down_revision = "0018_hot_claims"
branch_labels = None
depends_on = None

_TABLE = "adjustment_request"


def upgrade() -> None:
    op.add_column(_TABLE, sa.Column("intent_id", sa.BigInteger(), nullable=True))
    op.add_column(
        _TABLE,
        sa.Column("payment", sa.String(length=120), server_default=sa.text("''"), nullable=False),
    )
    op.create_foreign_key(
        "adjustment_request_intent_id_fkey",
        _TABLE,
        "deposit_intent",
        ["intent_id"],
        ["id"],
        ondelete="RESTRICT",
    )
    op.create_index(
        "adjustment_of_intent",
        _TABLE,
        ["intent_id"],
        unique=True,
        postgresql_where=sa.text("state = 'pending'"),
    )


def downgrade() -> None:
    op.drop_index("adjustment_of_intent", _TABLE)
    op.drop_constraint("adjustment_request_intent_id_fkey", _TABLE, type_="foreignkey")
    op.drop_column(_TABLE, "payment")
    op.drop_column(_TABLE, "intent_id")
