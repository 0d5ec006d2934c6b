"""What providers call countries and services, what we take it for, and what staff said instead.

Revision: 0010_provider_terms, after 0009_inbound
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010_provider_terms"
down_revision = "0009_inbound"
branch_labels = None
depends_on = None

# What is for sale now was matched by the last sync; the next one adds what was not matched.
_KNOWN = """
insert into provider_term (provider_id, kind, theirs, ours)
select distinct on (provider_id, theirs) provider_id, '{kind}', theirs, ours
from (select provider_id, external_{kind} as theirs, {kind} as ours, available from offer) o
where theirs <> '' order by provider_id, theirs, available desc
"""


def upgrade() -> None:
    op.create_table(
        "provider_term",
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("theirs", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=160), server_default="", nullable=False),
        sa.Column("ours", sa.String(length=64), server_default="", nullable=False),
        sa.Column("by_hand", sa.String(length=64), server_default="", nullable=False),
        sa.Column("author", sa.String(length=64), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('country', 'service')", name="provider_term_kind_known"),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("provider_id", "kind", "theirs"),
    )
    for kind in ("country", "service"):
        op.execute(_KNOWN.format(kind=kind))


def downgrade() -> None:
    op.drop_table("provider_term")
