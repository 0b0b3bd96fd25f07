"""The shapes of the API's answers; instants are UTC in RFC 3339, shares 0 … 1, a hidden count is null and never 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from airtide.domain.models import Platform
from airtide.wiring.reads import DataKind


class Answer(BaseModel):
    """Any part of an answer; filled from the rows of the read side."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class LatestTick(Answer):
    """The latest tick of a platform of which every message has landed."""

    platform: Platform
    sampled_at: datetime
    outcome: str


class LiveTotal(Answer):
    """All that was live on a platform at that tick; hidden counts add nothing to viewers."""

    platform: Platform
    sampled_at: datetime
    broadcasts: int
    hidden_counts: int
    viewers: int


class LiveBroadcast(Answer):
    """One broadcast as sampled at that tick. Titles and names are written by strangers: never put them into markup."""

    platform: Platform
    sampled_at: datetime
    broadcast_id: str
    started_at: datetime | None
    channel_id: str
    channel_name: str | None
    title: str | None
    language: str | None
    watch_url: str | None
    is_mature: bool | None
    category_name: str | None
    viewers: int | None


class Live(Answer):
    """What is live, most viewers first, hidden counts last."""

    data: DataKind
    ticks: Sequence[LatestTick]
    totals: Sequence[LiveTotal]
    total: int
    limit: int
    offset: int
    broadcasts: Sequence[LiveBroadcast]


class TrendDay(Answer):
    """A day of a zone that has been rolled up; provisional while its numbers may still change."""

    day: date
    starts_at: datetime
    ends_at: datetime
    computed_at: datetime
    definitions_version: int
    is_open: bool
    is_provisional: bool


class Days(Answer):
    """Days of one zone, newest first."""

    data: DataKind
    zone: str
    days: Sequence[TrendDay]


class RankingTotals(Answer):
    """What the day holds over all channels ranked."""

    channels: int
    hours_watched: float
    coverage: float | None
    known_share: float | None


class RankedChannel(Answer):
    """One channel in a ranking. rank_change counts places gained since the day before, null where it was not ranked."""

    rank: int
    rank_change: int | None
    is_new: bool
    platform: Platform
    channel_id: str
    channel_name: str | None
    channel_handle: str | None
    broadcasts: int
    hours_watched: float
    average_viewers: float | None
    peak_viewers: int | None
    peak_at: datetime | None
    airtime_hours: float
    coverage: float | None
    known_share: float | None
    has_low_coverage: bool
    has_doubtful_change: bool


class Ranking(TrendDay):
    """Channels of one day of one zone in the order of one metric."""

    data: DataKind
    zone: str
    metric: str
    platform: Platform | None
    left_out: Sequence[Platform]
    low_coverage: float
    totals: RankingTotals
    limit: int
    offset: int
    channels: Sequence[RankedChannel]


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


class Buckets(Answer):
    """The time axis of a chart: `count` buckets of `step_s` seconds from `from_at` on."""

    from_at: datetime
    step_s: int
    count: int


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


class Sweep(Answer):
    """The latest landed sweep of a platform."""

    sampled_at: datetime
    started_at: datetime
    finished_at: datetime
    landed_at: datetime
    outcome: str
    scope: str
    pages: int
    requests: int
    snapshots: int
    duplicates: int
    rejects: int
    absent: int
    spend: Mapping[str, int]
    error: str | None


class DeadLetterCount(Answer):
    """Dead letters of one reason in 24 hours that were not sent back."""

    platform: Platform
    reason: str
    letters: int
    last_found_at: datetime


class PlatformCollection(Answer):
    """How one platform's collection stands; ticks and spend are counted over 24 hours.

    `ticks_due` counts those since the platform's first tick that should have landed by now.
    `known_lag` counts messages up to the end that the last landed sweeps told; what came later is not known here.
    """

    platform: Platform
    cadence_s: int
    last_sweep: Sweep | None
    ticks_due: int
    ticks_complete: int
    ticks_partial: int
    ticks_failed: int
    spend: Mapping[str, int]
    known_lag: int | None
    batch_planned_at: datetime | None
    dead_letters: int
    lost_messages: int
    last_loss_at: datetime | None


class Collection(Answer):
    """How collection stands."""

    data: DataKind
    platforms: Sequence[PlatformCollection]
    dead_letters: Sequence[DeadLetterCount]
    dirty_hours: int
    dirty_days: int
    last_rolled_up_at: datetime | None


class Definition(Answer):
    """What one number means."""

    term: str
    meaning: str


class PlatformTerms(Answer):
    """How a platform is collected and how long its data is kept."""

    platform: Platform
    cadence_s: int
    viewer_floor: int
    raw_age_s: int
    text_age_s: int
    statistics_age_s: int
    in_combined_rank: bool
    source_url: str | None


class Definitions(Answer):
    """What the numbers mean, and under which settings they are computed."""

    data: DataKind
    computed_by: str
    zones: Sequence[str]
    low_coverage: float
    definitions: Sequence[Definition]
    platforms: Sequence[PlatformTerms]
