"""Pictures of broadcasts."""

from __future__ import annotations

from pathlib import Path

from airtide.warehouse.migrations.files import run_file

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_STATEMENTS = Path(__file__).with_name(revision)


def upgrade() -> None:
    """Run the statements, file by file in the order of their names."""
    for file in sorted(_STATEMENTS.glob("*.sql")):
        run_file(file)
