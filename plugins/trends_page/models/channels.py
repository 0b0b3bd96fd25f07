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


class Marks(Answer):
    """How often counts looked wrong in a day, which changes no number; 0 where they did not.

    `stuck_hours` and `flat_hours` count hours through which a count stood still or hardly moved, `glitches` samples of
    1 right after one of 20 or more, `step_jumps` samples five times larger or smaller than the one right before.
    """

    stuck_hours: int
    flat_hours: int
    glitches: int
    step_jumps: int


class MarkedDay(Answer):
    """A day of the zone on which counts of a broadcast looked wrong."""

    day: date
    marks: Marks


class ChannelDay(Answer):
    """The channel in one day of the zone; provisional while its numbers may still change.

    `is_blocked` says that a quality check does not let its platform's day pass as final: it stays provisional. `marks`
    are summed up over its broadcasts.
    """

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
    definitions_version: int
    is_open: bool
    is_provisional: bool
    is_blocked: bool
    marks: Marks


class OddCount(Answer):
    """A count that looks wrong, shown as the site told it: `stuck`, `glitch_to_one`, `maybe_hidden`; from when on."""

    flag: str
    sampled_at: datetime


class ChannelBroadcast(Answer):
    """One broadcast of the channel.

    `unseen` was not sampled when it was due and is not known to be over. An end by `absence` or `silence` is inferred:
    it is withdrawn when the broadcast turns up again, and changes no number. `marked_days` are the newest days of the
    zone on which its counts looked wrong, of 30 at most.
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
    marked_days: Sequence[MarkedDay]
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
