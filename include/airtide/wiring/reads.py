"""The read side: all that the trends page and its API show, out of the warehouse connection and the settings."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING

from airtide.bus.topics import snapshots_topic, sweeps_topic
from airtide.domain.clock import Clock, WallClock
from airtide.domain.models import Platform
from airtide.setting_platforms import PlatformsSettings
from airtide.settings import Settings, load_settings
from airtide.warehouse.connect import PostgresAddress
from airtide.warehouse.queries import channels, collection, live, platforms, quality, quotas, rankings
from airtide.warehouse.queries.buckets import Buckets, plan_buckets
from airtide.warehouse.queries.channels import ChannelPortrait, FoundChannel
from airtide.warehouse.queries.collection import CollectionState, DataKind
from airtide.warehouse.queries.live import LivePage
from airtide.warehouse.queries.pictures import KeptPicture, PictureBeside
from airtide.warehouse.queries.platforms import PlatformSeries
from airtide.warehouse.queries.quality import QualityState
from airtide.warehouse.queries.quotas import BucketState
from airtide.warehouse.queries.rankings import ChannelList, Metric, RankedLists, Ranking, TrendDay
from airtide.warehouse.queries.reader import WarehouseReader
from airtide.wiring.adapters import Adapters
from airtide.wiring.airflow_connections import AirflowConnections
from airtide.wiring.picture_reads import PictureReads, refuse_store
from airtide.wiring.picture_sites import PictureSites, read_picture_sites
from airtide.wiring.span_reads import SpanKind, SpanReads, find_span

if TYPE_CHECKING:
    from airtide.lake.stores import ObjectStore

__all__ = [
    "BucketState",
    "Buckets",
    "ChannelList",
    "ChannelPortrait",
    "CollectionState",
    "DataKind",
    "FoundChannel",
    "KeptPicture",
    "LivePage",
    "Metric",
    "PictureBeside",
    "PlatformSeries",
    "QualityState",
    "RankedLists",
    "Ranking",
    "Reads",
    "SpanKind",
    "TrendDay",
    "find_span",
    "open_reads",
]

COLLECTION_SPAN = timedelta(hours=24)
MOST_DAYS = 60
MOST_LISTS = 100
CHANNEL_HOURS = 24


@dataclass
class Reads:
    """One method a question; each asks the warehouse once, as `airtide_reader`.

    All raise `PartUnreachable`, `CredentialsRejected` or `MisconfiguredError` when the warehouse cannot answer.
    """

    address: PostgresAddress
    settings: Settings = field(default_factory=load_settings)
    clock: Clock = field(default_factory=WallClock)
    picture_sites: PictureSites = field(default_factory=PictureSites)
    open_store: Callable[[], ObjectStore] = refuse_store
    """Opens where pictures lie; called when the first one is asked for."""

    @cached_property
    def warehouse(self) -> WarehouseReader:
        """Where queries run."""
        return WarehouseReader(self.address)

    def close(self) -> None:
        """Close what is open to the warehouse."""
        self.warehouse.close()

    @cached_property
    def pictures(self) -> PictureReads:
        """What is to be seen."""
        return PictureReads(self.warehouse, self.settings, self.clock, self.picture_sites, self.open_store)

    @cached_property
    def spans(self) -> SpanReads:
        """Weeks and months."""
        return SpanReads(self.warehouse, self.settings, self.clock)

    @property
    def zones(self) -> Sequence[str]:
        """Return the zones that days are rolled up in."""
        return self.settings.trends.zones

    @cached_property
    def known_platforms(self) -> Sequence[Platform]:
        """The platforms that are collected."""
        return [Platform(name) for name in PlatformsSettings.model_fields]

    def read_live(self, platform: Platform | None, *, limit: int, offset: int) -> LivePage:
        """Read what was live at the latest landed tick of one or of every platform."""
        topics = {p: snapshots_topic(p) for p in self.known_platforms if platform in (None, p)}
        return self.warehouse.read(lambda connection: live.read_live(connection, topics, limit=limit, offset=offset))

    def read_days(self, zone: str, day: date | None = None) -> Sequence[TrendDay]:
        """Read the latest days of `zone` that have been rolled up, newest first; with `day` at most that one."""
        now = self.clock.now()
        return self.warehouse.read(partial(rankings.read_days, zone=zone, day=day, now=now, limit=MOST_DAYS))

    def rank_channels(
        self, zone: str, day: date, of: ChannelList, metric: Metric, *, limit: int, offset: int
    ) -> Ranking:
        """Rank the channels of a list in one day of `zone`."""
        return self.warehouse.read(
            partial(
                rankings.read_channel_ranking,
                zone=zone,
                day=day,
                of=of,
                metric=metric,
                low_coverage=self.settings.trends.low_coverage,
                limit=limit,
                offset=offset,
            )
        )

    def read_ranked_lists(self, zone: str, day: date, platform: Platform | None) -> RankedLists:
        """Read what channels of one platform, or of those that may be combined, can be ranked within."""
        return self.warehouse.read(
            partial(rankings.read_ranked_lists, zone=zone, day=day, platform=platform, limit=MOST_LISTS)
        )

    def find_channels(self, text: str, platform: Platform | None, *, limit: int) -> Sequence[FoundChannel]:
        """Find channels by name."""
        asked = [platform] if platform else self.known_platforms
        return self.warehouse.read(partial(channels.find_channels, text=text, platforms=asked, limit=limit))

    def read_channel(self, platform: Platform, channel_id: str, zone: str) -> tuple[ChannelPortrait | None, Buckets]:
        """Read one channel, and the buckets its viewers are laid out in; None when it was never seen."""
        buckets = self._plan_buckets([platform], CHANNEL_HOURS)
        portrait = self.warehouse.read(
            partial(
                channels.read_channel,
                platform=platform,
                channel_id=channel_id,
                zone=zone,
                low_coverage=self.settings.trends.low_coverage,
                buckets=buckets,
                now=self.clock.now(),
            )
        )
        return portrait, buckets

    def read_series(self, hours: int) -> tuple[Sequence[PlatformSeries], Buckets]:
        """Read every platform over the last `hours`, and the buckets its viewers are laid out in."""
        buckets = self._plan_buckets(self.known_platforms, hours)
        series = self.warehouse.read(
            partial(platforms.read_platform_series, platforms=self.known_platforms, buckets=buckets)
        )
        return series, buckets

    def read_collection(self) -> CollectionState:
        """Read how collection stands; what is counted is counted over the last 24 hours."""
        return self.warehouse.read(
            partial(
                collection.read_collection,
                snapshot_topics={p: snapshots_topic(p) for p in self.known_platforms},
                sweep_topics={p: sweeps_topic(p) for p in self.known_platforms},
                from_at=self.clock.now() - COLLECTION_SPAN,
            )
        )

    def read_quotas(self) -> Sequence[BucketState]:
        """Read how the quota buckets of the sites that are polled stand now."""
        limits = self.settings.polled_limits
        return self.warehouse.read(partial(quotas.read_buckets, limits=limits, now=self.clock.now()))

    def read_quality(self) -> QualityState:
        """Read how the checks judged the last 24 hours."""
        from_hour = self.clock.now() - COLLECTION_SPAN
        return self.warehouse.read(partial(quality.read_quality, platforms=self.known_platforms, from_hour=from_hour))

    def count_due_ticks(self, platform: Platform, first_sampled_at: datetime | None) -> int:
        """Return how many ticks of the last 24 hours should have landed by now.

        They begin with the platform's first one and end one cadence ago, which is the time a sweep may take.
        """
        if first_sampled_at is None:
            return 0
        cadence_s = self.settings.platform(platform).cadence_s
        now = self.clock.now()
        first = math.ceil(max(now - COLLECTION_SPAN, first_sampled_at).timestamp() / cadence_s)
        last = int(now.timestamp()) // cadence_s - 1
        return max(last - first + 1, 0)

    def read_kind(self) -> DataKind:
        """Tell whether the warehouse holds `simulated` or `real` data; unstamped, what the settings say."""
        stamp = self.warehouse.read(collection.read_store_stamp)
        return stamp.kind if stamp else self.settings.mode

    def _plan_buckets(self, of_platforms: Sequence[Platform], hours: int) -> Buckets:
        cadence_s = max(self.settings.platform(p).cadence_s for p in of_platforms)
        return plan_buckets(now=self.clock.now(), hours=hours, cadence_s=cadence_s)


def open_reads() -> Reads:
    """Return the read side of this Airflow; raises `MisconfiguredError` when the warehouse connection is missing."""
    adapters = Adapters(AirflowConnections())
    connections = adapters.connections
    return Reads(
        connections.postgres_address(),
        adapters.settings,
        picture_sites=read_picture_sites(connections, list(Platform)),
        open_store=lambda: adapters.page_store,
    )
