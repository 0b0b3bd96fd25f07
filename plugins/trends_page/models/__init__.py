"""The shapes of the API's answers; instants are UTC in RFC 3339, shares 0 … 1, a hidden count is null and never 0."""

from __future__ import annotations

from trends_page.models.base import Answer
from trends_page.models.channels import Channel, ChannelBroadcast, ChannelDay, FoundChannel, FoundChannels
from trends_page.models.collection import (
    BucketState,
    Capture,
    Collection,
    DeadLetterCount,
    Landing,
    PartitionLag,
    PlatformCollection,
    Sweep,
)
from trends_page.models.definitions import Definition, Definitions, MarkMeaning, PlatformTerms
from trends_page.models.live import LatestTick, Live, LiveBroadcast, LiveTotal
from trends_page.models.pictures import BroadcastPictures, Picture, PictureLink
from trends_page.models.quality import CheckedPlatform, FailedCheck, Quality
from trends_page.models.rankings import (
    Days,
    RankedCategory,
    RankedChannel,
    RankedLists,
    Ranking,
    RankingTotals,
    TrendDay,
)
from trends_page.models.series import Buckets, PlatformHour, PlatformSeries, Series

__all__ = [
    "Answer",
    "BroadcastPictures",
    "BucketState",
    "Buckets",
    "Capture",
    "Channel",
    "ChannelBroadcast",
    "ChannelDay",
    "CheckedPlatform",
    "Collection",
    "Days",
    "DeadLetterCount",
    "Definition",
    "Definitions",
    "FailedCheck",
    "FoundChannel",
    "FoundChannels",
    "Landing",
    "LatestTick",
    "Live",
    "LiveBroadcast",
    "LiveTotal",
    "MarkMeaning",
    "PartitionLag",
    "Picture",
    "PictureLink",
    "PlatformCollection",
    "PlatformHour",
    "PlatformSeries",
    "PlatformTerms",
    "Quality",
    "RankedCategory",
    "RankedChannel",
    "RankedLists",
    "Ranking",
    "RankingTotals",
    "Series",
    "Sweep",
    "TrendDay",
]
