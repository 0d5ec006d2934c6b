"""Runs migrations as the owner: URL from the caller, else DATABASE_OWNER_URL."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine, pool, text
from sqlmodel import SQLModel

import nexnum_console.accounts.models
import nexnum_console.activations.models
import nexnum_console.audit.models
import nexnum_console.catalogue.models
import nexnum_console.core.models
import nexnum_console.notifications.models
import nexnum_console.providers.models
import nexnum_console.reports.models
import nexnum_console.routing.models
import nexnum_console.wallet.models
import nexnum_console.wallet.till_models  # noqa: F401  each import registers its tables
from nexnum_console.core.db import driver_url
from nexnum_console.settings import Settings


def _url() -> str:
    given = context.config.attributes.get("url")
    if given:
        return driver_url(given)
    settings = Settings()  # type: ignore[call-arg]
    return driver_url(settings.database_owner_url or settings.database_url)


def run() -> None:
    """Apply migrations in one transaction each, refusing to queue behind a long lock."""
    engine = create_engine(_url(), poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.execute(text("set lock_timeout = '4s'"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=SQLModel.metadata,
            transaction_per_migration=True,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
