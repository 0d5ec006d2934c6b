"""provider configs keep the order of their rules

Revision: 0003, after 0002
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table provider alter column config type json using config::json")


def downgrade() -> None:
    op.execute("alter table provider alter column config type jsonb using config::jsonb")
