"""Channels: found by name, and one with its days, broadcasts and last hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from airtide.domain.models import Platform
from airtide.warehouse.queries.buckets import Buckets
from airtide.warehouse.queries.fetch import fetch_row, fetch_rows

DAYS_SHOWN = 30
BROADCASTS_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundChannel:
    """A channel whose name, handle or id matched."""

    platform: str
    channel_id: str
    channel_name: str | None
    channel_handle: str | None
    last_sampled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel as it was last observed."""

    channel_key: int
    platform: str
    channel_id: str
    channel_name: str | None
    channel_handle: str | None
    observed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelDay:
    """One channel in one day of a zone."""

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
    """The day has not ended."""
    is_provisional: bool
    """As of a day of all platforms, by what waits for the channel's own alone."""
    is_blocked: bool
    """A quality check does not let its platform's numbers of the day pass as final."""
    marks: Mapping[str, int]
    """How often the counts of its broadcasts looked wrong: the numbers of `domain.marks.Marks` by their names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelBroadcast:
    """One broadcast of a channel with the attributes it was last seen with."""

    broadcast_id: str
    started_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None
    """site | absence | silence; None while it is live or unseen. What the site did not tell is inferred."""
    first_sampled_at: datetime | None
    last_sampled_at: datetime | None
    status: str
    """live | unseen | ended"""
    title: str | None
    category_name: str | None
    flags: Sequence[Mapping[str, str]]
    """What is odd about its counts: `flag`, and `sampled_at` of the first sample that it holds for."""
    marked_days: Sequence[Mapping[str, Any]]
    """The newest days on which its counts looked wrong: `day`, and `marks` as those of a channel's day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelViewersRow:
    """One bucket that holds a sample of the channel."""

    bucket_at: datetime
    viewers: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Airing:
    """From the first to the last sample of one broadcast."""

    first_sampled_at: datetime
    last_sampled_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPortrait:
    """A channel with its latest days and broadcasts, newest first, and its viewers by bucket."""

    channel: Channel
    days: Sequence[ChannelDay]
    broadcasts: Sequence[ChannelBroadcast]
    viewers: Sequence[int | None]
    """None where no count is known: off air, in a hole, or hidden."""
    holes: Sequence[int]
    """Places of the buckets without a sample amid a broadcast: the channel was live and not seen."""


def find_channels(
    connection: Connection[Any], *, text: str, platforms: Sequence[Platform], limit: int
) -> list[FoundChannel]:
    """Find channels of `platforms` by a piece of their name or handle, in any case, or by their whole id."""
    return fetch_rows(
        connection, "read_channels_by_name", FoundChannel, {"text": text, "platforms": [*platforms], "limit": limit}
    )


def read_channel(
    connection: Connection[Any],
    *,
    platform: Platform,
    channel_id: str,
    zone: str,
    low_coverage: float,
    buckets: Buckets,
    now: datetime,
) -> ChannelPortrait | None:
    """Read one channel with its days of `zone`, as they stand at `now`, and its viewers over `buckets`.

    None when it was never seen.
    """
    channel = fetch_row(connection, "read_channel", Channel, {"platform": platform, "channel_id": channel_id})
    if channel is None:
        return None
    key = {"channel_key": channel.channel_key}
    since = {**key, "from_at": buckets.from_at}
    rows = fetch_rows(
        connection,
        "read_channel_viewers",
        ChannelViewersRow,
        {**since, "platform": platform, "to_at": buckets.to_at, "step_s": buckets.step_s},
    )
    viewers_at = {buckets.index_of(row.bucket_at): row.viewers for row in rows}
    airings = fetch_rows(connection, "read_channel_airings", Airing, since)
    return ChannelPortrait(
        channel=channel,
        days=fetch_rows(
            connection,
            "read_channel_days",
            ChannelDay,
            {**key, "zone": zone, "low_coverage": low_coverage, "now": now, "limit": DAYS_SHOWN},
        ),
        broadcasts=fetch_rows(
            connection,
            "read_channel_broadcasts",
            ChannelBroadcast,
            {**key, "zone": zone, "days": DAYS_SHOWN, "limit": BROADCASTS_SHOWN},
        ),
        viewers=[viewers_at.get(place) for place in range(buckets.count)],
        holes=sorted(_list_aired(airings, buckets) - viewers_at.keys()),
    )


def _list_aired(airings: Sequence[Airing], buckets: Buckets) -> set[int]:
    places: set[int] = set()
    for airing in airings:
        first = max(buckets.index_of(airing.first_sampled_at), 0)
        last = min(buckets.index_of(airing.last_sampled_at), buckets.count - 1)
        places.update(range(first, last + 1))
    return places
