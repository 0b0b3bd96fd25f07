"""Builds every adapter from connections and settings: the same ones in a task, on the command line and in the demo."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial
from types import TracebackType
from typing import TYPE_CHECKING

from airtide.domain.clock import Clock, WallClock
from airtide.domain.models import Platform
from airtide.settings import POLLED_PLATFORMS, Settings, load_settings
from airtide.wiring.connections import Connections

if TYPE_CHECKING:
    from pathlib import Path

    from psycopg import Connection

    from airtide.bus.producer import KafkaSink
    from airtide.bus.ranges import KafkaLog
    from airtide.domain.lags import PartitionLag
    from airtide.lake.audit import LakeAudit
    from airtide.lake.lake import SnapshotLake
    from airtide.lake.stores import ObjectStore
    from airtide.lake.thumbnails import PillowCodec, Thumbnails
    from airtide.pipeline.asking import Asking
    from airtide.pipeline.ports import CandidateSource
    from airtide.platforms.pictures.fetching import PictureHosts
    from airtide.platforms.quota import Quota
    from airtide.platforms.registry import SiteSource
    from airtide.warehouse.audit import WarehouseAudit
    from airtide.warehouse.candidates import WarehouseCandidates
    from airtide.warehouse.dead_letters import WarehouseLetters
    from airtide.warehouse.landing_book import WarehouseLandingBook
    from airtide.warehouse.ledger import WarehouseLedger

LAG_DEADLINE_S = 5.0
"""How long a broker that hangs may keep a landing that is done from ending."""


@dataclass
class Adapters:
    """One of each adapter, built on first use and kept as long as this object."""

    connections: Connections
    settings: Settings = field(default_factory=load_settings)
    clock: Clock = field(default_factory=WallClock)
    simulated_now: Callable[[], datetime] | None = None
    """Moves the clock of simulated sites; None in service."""
    _open: ExitStack = field(default_factory=ExitStack, init=False, repr=False)

    def __enter__(self) -> Adapters:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every client that was opened."""
        self._open.close()

    @cached_property
    def sink(self) -> KafkaSink:
        """Where polls publish."""
        from airtide.bus.producer import KafkaSink

        sink = KafkaSink(self.connections.kafka_config(), deadline_s=self.settings.kafka.deadline_s)
        return self._open.enter_context(closing(sink))

    @cached_property
    def log(self) -> KafkaLog:
        """Where landings read."""
        from airtide.bus.ranges import KafkaLog

        log = KafkaLog(self.connections.kafka_config(), deadline_s=self.settings.kafka.deadline_s)
        return self._open.enter_context(closing(log))

    @cached_property
    def ledger(self) -> WarehouseLedger:
        """Positions, batches and rows in the warehouse."""
        from airtide.warehouse.ledger import WarehouseLedger

        return WarehouseLedger(self.connections.postgres_address(), self.silences)

    @property
    def silences(self) -> dict[Platform, timedelta]:
        """How long a broadcast of each site may be silent before it is over."""
        return {p: timedelta(seconds=self.settings.platform(p).max_silence_s) for p in POLLED_PLATFORMS}

    @cached_property
    def letters(self) -> WarehouseLetters:
        """Dead letters in the warehouse."""
        from airtide.warehouse.dead_letters import WarehouseLetters

        return WarehouseLetters(self.connections.postgres_address())

    @cached_property
    def landing_book(self) -> WarehouseLandingBook:
        """Where it stands how landings went."""
        from airtide.warehouse.landing_book import WarehouseLandingBook

        return WarehouseLandingBook(self.connections.postgres_address())

    def measure_lag(self, platform: Platform) -> Sequence[PartitionLag]:
        """Ask Kafka now what of a platform waits beyond its positions."""
        from airtide.bus.groups import read_lag

        deadline_s = min(LAG_DEADLINE_S, self.settings.kafka.deadline_s)
        positions = self.ledger.read_positions(platform)
        return read_lag(self.connections.kafka_config(), platform, positions, deadline_s=deadline_s)

    @cached_property
    def lake(self) -> SnapshotLake:
        """The object store's side of landing."""
        from airtide.lake.lake import SnapshotLake

        return SnapshotLake(self.store)

    @cached_property
    def audit_ledger(self) -> WarehouseAudit:
        """The warehouse's side of an audit."""
        from airtide.warehouse.audit import WarehouseAudit

        return WarehouseAudit(self.connections.postgres_address())

    @cached_property
    def audit_lake(self) -> LakeAudit:
        """The object store's side of an audit."""
        from airtide.lake.audit import LakeAudit

        return LakeAudit(self.store)

    @cached_property
    def store(self) -> ObjectStore:
        """What all objects lie in: a bucket, or a folder that plays one."""
        from airtide.wiring.lake_stores import open_store

        return self._open.enter_context(open_store(self.connections, self.settings.lake.bucket))

    @cached_property
    def page_store(self) -> ObjectStore:
        """The same for somebody who waits for a page: a server that is silent is given up within seconds."""
        from airtide.wiring.lake_stores import open_store

        return self._open.enter_context(open_store(self.connections, self.settings.lake.bucket, is_for_page=True))

    @cached_property
    def picture_source(self) -> PictureHosts:
        """The picture hosts of the sites, or the simulators in their place."""
        from airtide.platforms.pictures.fetching import PictureHosts

        access = self.connections.picture_access(POLLED_PLATFORMS)
        return self._open.enter_context(closing(PictureHosts(access, self.settings.pictures, self.clock)))

    @cached_property
    def picture_codec(self) -> PillowCodec:
        """Makes pictures that came into pictures that are kept."""
        from airtide.lake.thumbnails import PillowCodec

        return PillowCodec(max_pixels=self.settings.pictures.max_pixels)

    @cached_property
    def picture_shelf(self) -> Thumbnails:
        """The object store's side of pictures."""
        from airtide.lake.thumbnails import Thumbnails

        return Thumbnails(self.store)

    @cached_property
    def candidates(self) -> WarehouseCandidates:
        """Broadcast ids that are asked for by id."""
        from airtide.warehouse.candidates import WarehouseCandidates

        candidates = WarehouseCandidates(self.connections.postgres_address())
        return self._open.enter_context(closing(candidates))

    @cached_property
    def quota(self) -> Quota:
        """What calls to sites draw from; the warehouse is asked for daily buckets only."""
        from airtide.platforms.quota import Quota
        from airtide.warehouse.quota_spend import WarehouseSpendBook

        spend_book = self._open.enter_context(closing(WarehouseSpendBook(self.connections.postgres_address)))
        return Quota(self.settings.bucket_limits, clock=self.clock, spend_book=spend_book)

    @property
    def token_folder(self) -> Path | None:
        """Where processes share app tokens; None where each keeps its own."""
        state = self.settings.state_folder
        return None if state is None else state / "tokens"

    def source(self, platform: Platform) -> SiteSource:
        """One site's live broadcasts; keeps tokens and names, so keep it as long as a process."""
        from airtide.platforms.registry import build_source

        access = self.connections.site_access(
            platform, token_folder=self.token_folder, simulated_now=self.simulated_now
        )
        return build_source(platform, access, self.settings.platform(platform), self.clock, self.quota)

    def discovery(self) -> tuple[CandidateSource, ...]:
        """What finds broadcasts of the one site that lists nothing."""
        from airtide.platforms.registry import build_discovery

        access = self.connections.site_access(Platform.YOUTUBE, simulated_now=self.simulated_now)
        return build_discovery(access, self.settings.platforms.youtube, self.clock, self.quota)

    def asking(self, platform: Platform) -> Asking | None:
        """The questions of a site that is asked by id; None for one with a listing."""
        from airtide.domain.quota import Bucket, Call
        from airtide.pipeline.asking import Asking

        if platform is not Platform.YOUTUBE:
            return None
        return Asking(
            self.candidates,
            partial(self.quota.read, Bucket.YOUTUBE_UNITS),
            call_cost=self.settings.bucket_limits[Bucket.YOUTUBE_UNITS].cost_of(Call.VIDEOS_LIST),
            reserve_share=self.settings.platforms.youtube.reserve_share,
        )

    @contextmanager
    def connect_rollup(self) -> Iterator[Connection]:
        """Open a warehouse connection that may replace rollups; what goes wrong with it is told by Airtide's errors."""
        from airtide.warehouse.connect import Role, connect, translate_failures

        address = self.connections.postgres_address()
        with translate_failures(address), connect(address, Role.ROLLUP) as connection:
            yield connection
