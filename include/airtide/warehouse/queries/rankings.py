"""Rankings of channels in a day of a zone, and the days there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from psycopg import Connection

from airtide.domain.keys import NO_CATEGORY_KEY, hash_id
from airtide.domain.models import Platform
from airtide.warehouse.queries.fetch import fetch_rows
from airtide.warehouse.statements import read_statement


class Metric(StrEnum):
    """What channels are ranked by, the largest first."""

    HOURS_WATCHED = "hours_watched"
    AVERAGE = "average"
    PEAK = "peak"
    AIRTIME = "airtime"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelList:
    """Which channels are ranked together: those of one platform, or of all that policy lets stand together.

    Of these all, those of one language, or those of one category, which a platform has for itself. Raises ValueError
    for a category of no platform, and for a language and a category at once.
    """

    platform: Platform | None = None
    language: str | None = None
    """Empty: what was told in none."""
    category_id: str | None = None

    def __post_init__(self) -> None:
        if self.category_id is not None and (self.platform is None or self.language is not None):
            raise ValueError("a category belongs to one platform, and is no part of a language")

    def parameters(self) -> dict[str, object]:
        """Return how the views name it."""
        if self.platform is not None and self.category_id is not None:
            named = ("category", "", hash_id(self.platform, self.category_id))
        else:
            named = ("all" if self.language is None else "language", self.language or "", NO_CATEGORY_KEY)
        return {"platform": self.platform, **dict(zip(("list", "language", "category_key"), named, strict=True))}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendDay:
    """A day of a zone that has been rolled up, and whether its numbers may still change."""

    day: date
    starts_at: datetime
    ends_at: datetime
    computed_at: datetime
    definitions_version: int
    """The oldest that a platform's numbers of the day were computed under."""
    is_open: bool
    """The day has not ended."""
    is_provisional: bool
    """Fewer than 60 minutes have passed since its end, a roll-up of it is waiting, or a quality check blocks it."""
    blocked_platforms: Sequence[str]
    """Platforms whose numbers of the day a quality check does not let pass as final."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingTotals:
    """What a day holds over all channels ranked."""

    channels: int
    hours_watched: float
    coverage: float | None
    known_share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedChannel:
    """One channel in a ranking."""

    rank: int
    rank_change: int | None
    """Places gained since the day before; None where the channel was not ranked then."""
    is_new: bool
    """No day that is kept before this one has it, though its platform was seen on the day before."""
    is_returning: bool
    """It was not live on the day before, when its platform was seen, but earlier."""
    platform: str
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
    """The coverage of this day or of the day before is low, so the rank change may come from holes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """A page of a ranking."""

    left_out: Sequence[Platform]
    """Platforms that policy keeps out of it; none where it is of one platform."""
    totals: RankingTotals
    channels: Sequence[RankedChannel]


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedCategory:
    """A category whose channels can be ranked."""

    category_id: str
    category_name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedLists:
    """What the channels of a day can be ranked within, the most watched first."""

    languages: Sequence[str]
    categories: Sequence[RankedCategory]
    """Of the one platform; none where several are asked for."""


def read_days(
    connection: Connection[Any], *, zone: str, now: datetime, limit: int, day: date | None = None
) -> list[TrendDay]:
    """Read the latest `limit` days of `zone` that have been rolled up, newest first, as they stand at `now`.

    With `day` only that one, or nothing where it has no rollup.
    """
    return fetch_rows(connection, "read_days", TrendDay, {"zone": zone, "day": day, "now": now, "limit": limit})


def read_channel_ranking(
    connection: Connection[Any],
    *,
    zone: str,
    day: date,
    of: ChannelList,
    metric: Metric,
    low_coverage: float,
    limit: int,
    offset: int,
) -> Ranking:
    """Rank the channels of a list in one day by `metric`; `low_coverage` is the share under which rows are marked.

    Ties stand in the order of channel_key, so pages never overlap.
    """
    asked = {"zone": zone, "day": day, **of.parameters()}
    totals = read_totals(connection, {**asked, "first_day": day, "last_day": day})
    channels = fetch_rows(
        connection,
        "read_channel_ranking",
        RankedChannel,
        {**asked, "metric": metric, "low_coverage": low_coverage, "limit": limit, "offset": offset},
    )
    return Ranking(left_out=read_left_out(connection, of), totals=totals, channels=channels)


def read_ranked_lists(
    connection: Connection[Any], *, zone: str, day: date, platform: Platform | None, limit: int
) -> RankedLists:
    """Read the first `limit` languages and categories of one platform, or of all that may be combined, in one day."""
    asked = {"zone": zone, "day": day, "platform": platform, "limit": limit}
    languages = connection.execute(read_statement("read_ranked_languages"), asked)
    return RankedLists(
        languages=[language for (language,) in languages],
        categories=fetch_rows(connection, "read_ranked_categories", RankedCategory, asked),
    )


def read_totals(connection: Connection[Any], asked: Mapping[str, object]) -> RankingTotals:
    """Read what a list holds from a first to a last day."""
    (totals,) = fetch_rows(connection, "read_ranking_totals", RankingTotals, asked)
    return totals


def read_left_out(connection: Connection[Any], of: ChannelList) -> list[Platform]:
    """Read which platforms policy keeps out of a ranking; none where it is of one platform."""
    if of.platform is not None:
        return []
    return [Platform(name) for (name,) in connection.execute(read_statement("read_uncombined_platforms"))]
