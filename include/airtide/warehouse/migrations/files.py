"""Runs a migration's statements."""

from __future__ import annotations

from pathlib import Path

import psycopg
from alembic import op


def run_file(path: Path) -> None:
    """Send the statements of `path` as one text, in the transaction of the migration.

    By the driver itself: SQLAlchemy would read every % in them as a parameter.
    """
    connection: psycopg.Connection = op.get_bind().connection.driver_connection  # type: ignore[assignment]
    connection.execute(path.read_text(encoding="utf-8"))
