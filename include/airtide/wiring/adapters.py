"""Builds every adapter from connections and settings: the same ones in a task, on the command line and in the demo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from airtide.domain.clock import Clock, WallClock
from airtide.domain.models import Platform
from airtide.settings import Settings, load_settings
from airtide.wiring.connections import Connections

if TYPE_CHECKING:
    from psycopg import Connection

    from airtide.bus.producer import KafkaSink
    from airtide.bus.ranges import KafkaLog
    from airtide.lake.lake import SnapshotLake
    from airtide.pipeline.ports import CandidateStore, LiveSource
    from airtide.warehouse.ledger import WarehouseLedger


@dataclass
class Adapters:
    """One of each adapter, built on first use and kept as long as this object."""

    connections: Connections
    settings: Settings = field(default_factory=load_settings)
    clock: Clock = field(default_factory=WallClock)
    simulated_now: Callable[[], datetime] | None = None
    """Moves the clock of simulated sites; None in service."""

    @cached_property
    def sink(self) -> KafkaSink:
        """Where polls publish."""
        from airtide.bus.producer import KafkaSink

        return KafkaSink(self.connections.kafka_config(), deadline_s=self.settings.kafka.deadline_s)

    @cached_property
    def log(self) -> KafkaLog:
        """Where landings read."""
        from airtide.bus.ranges import KafkaLog

        return KafkaLog(self.connections.kafka_config(), deadline_s=self.settings.kafka.deadline_s)

    @cached_property
    def ledger(self) -> WarehouseLedger:
        """Positions, batches and rows in the warehouse."""
        from airtide.warehouse.ledger import WarehouseLedger

        return WarehouseLedger(self.connections.postgres_address())

    @cached_property
    def lake(self) -> SnapshotLake:
        """The object store's side of landing."""
        from airtide.lake.lake import SnapshotLake
        from airtide.lake.stores import S3Store

        return SnapshotLake(S3Store(self.connections.lake_client(), self.settings.lake.bucket))

    @cached_property
    def candidates(self) -> CandidateStore:
        """Broadcast ids that are asked for by id."""
        from airtide.warehouse.candidates import WarehouseCandidates

        return WarehouseCandidates(self.connections.postgres_address())

    def source(self, platform: Platform) -> LiveSource:
        """One site's live broadcasts."""
        from airtide.platforms.registry import build_source

        access = self.connections.site_access(platform, simulated_now=self.simulated_now)
        return build_source(platform, access, self.settings.platform(platform), candidates=lambda: self.candidates)

    def connect_rollup(self) -> Connection:
        """Open a warehouse connection that may replace rollups."""
        from airtide.warehouse.connect import Role, connect

        return connect(self.connections.postgres_address(), Role.ROLLUP)
