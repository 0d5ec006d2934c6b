"""Requests are found by age and while they have no work, and a refused call of the admin API
leaves none.
What was sent to a provider is known by account, in the account's own currency.

Revision: 0026_requests_and_top_ups, after 0025_listing_in_a_row
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026_requests_and_top_ups"
down_revision = "0025_listing_in_a_row"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "idempotency_workless",
        "idempotency_key",
        ["locked_until"],
        postgresql_where=sa.text("ref = ''"),
    )
    op.create_index("idempotency_age", "idempotency_key", ["created_at"])
    # Only refused or broken-off calls of the admin API left such rows, and those had moved nothing
    # or have a record of their own.
    op.execute(
        "delete from idempotency_key where state = 'open' and ref = '' and locked_until < now()"
    )
    op.create_table(
        "float_top_up",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("journal_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_micro", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.CheckConstraint("amount_micro > 0", name="float_top_up_positive"),
        sa.ForeignKeyConstraint(["account_id"], ["provider_account.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["journal_id"], ["journal.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("float_top_up_account", "float_top_up", ["account_id", "at"])
    op.create_index("float_top_up_once", "float_top_up", ["journal_id"], unique=True)


def downgrade() -> None:
    op.drop_table("float_top_up")
    op.drop_index("idempotency_age", "idempotency_key")
    op.drop_index("idempotency_workless", "idempotency_key")
