"""Which ticks of a platform are known whole."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg import Connection

from airtide.domain.models import Platform
from airtide.warehouse.statements import read_statement


def read_complete_ticks(
    connection: Connection[Any], *, platform: Platform, first_at: datetime, last_at: datetime
) -> list[datetime]:
    """Read the ticks from `first_at` to `last_at`, both included, that a complete sweep has landed for, in order."""
    span = {"platform": platform.value, "first_at": first_at, "last_at": last_at}
    return [sampled_at for (sampled_at,) in connection.execute(read_statement("read_complete_ticks"), span)]
