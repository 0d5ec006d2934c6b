"""An account's lines in their order, and its purchases that failed of late.

Revision: 0017_indexes, after 0016_proved
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017_indexes"
down_revision = "0016_proved"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("entry_account", "entry")
    op.create_index("entry_account", "entry", ["account_id", "id"])
    op.create_index(
        "attempt_failed",
        "attempt",
        ["account_id", "sent_at"],
        postgresql_where=sa.text("state <> 'acquired'"),
    )


def downgrade() -> None:
    op.drop_index("attempt_failed", "attempt")
    op.drop_index("entry_account", "entry")
    op.create_index("entry_account", "entry", ["account_id"])
