"""A claim of a number to look at writes no index: its lease stands in none.

Revision: 0018_hot_claims, after 0017_indexes
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018_hot_claims"
down_revision = "0017_indexes"
branch_labels = None
depends_on = None

_UNSETTLED = "state in ('buying','confirming')"


def upgrade() -> None:
    op.drop_index("activation_unsettled", "activation")
    op.create_index(
        "activation_unsettled", "activation", ["id"], postgresql_where=sa.text(_UNSETTLED)
    )
    op.execute("alter table activation set (fillfactor = 80)")


def downgrade() -> None:
    op.execute("alter table activation reset (fillfactor)")
    op.drop_index("activation_unsettled", "activation")
    op.create_index(
        "activation_unsettled", "activation", ["lease_until"], postgresql_where=sa.text(_UNSETTLED)
    )
