"""The outbox; letters are delivered by it and keep no state of their own.

Revision: 0013_outbox, after 0012_routing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013_outbox"
down_revision = "0012_routing"
branch_labels = None
depends_on = None

# Letters given up have lost their text; they are dropped, not dead, for no redrive could send them.
_LETTERS_IN = """
with letter as (
  insert into outbox (topic, key, payload, state, tries, error, created_at, next_at, settled_at)
  select 'mail', id::text, jsonb_build_object('mail', id),
    case state when 'waiting' then 'waiting' else 'dropped' end, tries, error, created_at, next_at,
    case state when 'waiting' then null else now() end
  from mail where state <> 'sent' order by id
  returning id, key)
update mail set outbox_id = letter.id from letter where mail.id = letter.key::bigint
"""
_LETTERS_OUT = """
update mail set state = case when mail.sent_at is not null then 'sent'
    when o.state = 'waiting' then 'waiting' else 'given_up' end,
  tries = coalesce(o.tries, 0), error = left(coalesce(o.error, ''), 300),
  next_at = coalesce(o.next_at, mail.created_at)
from mail m left join outbox o on o.id = m.outbox_id where m.id = mail.id
"""


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "message_id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False
        ),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.String(8), server_default=sa.text("'waiting'"), nullable=False),
        *(
            sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False)
            for name in ("tries", "redrives", "fence")
        ),
        sa.Column("error", sa.String(length=500), server_default=sa.text("''"), nullable=False),
        *(
            sa.Column(
                name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
            )
            for name in ("created_at", "next_at")
        ),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('waiting','done','dead','dropped')", name="outbox_state_known"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("message_id", name="outbox_message_id_key"),
    )
    op.create_index(
        "outbox_due",
        "outbox",
        ["topic", "next_at", "id"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "outbox_order",
        "outbox",
        ["topic", "key", "id"],
        postgresql_where=sa.text("state in ('waiting','dead')"),
    )
    op.create_index(
        "outbox_settled",
        "outbox",
        ["state", "settled_at"],
        postgresql_where=sa.text("settled_at is not null"),
    )
    op.add_column("mail", sa.Column("outbox_id", sa.BigInteger(), nullable=True))
    op.execute(_LETTERS_IN)
    op.drop_index("mail_due", "mail")
    op.drop_constraint("mail_state", "mail")
    for name in ("state", "tries", "error", "next_at"):
        op.drop_column("mail", name)


def downgrade() -> None:
    for column in (
        sa.Column("state", sa.String(12), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.String(length=300), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "next_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
    ):
        op.add_column("mail", column)
    op.execute(_LETTERS_OUT)
    op.create_check_constraint("mail_state", "mail", "state in ('waiting','sent','given_up')")
    op.create_index(
        "mail_due", "mail", ["next_at"], postgresql_where=sa.text("state = 'waiting'")
    )
    op.drop_column("mail", "outbox_id")
    op.drop_table("outbox")
