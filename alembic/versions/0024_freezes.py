"""Every cause that stops a wallet is a row of its own; wallets that stand still keep theirs.

Revision: 0024_freezes, after 0023_asked_to_pay_back
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0024_freezes"
down_revision = "0023_asked_to_pay_back"
branch_labels = None
depends_on = None

# A broken promise keeps the name that the next check gives it, so that it is not told twice.
_KEPT = """
insert into wallet_freeze (wallet_id, cause, reason, frozen_at, frozen_by)
select id, case when frozen_reason ~ '^I[0-9]+ does not hold'
    then 'break' || chr(58) || substring(frozen_reason from '^I[0-9]+')
    else left(frozen_reason, 200) end, left(frozen_reason, 600), now(), 'system'
from wallet where frozen_reason is not null
"""
# Disputes that came while something else stopped the wallet left no trace on it.
_HIDDEN = """
insert into wallet_freeze (wallet_id, cause, reason, frozen_at, frozen_by)
select w.id, t.reason, t.reason, now(), 'system'
from deposit_intent i join wallet w on w.id = i.wallet_id
cross join lateral
  (select 'deposit ' || i.id || ' is disputed at ' || i.gateway as reason) t
where i.state = 'disputed' and w.frozen_reason is not null and w.frozen_reason <> t.reason
"""
_TOLD = """
update wallet w set frozen_reason = f.reasons from (
  select wallet_id, string_agg(reason, '; ' order by id) as reasons from wallet_freeze
  group by wallet_id) f
where f.wallet_id = w.id
"""


def upgrade() -> None:
    op.create_table(
        "wallet_freeze",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("wallet_id", sa.BigInteger(), nullable=False),
        sa.Column("cause", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=600), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("frozen_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("(closed_at is null) = (closed_by is null)", name="freeze_closed_by"),
        sa.ForeignKeyConstraint(["wallet_id"], ["wallet.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_wallet_freeze_wallet_id", "wallet_freeze", ["wallet_id"])
    op.create_index(
        "wallet_freeze_open",
        "wallet_freeze",
        ["cause", "wallet_id"],
        unique=True,
        postgresql_where=sa.text("closed_at is null"),
    )
    for statement in (_KEPT, _HIDDEN, _TOLD):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("wallet_freeze")
