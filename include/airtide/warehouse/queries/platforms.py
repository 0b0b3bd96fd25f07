"""Platforms over the last hours: viewers by bucket with their holes, and the rolled-up hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from airtide.domain.models import Platform
from airtide.warehouse.queries.buckets import Buckets
from airtide.warehouse.queries.fetch import fetch_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewersRow:
    """One bucket that holds a tick of a platform."""

    platform: str
    bucket_at: datetime
    viewers: int | None
    """None when every count was hidden."""
    broadcasts: int
    is_complete: bool
    """Every tick in the bucket was swept completely."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformHour:
    """One rolled-up hour of a platform."""

    platform: str
    hour: datetime
    broadcasts: int
    active_channels: int
    hours_watched: float
    average_viewers: float | None
    known_share: float | None
    peak_concurrent: int | None
    peak_concurrent_at: datetime | None
    peak_concurrent_hidden: int | None
    """Broadcasts at that instant whose count was hidden: they add nothing to the peak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformSeries:
    """One platform over the buckets asked for: lists of equal length, None where there is a hole."""

    platform: str
    viewers: Sequence[int | None]
    broadcasts: Sequence[int | None]
    incomplete: Sequence[int]
    """Places of buckets with a tick whose sweep was not complete: their sums may be too small."""
    hours: Sequence[PlatformHour]


def read_platform_series(
    connection: Connection[Any], *, platforms: Sequence[Platform], buckets: Buckets
) -> list[PlatformSeries]:
    """Read every platform of `platforms`, in their order, over `buckets`."""
    asked = {"platforms": [*platforms], "from_at": buckets.from_at, "to_at": buckets.to_at}
    rows = fetch_rows(connection, "read_platform_viewers", ViewersRow, {**asked, "step_s": buckets.step_s})
    hours = fetch_rows(connection, "read_platform_hours", PlatformHour, asked)
    return [
        _lay_out(
            platform,
            buckets,
            [row for row in rows if row.platform == platform],
            [hour for hour in hours if hour.platform == platform],
        )
        for platform in platforms
    ]


def _lay_out(
    platform: Platform, buckets: Buckets, rows: Sequence[ViewersRow], hours: Sequence[PlatformHour]
) -> PlatformSeries:
    viewers: list[int | None] = [None] * buckets.count
    broadcasts: list[int | None] = [None] * buckets.count
    incomplete = []
    for row in rows:
        place = buckets.index_of(row.bucket_at)
        viewers[place] = row.viewers
        broadcasts[place] = row.broadcasts
        if not row.is_complete:
            incomplete.append(place)
    return PlatformSeries(platform=platform, viewers=viewers, broadcasts=broadcasts, incomplete=incomplete, hours=hours)
