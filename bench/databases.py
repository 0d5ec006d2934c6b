"""Empty databases of the product's schema, copied from a migrated template."""

from __future__ import annotations

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from nexnum_console.stack.layout import Layout
from nexnum_console.stack.migrate import migrate
from nexnum_console.stack.postgres import APP, grant_app, libpq_url

TEMPLATE = "nexnum_template"


def make_template(owner_url: str, app_url: str) -> None:
    """Create and migrate TEMPLATE on the server; the app's role gets its rights."""
    create(owner_url, TEMPLATE, "template1")
    url = with_name(owner_url, TEMPLATE)
    if app_url != owner_url:
        grant_app(url, APP)
    migrate(Layout.of(), url)


def create(owner_url: str, name: str, template: str) -> None:
    """A database copied from ``template``; one of that name is replaced."""
    with psycopg.connect(libpq_url(owner_url), autocommit=True) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )


def drop(owner_url: str, name: str) -> None:
    """Remove a database."""
    with psycopg.connect(libpq_url(owner_url), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def with_name(url: str, name: str) -> str:
    """The URL of another database on the same server."""
    return make_url(url).set(database=name).render_as_string(hide_password=False)
