"""A pin or a ban of a provider may end by itself.

Revision: 0014_rule_until, after 0013_outbox
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014_rule_until"
down_revision = "0013_outbox"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("routing_rule", sa.Column("until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("routing_rule", "until")
