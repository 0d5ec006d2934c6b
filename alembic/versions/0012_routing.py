"""How providers have done, what an admin decided, quotes, and why each purchase asked whom.

Revision: 0012_routing, after 0011_money
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012_routing"
down_revision = "0011_money"
branch_labels = None
depends_on = None

_EMPTY = ""


def upgrade() -> None:
    _performance()
    op.create_table(
        "routing_rule",
        *_scope("service", "country"),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=240), server_default=_EMPTY, nullable=False),
        sa.Column("actor", sa.String(length=64), server_default=_EMPTY, nullable=False),
        _moment("at", server_default=sa.text("now()")),
        sa.CheckConstraint("kind in ('pin', 'ban')", name="routing_rule_kind"),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("provider_id", "service", "country"),
    )
    _quote()
    _decision()


def _performance() -> None:
    counts = ("bought", "refused", "no_stock", "delivered", "undelivered", "working")
    op.create_table(
        "performance",
        *_scope("service", "country", "operator"),
        _moment("at"),
        *(sa.Column(name, sa.Double(), nullable=False) for name in counts),
        sa.Column("outcomes", sa.BigInteger(), nullable=False),
        sa.Column("arrivals", sa.ARRAY(sa.Double()), nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("provider_id", "service", "country", "operator"),
    )


def _quote() -> None:
    op.create_table(
        "quote",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("service", sa.String(length=64), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("operator", sa.String(length=64), nullable=False),
        sa.Column("strategy", sa.String(length=16), nullable=False),
        sa.Column("price_cap", sa.BigInteger(), nullable=False),
        sa.Column("offers", postgresql.JSONB(), nullable=False),
        sa.Column("plan", postgresql.JSONB(), nullable=False),
        _moment("created_at"),
        _moment("expires_at"),
        sa.Column("activation_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["activation_id"], ["activation.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("quote_expires", "quote", ["expires_at"])


def _decision() -> None:
    op.create_table(
        "decision",
        sa.Column("activation_id", sa.BigInteger(), autoincrement=False, nullable=False),
        _moment("at"),
        sa.Column("strategy", sa.String(length=16), nullable=False),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.Column("policy_version", sa.String(length=12), nullable=False),
        sa.Column("policy", postgresql.JSONB(), nullable=False),
        sa.Column("considered", postgresql.JSONB(), nullable=False),
        sa.Column("learned", sa.Integer(), server_default=sa.text("0"), nullable=False),
        _moment("look_at"),
        sa.ForeignKeyConstraint(["activation_id"], ["activation.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("activation_id"),
    )
    op.create_index(
        "decision_open", "decision", ["look_at"], postgresql_where=sa.text("learned < 2")
    )
    op.create_index("decision_at", "decision", ["at"])


def downgrade() -> None:
    for table in ("decision", "quote", "routing_rule", "performance"):
        op.drop_table(table)


def _scope(*words: str) -> list[sa.Column[Any]]:
    lengths = {"service": 64, "country": 2, "operator": 64}
    return [
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        *(sa.Column(word, sa.String(length=lengths[word]), nullable=False) for word in words),
    ]


def _moment(name: str, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, **more)
