"""What an audit must know of a batch whose objects have gone with their age."""

from __future__ import annotations

from pathlib import Path

from airtide.warehouse.migrations.files import run_file

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_STATEMENTS = Path(__file__).with_name(revision)


def upgrade() -> None:
    """Run the statements."""
    run_file(_STATEMENTS / "audited_batches.sql")
