"""When the last listing that counted for an unsettled purchase was over: the next one that counts
was asked for after it.

Revision: 0025_listing_in_a_row, after 0024_freezes
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025_listing_in_a_row"
down_revision = "0024_freezes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attempt", sa.Column("empty_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("attempt", "empty_at")
