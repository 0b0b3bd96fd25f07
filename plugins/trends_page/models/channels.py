"""Channels: found by name, and one by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from airtide.domain.models import Platform
from airtide.wiring.reads import DataKind
from trends_page.models.base import Answer
from trends_page.models.series import Buckets


class FoundChannel(Answer):
    """A channel that matched a search."""

    platform: Platform
    channel_id: str
    channel_name: str | None
    channel_handle: str | None
    last_sampled_at: datetime | None


class FoundChannels(Answer):
    """Channels that matched, the closest first."""

    data: DataKind
    q: str
    channels: Sequence[FoundChannel]


class ChannelDay(Answer):
    """The channel in one day of the zone."""

    day: date
    broadcasts: int
    hours_watched: float
    average_viewers: float | None
    peak_viewers: int | None
    peak_at: datetime | None
    airtime_hours: float
    coverage: float | None
    known_share: float | None
    has_low_coverage: bool


class ChannelBroadcast(Answer):
    """One broadcast of the channel."""

    broadcast_id: str
    started_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None
    first_sampled_at: datetime | None
    last_sampled_at: datetime | None
    title: str | None
    category_name: str | None


class Channel(Answer):
    """A channel with its latest days and broadcasts, newest first, and its viewers by bucket.

    Viewers are null off air, in a hole and where counts are hidden; `holes` are the places without a sample amid a
    broadcast.
    """

    data: DataKind
    zone: str
    platform: Platform
    channel_id: str
    channel_name: str | None
    channel_handle: str | None
    observed_at: datetime
    buckets: Buckets
    viewers: Sequence[int | None]
    holes: Sequence[int]
    days: Sequence[ChannelDay]
    broadcasts: Sequence[ChannelBroadcast]
