"""Runs migrations on the connection that `warehouse.setup.migrate` hands in."""

from __future__ import annotations

from alembic import context

VERSION_TABLE = "airtide_version"

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
with context.begin_transaction():
    context.run_migrations()
