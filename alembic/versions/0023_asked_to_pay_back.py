"""How often a gateway was asked to pay money back: a no after a lost answer says nothing. And how
many refunds of money in suspense failed later.

Revision: 0023_asked_to_pay_back, after 0022_alert_by_hand
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023_asked_to_pay_back"
down_revision = "0022_alert_by_hand"
branch_labels = None
depends_on = None

_COUNTS = (
    ("suspense", "asks"),
    ("suspense", "failed"),
    ("suspense", "undone"),
    ("deposit_refund", "asks"),
)


def upgrade() -> None:
    for table, name in _COUNTS:
        column = sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False)
        op.add_column(table, column)
    # What is under way was asked for at least once, and its answer is not known.
    op.execute("update suspense set asks = 1 where state = 'open' and returning_at is not null")
    op.execute("update deposit_refund set asks = 1 where state = 'asked'")
    # Deposits whose refunds all came to nothing were still called paid back.
    op.execute(
        "update deposit_intent i set state = 'booked' where state = 'refunded' and not exists"
        " (select from deposit_refund r where r.deposit_id = i.deposit_id and r.state <> 'refused')"
    )


def downgrade() -> None:
    for table, name in _COUNTS:
        op.drop_column(table, name)
