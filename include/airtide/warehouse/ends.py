"""Ends that no site told, inferred from the sweeps of which every message has landed."""

from __future__ import annotations

from datetime import datetime, timedelta

import psycopg

from airtide.domain.ends import FLOOR_MARGIN, MISSES_TO_END
from airtide.domain.models import Platform
from airtide.warehouse.statements import read_statement


def infer_ends(
    connection: psycopg.Connection, platform: Platform, snapshots_topic: str, *, max_silence: timedelta, now: datetime
) -> None:
    """Settle the sweeps whose messages have all landed, and end what they show to be over.

    Runs after the rows of a batch are written, in their transaction. A sweep that is late may move or make an end that
    lies up to `max_silence` away from its tick, so these are judged again; a later one than all before moves none.
    """
    settled = connection.execute(
        read_statement("settle_sweeps"), {"platform": platform.value, "topic": snapshots_topic, "now": now}
    ).fetchall()
    late = [tick for tick, latest_before in settled if latest_before is not None and tick <= latest_before]
    inferred = connection.execute(
        read_statement("find_inferred_ends"),
        {
            "platform": platform.value,
            "topic": snapshots_topic,
            "max_silence": max_silence,
            "from_at": min(late) - max_silence if late else None,
            "to_at": max(late) + max_silence if late else None,
            "floor_margin": FLOOR_MARGIN,
            "misses_to_end": MISSES_TO_END,
        },
    ).fetchall()
    if inferred:
        # in a statement of its own, which can tell how few they are: one with both reads all that was ever broadcast
        keys, ended_at, ended_by = (list(column) for column in zip(*inferred, strict=True))
        connection.execute(
            read_statement("end_broadcasts"), {"broadcast_keys": keys, "ended_at": ended_at, "ended_by": ended_by}
        )
