"""The first schema."""

from __future__ import annotations

from pathlib import Path

from airtide.warehouse.migrations.files import run_file

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the statements of the file beside this one."""
    run_file(Path(__file__).with_suffix(".sql"))
