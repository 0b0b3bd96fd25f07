"""Marks of counts that look wrong: kept by hour, summed up on the rows of broadcasts by day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import LiteralString

import psycopg

from airtide.domain.flags import GLITCH_COUNT, STUCK_MIN_SAMPLES, STUCK_MIN_VIEWERS
from airtide.domain.marks import FLAT_PARTS, FULL_HOUR_MS, JUMP_FACTOR, JUMP_MIN_VIEWERS
from airtide.warehouse.rollups.tables import RollupTable, replace_rows
from airtide.warehouse.rollups.turn import joining_many
from airtide.warehouse.statements import read_statement

_OF_HOURS: LiteralString = "kept.platform = %(platform)s::live.platform AND kept.hour = ANY(%(hours)s::TIMESTAMPTZ[])"

BROADCAST_HOUR_MARK = RollupTable(
    name="broadcast_hour_mark",
    key=("platform", "hour", "broadcast_key"),
    numbers=("stuck_hours", "flat_hours", "glitches", "step_jumps"),
    statement="compute_hour_marks",
    scope=_OF_HOURS,
)
_RULES = {
    "glitch_count": GLITCH_COUNT,
    "min_viewers": STUCK_MIN_VIEWERS,
    "min_samples": STUCK_MIN_SAMPLES,
    "full_hour_s": FULL_HOUR_MS // 1_000,
    "flat_parts": FLAT_PARTS,
    "jump_factor": JUMP_FACTOR,
    "jump_min_viewers": JUMP_MIN_VIEWERS,
}


def replace_hour_marks(connection: psycopg.Connection, platform: str, hours: Sequence[datetime], now: datetime) -> int:
    """Compute the marks of hours anew, from their samples and the states of the hours before them."""
    return replace_rows(
        connection, BROADCAST_HOUR_MARK, {"platform": platform, "hours": list(hours), **_RULES}, now=now
    )


def write_broadcast_marks(connection: psycopg.Connection, of_day: Mapping[str, object], *, now: datetime) -> int:
    """Sum up the marks of a day's hours on its broadcasts, and return how many rows of theirs changed.

    `of_day` are the parameters that the day's rows are replaced by, which must be done before.
    """
    with joining_many(connection):
        written = connection.execute(read_statement("write_broadcast_marks"), {**of_day, "now": now}, prepare=False)
    return written.rowcount
