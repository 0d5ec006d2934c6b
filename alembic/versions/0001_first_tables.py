"""first tables

Revision: 0001, after None
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# Append-only: a correction is another journal, never an edit.
REFUSE = """
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: % refused; book a correcting journal instead',
    tg_table_name, tg_op using errcode = 'integrity_constraint_violation';
end $$
"""
APPEND_ONLY = ("journal", "entry", "activation_event")


def upgrade() -> None:
    op.create_table(
        "app_user",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(length=254), nullable=False),
        sa.Column("password_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("role", sa.String(length=16), server_default=sa.text("'user'"), nullable=False),
        sa.Column(
            "status", sa.String(length=16), server_default=sa.text("'active'"), nullable=False
        ),
        sa.Column("session_epoch", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("is_demo", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("role in ('user','support','admin')", name="app_user_role"),
        sa.CheckConstraint("status in ('active','banned')", name="app_user_status"),
        sa.CheckConstraint("email = lower(email)", name="app_user_email_lower"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email"),
    )
    op.create_table(
        "country",
        sa.Column("iso2", sqlmodel.sql.sqltypes.AutoString(length=2), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("dial", sa.String(length=8), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("iso2"),
    )
    op.create_table(
        "currency_rate",
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        sa.Column("rate", sa.Numeric(precision=24, scale=12), nullable=False),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("rate > 0", name="currency_rate_positive"),
        sa.PrimaryKeyConstraint("currency"),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("principal", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=128), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("ref", sa.String(length=120), server_default=sa.text("''"), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("principal", "key"),
    )
    op.create_table(
        "job_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=48), nullable=False),
        sa.Column("subject", sa.String(length=120), server_default=sa.text("''"), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("done", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("step", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column(
            "started_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "beat_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("job_run_subject", "job_run", ["kind", "subject", "id"], unique=False)
    op.create_table(
        "provider",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("config", sa.JSON(), nullable=False),
        sa.Column("base_url", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=True),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        sa.Column("margin", sa.Numeric(precision=8, scale=4), nullable=False),
        sa.Column("priority", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("margin >= 1", name="provider_margin_sells_at_no_loss"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "runtime_setting",
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "service",
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.Column("popularity", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "offer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("service", sa.String(length=64), nullable=False),
        sa.Column(
            "operator", sa.String(length=64), server_default=sa.text("'any'"), nullable=False
        ),
        sa.Column("external_country", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("external_service", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("cost_micro", sa.BigInteger(), nullable=False),
        sa.Column("price_micro", sa.BigInteger(), nullable=False),
        sa.Column("stock", sa.BigInteger(), nullable=True),
        sa.Column("available", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("sync_no", sa.BigInteger(), nullable=False),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("cost_micro > 0 and price_micro > 0", name="offer_positive"),
        sa.ForeignKeyConstraint(
            ["country"],
            ["country.iso2"],
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["service"],
            ["service.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("provider_id", "country", "service", "operator"),
    )
    op.create_index("offer_find", "offer", ["service", "country", "price_micro"], unique=False)
    op.create_table(
        "one_time_link",
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("token_digest"),
    )
    op.create_table(
        "provider_account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(length=64), server_default=sa.text("'main'"), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("secret_host", sqlmodel.sql.sqltypes.AutoString(length=255), nullable=True),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("exclusive", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("settle_seconds", sa.Integer(), server_default=sa.text("150"), nullable=False),
        sa.Column("activation_seconds", sa.Integer(), nullable=True),
        sa.Column("cancel_lock_seconds", sa.Integer(), nullable=True),
        sa.Column("poll_seconds", sa.Float(), nullable=True),
        sa.Column("balance_micro", sa.BigInteger(), nullable=True),
        sa.Column("balance_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("starved_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("provider_id", "label"),
    )
    op.create_index(
        op.f("ix_provider_account_provider_id"), "provider_account", ["provider_id"], unique=False
    )
    op.create_table(
        "user_session",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ip", sa.String(length=64), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "user_agent", sa.String(length=300), server_default=sa.text("''"), nullable=False
        ),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_digest"),
    )
    op.create_index(op.f("ix_user_session_user_id"), "user_session", ["user_id"], unique=False)
    op.create_table(
        "wallet",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        sa.Column("available", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("reserved", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("frozen_reason", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("available >= 0", name="wallet_available_not_negative"),
        sa.CheckConstraint("reserved >= 0", name="wallet_reserved_not_negative"),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_id"),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("wallet_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.ForeignKeyConstraint(["wallet_id"], ["wallet.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index(op.f("ix_account_wallet_id"), "account", ["wallet_id"], unique=False)
    op.create_table(
        "activation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("wallet_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("service", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("country", sqlmodel.sql.sqltypes.AutoString(length=2), nullable=False),
        sa.Column(
            "operator", sa.String(length=64), server_default=sa.text("'any'"), nullable=False
        ),
        sa.Column("price_cap", sa.BigInteger(), nullable=False),
        sa.Column("charged", sa.BigInteger(), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("upstream_id", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=True),
        sa.Column("phone", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
        sa.Column("cost_micro", sa.BigInteger(), nullable=True),
        sa.Column("cost_currency", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=True),
        sa.Column("cost_rate", sa.Numeric(precision=24, scale=12), nullable=True),
        sa.Column("sms_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("acquired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("status_failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "upstream", sa.String(length=16), server_default=sa.text("'none'"), nullable=False
        ),
        sa.Column("close_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("close_tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("request_id", sa.String(length=32), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "state in ('buying', 'confirming', 'waiting', 'received', 'cancelling', 'failed', 'cancelled', 'expired', 'finished')",
            name="activation_state",
        ),
        sa.CheckConstraint(
            "upstream in ('none', 'open', 'closing', 'refunded', 'kept', 'lost')",
            name="activation_upstream",
        ),
        sa.CheckConstraint("charged is null or charged <= price_cap", name="activation_cap"),
        sa.ForeignKeyConstraint(["account_id"], ["provider_account.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["wallet_id"], ["wallet.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "upstream_id", name="activation_number_sold_once"),
    )
    op.create_index(
        "activation_closing",
        "activation",
        ["account_id", "close_at"],
        unique=False,
        postgresql_where=sa.text("upstream = 'closing'"),
    )
    op.create_index(
        "activation_due",
        "activation",
        ["account_id", "next_at"],
        unique=False,
        postgresql_where=sa.text("state in ('waiting','received','cancelling')"),
    )
    op.create_index(
        "activation_unsettled",
        "activation",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("state in ('buying','confirming')"),
    )
    op.create_index("activation_user", "activation", ["user_id", "id"], unique=False)
    op.create_table(
        "deposit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("wallet_id", sa.BigInteger(), nullable=False),
        sa.Column("gateway", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("gateway_ref", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column(
            "state", sa.String(length=16), server_default=sa.text("'booked'"), nullable=False
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("amount > 0", name="deposit_positive"),
        sa.ForeignKeyConstraint(["wallet_id"], ["wallet.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("deposit_gateway_ref", "deposit", ["gateway", "gateway_ref"], unique=True)
    op.create_index(op.f("ix_deposit_wallet_id"), "deposit", ["wallet_id"], unique=False)
    op.create_table(
        "hold",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("wallet_id", sa.BigInteger(), nullable=False),
        sa.Column("ref", sa.String(length=120), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("charged", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=16), server_default=sa.text("'open'"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('open','committed','released')", name="hold_state"),
        sa.CheckConstraint("amount > 0", name="hold_positive"),
        sa.CheckConstraint("charged is null or charged between 0 and amount", name="hold_charged"),
        sa.ForeignKeyConstraint(["wallet_id"], ["wallet.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ref"),
    )
    op.create_index(
        "hold_open", "hold", ["wallet_id"], unique=False, postgresql_where=sa.text("state = 'open'")
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
        sa.Column("ref", sa.String(length=120), server_default=sa.text("''"), nullable=False),
        sa.Column("actor", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        sa.Column("wallet_id", sa.BigInteger(), nullable=True),
        sa.Column("wallet_seq", sa.BigInteger(), nullable=True),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["wallet_id"], ["wallet.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("journal_ref", "journal", ["ref"], unique=False)
    op.create_index("journal_wallet_chain", "journal", ["wallet_id", "wallet_seq"], unique=True)
    op.create_table(
        "lane",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("holder", sa.String(length=64), server_default=sa.text("''"), nullable=False),
        sa.Column("fence", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("queued_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["provider_account.id"],
        ),
        sa.PrimaryKeyConstraint("account_id", "kind"),
    )
    op.create_table(
        "sighting",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("upstream_id", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("phone", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
        sa.Column("external_country", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("external_service", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("cost_micro", sa.BigInteger(), nullable=True),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("grace_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('seen','bound','orphan','cancelled','lost','gone')", name="sighting_state"
        ),
        sa.ForeignKeyConstraint(["account_id"], ["provider_account.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "upstream_id"),
    )
    op.create_table(
        "activation_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("activation_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["activation_id"], ["activation.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        op.f("ix_activation_event_activation_id"),
        "activation_event",
        ["activation_id"],
        unique=False,
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("activation_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("external_country", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("external_service", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("operator", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("max_cost", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=24, scale=12), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settle_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("latency_ms", sa.Integer(), nullable=True),
        sa.Column("error_code", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True),
        sa.Column("error_text", sa.Text(), nullable=True),
        sa.Column("empty_listings", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint(
            "state in ('sent', 'acquired', 'declined', 'unknown', 'released')", name="attempt_state"
        ),
        sa.ForeignKeyConstraint(["account_id"], ["provider_account.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["activation_id"], ["activation.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("activation_id", "number"),
    )
    op.create_index(
        "attempt_unsettled",
        "attempt",
        ["account_id", "sent_at"],
        unique=False,
        postgresql_where=sa.text("state in ('sent','unknown')"),
    )
    op.create_table(
        "entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("journal_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("after", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount <> 0", name="entry_moves_something"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["journal_id"], ["journal.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("entry_account", "entry", ["account_id"], unique=False)
    op.create_index("entry_journal", "entry", ["journal_id"], unique=False)
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("activation_id", sa.BigInteger(), nullable=False),
        sa.Column("content_key", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("sender", sa.String(length=64), server_default=sa.text("''"), nullable=False),
        sa.Column("late", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["activation_id"], ["activation.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("activation_id", "content_key"),
    )
    op.execute(REFUSE)
    for table in APPEND_ONLY:
        op.execute(
            f"create trigger {table}_append_only before update or delete on {table} "
            "for each row execute function refuse_change()"
        )
        op.execute(
            f"create trigger {table}_no_truncate before truncate on {table} "
            "for each statement execute function refuse_change()"
        )


def downgrade() -> None:
    op.execute("drop function refuse_change() cascade")
    op.drop_table("message")
    op.drop_index("entry_journal", table_name="entry")
    op.drop_index("entry_account", table_name="entry")
    op.drop_table("entry")
    op.drop_index(
        "attempt_unsettled",
        table_name="attempt",
        postgresql_where=sa.text("state in ('sent','unknown')"),
    )
    op.drop_table("attempt")
    op.drop_index(op.f("ix_activation_event_activation_id"), table_name="activation_event")
    op.drop_table("activation_event")
    op.drop_table("sighting")
    op.drop_table("lane")
    op.drop_index("journal_wallet_chain", table_name="journal")
    op.drop_index("journal_ref", table_name="journal")
    op.drop_table("journal")
    op.drop_index("hold_open", table_name="hold", postgresql_where=sa.text("state = 'open'"))
    op.drop_table("hold")
    op.drop_index(op.f("ix_deposit_wallet_id"), table_name="deposit")
    op.drop_index("deposit_gateway_ref", table_name="deposit")
    op.drop_table("deposit")
    op.drop_index("activation_user", table_name="activation")
    op.drop_index(
        "activation_unsettled",
        table_name="activation",
        postgresql_where=sa.text("state in ('buying','confirming')"),
    )
    op.drop_index(
        "activation_due",
        table_name="activation",
        postgresql_where=sa.text("state in ('waiting','received','cancelling')"),
    )
    op.drop_index(
        "activation_closing",
        table_name="activation",
        postgresql_where=sa.text("upstream = 'closing'"),
    )
    op.drop_table("activation")
    op.drop_index(op.f("ix_account_wallet_id"), table_name="account")
    op.drop_table("account")
    op.drop_table("wallet")
    op.drop_index(op.f("ix_user_session_user_id"), table_name="user_session")
    op.drop_table("user_session")
    op.drop_index(op.f("ix_provider_account_provider_id"), table_name="provider_account")
    op.drop_table("provider_account")
    op.drop_table("one_time_link")
    op.drop_index("offer_find", table_name="offer")
    op.drop_table("offer")
    op.drop_table("service")
    op.drop_table("runtime_setting")
    op.drop_table("provider")
    op.drop_index("job_run_subject", table_name="job_run")
    op.drop_table("job_run")
    op.drop_table("idempotency_key")
    op.drop_table("currency_rate")
    op.drop_table("country")
    op.drop_table("app_user")
