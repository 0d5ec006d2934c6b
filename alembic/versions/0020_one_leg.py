"""A journal has one leg on an account, and its legs lie in the order in which its hash tells them.

Revision: 0020_one_leg, after 0019_second_person
"""

from __future__ import annotations

from alembic import op

revision = "0020_one_leg"
down_revision = "0019_second_person"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("entry_journal", "entry")
    op.create_index("entry_journal", "entry", ["journal_id", "account_id"], unique=True)


def downgrade() -> None:
    op.drop_index("entry_journal", "entry")
    op.create_index("entry_journal", "entry", ["journal_id"])
