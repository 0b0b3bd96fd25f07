"""What a batch tells of its broadcasts: their bounds, and which of their counts look wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import psycopg

from airtide.domain.flags import GLITCH_COUNT, STUCK_MIN_MS, STUCK_MIN_SAMPLES, STUCK_MIN_VIEWERS
from airtide.domain.landed import BroadcastColumns, FlagRow
from airtide.domain.models import Platform
from airtide.warehouse.copying import copy_rows, instants, integers
from airtide.warehouse.statements import read_statement


def stage_broadcasts(connection: psycopg.Connection, broadcasts: BroadcastColumns) -> None:
    """Stage what the batch tells of its broadcasts, beside what is known of them before it is written."""
    connection.execute(read_statement("stage_broadcasts"))
    columns = [
        integers(broadcasts.broadcast_key, bytes_each=8),
        integers(broadcasts.channel_key, bytes_each=8),
        instants(broadcasts.started_at_ms),
        instants(broadcasts.ended_at_ms),
        instants(broadcasts.first_sampled_at_ms),
        instants(broadcasts.last_sampled_at_ms),
        integers(broadcasts.first_run.viewers, bytes_each=4),
        instants(broadcasts.first_run.until_ms),
        integers(broadcasts.first_run.samples, bytes_each=4),
        integers(broadcasts.last_run.viewers, bytes_each=4),
        instants(broadcasts.last_run.since_ms),
        integers(broadcasts.last_run.samples, bytes_each=4),
    ]
    with connection.cursor() as cursor:
        copy_rows(cursor, read_statement("copy_broadcasts"), columns)
    connection.execute(read_statement("meet_broadcasts"))


def land_flags(connection: psycopg.Connection, platform: Platform, flags: Sequence[FlagRow]) -> None:
    """Mark counts that look wrong; runs before what is known of broadcasts is widened."""
    connection.execute(
        read_statement("land_flags"),
        {
            "platform": platform.value,
            "broadcast_keys": [row.broadcast_key for row in flags],
            "sampled_at_ms": [row.sampled_at_ms for row in flags],
            "flags": [row.flag for row in flags],
            "are_first": [row.is_first for row in flags],
            "glitch_count": GLITCH_COUNT,
            "min_viewers": STUCK_MIN_VIEWERS,
            "min_samples": STUCK_MIN_SAMPLES,
            "min_span": timedelta(milliseconds=STUCK_MIN_MS),
        },
    )


def land_broadcasts(connection: psycopg.Connection, platform: Platform, broadcasts: BroadcastColumns) -> None:
    """Widen the bounds of known broadcasts and add the others; the staged rows hold what the batch tells."""
    new_keys = [row[0] for row in connection.execute(read_statement("find_new_broadcasts")).fetchall()]
    connection.execute(read_statement("widen_broadcasts"))
    if new_keys:
        ids = dict(zip(broadcasts.broadcast_key, broadcasts.broadcast_id, strict=True))
        connection.execute(
            read_statement("add_broadcasts"),
            {
                "platform": platform.value,
                "broadcast_keys": new_keys,
                "broadcast_ids": [ids[key] for key in new_keys],
            },
        )
