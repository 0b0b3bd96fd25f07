"""Days and the ranking of channels in one of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from airtide.domain.models import Platform
from airtide.wiring.reads import DataKind, SpanKind
from trends_page.models.base import Answer
from trends_page.models.pictures import Picture, PictureLink


class TrendDay(Answer):
    """A day of a zone that has been rolled up; provisional while its numbers may still change.

    Of `blocked_platforms` a quality check has failed that does not let the day pass as final: it stays provisional.
    """

    day: date
    starts_at: datetime
    ends_at: datetime
    computed_at: datetime
    definitions_version: int
    is_open: bool
    is_provisional: bool
    blocked_platforms: Sequence[Platform]


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
    """One channel in a ranking. rank_change counts places gained since the day before, null where it was not ranked.

    Where its platform was seen on the day before, is_new says that the channel was live on no day that is kept before
    this one, and is_returning that it was, but not on the day before. In a week or month, as many days just before it
    stand for the day before.
    """

    rank: int
    rank_change: int | None
    is_new: bool
    is_returning: bool
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
    picture: Picture | PictureLink | None
    """The newest of the day; null where there is none, or the platform's policy allows none."""


class RankedCategory(Answer):
    """A category that channels can be ranked within."""

    category_id: str
    category_name: str | None


class RankedLists(Answer):
    """What the channels of one day can be ranked within, the most watched first; categories belong to one platform."""

    data: DataKind
    zone: str
    day: date
    platform: Platform | None
    languages: Sequence[str]
    categories: Sequence[RankedCategory]


class Ranking(TrendDay):
    """Channels of one day of one zone in the order of one metric, or of the days of a week or month from `day` on."""

    data: DataKind
    period: SpanKind
    last_day: date
    zone: str
    metric: str
    platform: Platform | None
    language: str | None
    category_id: str | None
    left_out: Sequence[Platform]
    low_coverage: float
    totals: RankingTotals
    limit: int
    offset: int
    channels: Sequence[RankedChannel]
