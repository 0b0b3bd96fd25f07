"""Channels: found by name, and one by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from airtide.domain.models import Platform
from airtide.wiring.reads import DataKind
from trends_page.models.base import Answer
from trends_page.models.pictures import Picture, PictureLink
from trends_page.models.series import Buckets


class FoundChannel(Answer):
    """A channel that matched a search."""

    platform: Platform
    channel_id: str
    channel_name: str | None
    channel_handle: str | None
    last_sampled_at: datetime | None
    picture: Picture | PictureLink | None
    """The newest; null where there is none, or the platform's policy allows none."""


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


class OddCount(Answer):
    """A count that looks wrong, shown as the site told it: `stuck`, `glitch_to_one`, `maybe_hidden`; from when on."""

    flag: str
    sampled_at: datetime


class ChannelBroadcast(Answer):
    """One broadcast of the channel.

    `unseen` was not sampled when it was due and is not known to be over. An end by `absence` or `silence` is inferred:
    it is withdrawn when the broadcast turns up again, and changes no number.
    """

    broadcast_id: str
    started_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None
    first_sampled_at: datetime | None
    last_sampled_at: datetime | None
    status: Literal["live", "unseen", "ended"]
    title: str | None
    category_name: str | None
    flags: Sequence[OddCount]
    picture: Picture | PictureLink | None
    """The newest."""


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
    picture: Picture | PictureLink | None
    """The newest; null where there is none, or the platform's policy allows none."""
    buckets: Buckets
    viewers: Sequence[int | None]
    holes: Sequence[int]
    days: Sequence[ChannelDay]
    broadcasts: Sequence[ChannelBroadcast]
