"""When the newest number was sold that got its code: what failed before it tells of no outage.

Revision: 0016_proved, after 0015_reuse
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016_proved"
down_revision = "0015_reuse"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("performance", sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("performance", "proved_at")
