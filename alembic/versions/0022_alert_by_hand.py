"""Whether staff settled an alert, or the matter was over by itself.

Revision: 0022_alert_by_hand, after 0021_suspense_request
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022_alert_by_hand"
down_revision = "0021_suspense_request"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "alert", sa.Column("by_hand", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    # Each settling by staff was audited.
    op.execute(
        "update alert set by_hand = true where exists (select from audit_entry e"
        " where e.action = 'alert.settle' and e.target = 'alert:' || alert.id)"
    )


def downgrade() -> None:
    op.drop_column("alert", "by_hand")
