"""Rows for the tables that are read, with everything but what a test is about filled in."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg

TICK = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
DAY = date(2026, 3, 9)
HOUR_MS = 3_600_000
CADENCE_S = 300

_DEFAULTS: dict[str, dict[str, Any]] = {
    "live.channel": {"handle": None, "name": None, "observed_at": TICK},
    "live.broadcast": {"started_at": None, "ended_at": None, "ended_by": None},
    "live.broadcast_detail": {"observed_from": TICK, "category_key": 0, "tags": []},
    "live.sample": {"detail_key": 0, "cadence_s": CADENCE_S},
    "ingest.position": {"topic_partition": 0, "topic_id": "t", "first_offset": 0, "updated_at": TICK},
    "ingest.dead_letter": {
        "topic_id": "t",
        "topic_partition": 0,
        "detail": "",
        "headers": "[]",
        "raw": b"",
        "replayed_at": None,
    },
    "ingest.loss": {"topic_id": "t", "topic_partition": 0, "reason": "gone", "accepted_at": TICK},
    "ingest.quota_spend": {"booked_at": TICK, "closed_at": None},
    "trends.channel_day": {
        "zone": "UTC",
        "day": DAY,
        "broadcasts": 1,
        "samples": 12,
        "known_samples": 12,
        "airtime_ms": HOUR_MS,
        "known_airtime_ms": HOUR_MS,
        "live_ms": HOUR_MS,
        "viewer_ms": 0,
        "peak_viewers": None,
        "peak_at": None,
        "computed_at": TICK,
        "revision": 1,
        "definitions_version": 1,
    },
    "trends.broadcast_day": {
        "zone": "UTC",
        "day": DAY,
        "language": "",
        "samples": 12,
        "known_samples": 12,
        "airtime_ms": HOUR_MS,
        "known_airtime_ms": HOUR_MS,
        "live_ms": HOUR_MS,
        "viewer_ms": 0,
        "computed_at": TICK,
        "revision": 1,
        "definitions_version": 1,
    },
    "trends.category_day": {
        "zone": "UTC",
        "day": DAY,
        "broadcasts": 1,
        "active_channels": 1,
        "samples": 12,
        "known_samples": 12,
        "airtime_ms": HOUR_MS,
        "known_airtime_ms": HOUR_MS,
        "viewer_ms": 0,
        "computed_at": TICK,
        "revision": 1,
        "definitions_version": 1,
    },
    "trends.language_day": {
        "zone": "UTC",
        "day": DAY,
        "broadcasts": 1,
        "active_channels": 1,
        "samples": 12,
        "known_samples": 12,
        "airtime_ms": HOUR_MS,
        "known_airtime_ms": HOUR_MS,
        "live_ms": HOUR_MS,
        "viewer_ms": 0,
        "computed_at": TICK,
        "revision": 1,
        "definitions_version": 1,
    },
    "trends.platform_day": {
        "zone": "UTC",
        "day": DAY,
        "platform": "twitch",
        "broadcasts": 1,
        "active_channels": 1,
        "samples": 12,
        "known_samples": 12,
        "airtime_ms": HOUR_MS,
        "known_airtime_ms": HOUR_MS,
        "live_ms": HOUR_MS,
        "viewer_ms": 0,
        "computed_at": TICK,
        "revision": 1,
        "definitions_version": 1,
    },
}


def give(connection: psycopg.Connection[Any], table: str, **values: Any) -> None:
    """Insert one row of `table`: `values` over the defaults."""
    row = {**_DEFAULTS.get(table, {}), **values}
    places = ", ".join(f"%({column})s" for column in row)
    connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", row)


def give_policies(connection: psycopg.Connection[Any], **in_combined_rank: bool) -> None:
    """Insert the policy of each platform named, and whether it may stand in rankings over several."""
    for platform, is_combined in in_combined_rank.items():
        ages = dict.fromkeys(("raw_age", "text_age", "statistics_age", "picture_age"), timedelta(days=30))
        row = {"platform": platform, "pictures": "link", "in_combined_rank": is_combined}
        give(connection, "policy.platform_policy", **row, **ages)


def give_samples(
    connection: psycopg.Connection[Any], platform: str, broadcast_key: int, *samples: Any, cadence_s: int = CADENCE_S
) -> None:
    """Insert samples given as (minutes after TICK, viewers); makes the leaf they lie in."""
    midnight = TICK.replace(hour=0)
    bounds = (platform, midnight, midnight + timedelta(days=1))
    connection.execute("SELECT live.ensure_sample_partition(%s, %s, %s)", bounds)
    for minutes, viewers in samples:
        at = TICK + timedelta(minutes=minutes)
        row = {"platform": platform, "sampled_at": at, "broadcast_key": broadcast_key, "viewers": viewers}
        give(connection, "live.sample", **row, cadence_s=cadence_s)


def give_broadcast(
    connection: psycopg.Connection[Any],
    platform: str,
    broadcast_key: int,
    channel_key: int,
    *samples: Any,
    cadence_s: int = CADENCE_S,
    **values: Any,
) -> None:
    """Insert a broadcast with its samples; its channel is there already."""
    times = [TICK + timedelta(minutes=minutes) for minutes, _ in samples]
    give(
        connection,
        "live.broadcast",
        broadcast_key=broadcast_key,
        platform=platform,
        broadcast_id=f"b{broadcast_key}",
        channel_key=channel_key,
        first_sampled_at=min(times, default=None),
        last_sampled_at=max(times, default=None),
        **values,
    )
    give_samples(connection, platform, broadcast_key, *samples, cadence_s=cadence_s)


def give_sweep(
    connection: psycopg.Connection[Any],
    platform: str,
    minutes: int,
    *,
    outcome: str = "complete",
    end_offset: int = 0,
    snapshots: int = 1,
    spend: dict[str, int] | None = None,
    scope: str = "listing",
    took_s: int = 2,
    **values: Any,
) -> None:
    """Insert a sweep of the tick so many minutes after TICK."""
    at = TICK + timedelta(minutes=minutes)
    given = connection.execute("SELECT COUNT(*) FROM ingest.sweep").fetchone()
    give(
        connection,
        "ingest.sweep",
        sweep_id=f"{platform}:{minutes}:{given}",
        platform=platform,
        sampled_at=at,
        started_at=at,
        finished_at=at + timedelta(seconds=took_s),
        outcome=outcome,
        scope=scope,
        pages=1,
        requests=1,
        snapshots=snapshots,
        duplicates=0,
        rejects=0,
        absent=[],
        spend=json.dumps(spend or {}),
        error=None,
        end_offsets=json.dumps({"0": end_offset}),
        landed_at=at + timedelta(seconds=5),
        **{"settled_at": at + timedelta(seconds=5), **values},
    )
