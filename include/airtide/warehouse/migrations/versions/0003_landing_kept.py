"""What keeps landing whole over months: compaction, retention."""

from __future__ import annotations

from pathlib import Path

from airtide.warehouse.migrations.files import run_file

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_STATEMENTS = Path(__file__).with_name(revision)


def upgrade() -> None:
    """Run the statements of the folder that has the revision's name; none of its files needs another."""
    for file in sorted(_STATEMENTS.glob("*.sql")):
        run_file(file)
