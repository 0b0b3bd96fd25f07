"""Platforms over the last hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from airtide.domain.models import Platform
from airtide.wiring.reads import DataKind
from trends_page.models.base import Answer


class Buckets(Answer):
    """The time axis of a chart: `count` buckets of `step_s` seconds from `from_at` on."""

    from_at: datetime
    step_s: int
    count: int


class PlatformHour(Answer):
    """One rolled-up hour of a platform."""

    hour: datetime
    broadcasts: int
    active_channels: int
    hours_watched: float
    average_viewers: float | None
    known_share: float | None
    peak_concurrent: int | None
    peak_concurrent_at: datetime | None
    peak_concurrent_hidden: int | None


class PlatformSeries(Answer):
    """A platform over the buckets: null is a hole; `incomplete` are places whose sums may be too small."""

    platform: Platform
    viewers: Sequence[int | None]
    broadcasts: Sequence[int | None]
    incomplete: Sequence[int]
    hours: Sequence[PlatformHour]


class Series(Answer):
    """Every platform over the last hours."""

    data: DataKind
    buckets: Buckets
    platforms: Sequence[PlatformSeries]
