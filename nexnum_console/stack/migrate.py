"""Bringing a database to the newest schema, with the owner's rights."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from nexnum_console.core.db import driver_url
from nexnum_console.stack.layout import Layout


def migrate(layout: Layout, owner_url: str) -> None:
    """Run every migration that this database has not seen."""
    config = _config(layout, owner_url)
    if config is not None:
        command.upgrade(config, "head")


def pending(layout: Layout, owner_url: str) -> tuple[str | None, str | None]:
    """The database's revision and the newest one of the code; equal when nothing is due."""
    config = _config(layout, owner_url)
    if config is None:
        return None, None
    engine = create_engine(driver_url(owner_url))
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    return current, ScriptDirectory.from_config(config).get_current_head()


def _config(layout: Layout, owner_url: str) -> Config | None:
    path = layout.root / "alembic.ini"
    if not path.exists():
        return None
    config = Config(str(path))
    config.attributes["url"] = owner_url
    return config
