"""Requests are found by age and while open, and a refused call of the admin API leaves none.

Revision: 0022_requests_and_top_ups, after 0021_suspense_request
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022_requests_and_top_ups"
down_revision = "0021_suspense_request"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "idempotency_open",
        "idempotency_key",
        ["locked_until"],
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("idempotency_age", "idempotency_key", ["created_at"])
    # Only refused or broken-off calls of the admin API left such rows, and those had moved nothing
    # or have a record of their own.
    op.execute(
        "delete from idempotency_key where state = 'open' and ref = '' and locked_until < now()"
    )


def downgrade() -> None:
    op.drop_index("idempotency_age", "idempotency_key")
    op.drop_index("idempotency_open", "idempotency_key")
