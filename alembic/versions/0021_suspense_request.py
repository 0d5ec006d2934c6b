"""Money from suspense above the limit waits for a second person before it is anybody's, and is
nobody's while a gateway pays it back.

Revision: 0021_suspense_request, after 0020_one_leg
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021_suspense_request"
down_revision = "0020_one_leg"
branch_labels = None
depends_on = None

_TABLE = "adjustment_request"
_CHECKS = {
    "adjustment_one_source": "intent_id is null or suspense_id is null",
    "adjustment_credit": "credit is null or (suspense_id is not null and credit = amount)",
}


def upgrade() -> None:
    op.add_column(_TABLE, sa.Column("suspense_id", sa.BigInteger(), nullable=True))
    op.add_column(_TABLE, sa.Column("credit", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        "adjustment_request_suspense_id_fkey",
        _TABLE,
        "suspense",
        ["suspense_id"],
        ["id"],
        ondelete="RESTRICT",
    )
    op.create_index(
        "adjustment_of_suspense",
        _TABLE,
        ["suspense_id"],
        unique=True,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.add_column("suspense", sa.Column("returning_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("suspense", sa.Column("returning_by", sa.String(120), nullable=True))
    for name, holds in _CHECKS.items():
        op.create_check_constraint(name, _TABLE, holds)


def downgrade() -> None:
    for name in _CHECKS:
        op.drop_constraint(name, _TABLE, type_="check")
    op.drop_column("suspense", "returning_by")
    op.drop_column("suspense", "returning_at")
    op.drop_index("adjustment_of_suspense", _TABLE)
    op.drop_constraint("adjustment_request_suspense_id_fkey", _TABLE, type_="foreignkey")
    op.drop_column(_TABLE, "credit")
    op.drop_column(_TABLE, "suspense_id")
