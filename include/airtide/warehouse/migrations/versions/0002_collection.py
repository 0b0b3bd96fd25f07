"""What complete collection needs: sweeps that say what they left out, ends without a word, counts, quotas, pacing."""

from __future__ import annotations

from pathlib import Path

from airtide.warehouse.migrations.files import run_file

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_STATEMENTS = Path(__file__).with_name(revision)
_ORDER = ("sweeps", "ends", "quota_spend", "candidates")


def upgrade() -> None:
    """Run the statements of the folder that has the revision's name."""
    for name in _ORDER:
        run_file(_STATEMENTS / f"{name}.sql")
