"""The first schema: live, policy, ingest, trends, and who may do what in them."""

from __future__ import annotations

from pathlib import Path

from airtide.warehouse.migrations.files import run_file

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_STATEMENTS = Path(__file__).with_name(revision)
_ORDER = ("live", "sample_partitions", "policy", "ingest", "trends", "privileges")
"""Each file needs those before it: every schema the type `live.platform`, the grants every table."""


def upgrade() -> None:
    """Run the statements of the folder that has the revision's name."""
    for name in _ORDER:
        run_file(_STATEMENTS / f"{name}.sql")
