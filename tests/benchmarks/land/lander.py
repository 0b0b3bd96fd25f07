"""Runs of the landing itself, on messages that are produced before its clock starts."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from tests.benchmarks.land.crowd import DAY, make_sweep
from tests.benchmarks.land.parts import Parts, Server

from airtide.bus.producer import KafkaSink
from airtide.bus.ranges import KafkaLog
from airtide.domain.batches import Batch, LakeObject, ReadBatch, SnapshotColumns, SweepRecord
from airtide.domain.clock import SetClock
from airtide.domain.models import Platform, Snapshot
from airtide.lake.lake import SnapshotLake
from airtide.pipeline.land import LandingOutcome, land_platform
from airtide.pipeline.ports import Lake, SnapshotLog
from airtide.pipeline.stop_line import BadRecordLimits
from airtide.settings import load_settings
from airtide.warehouse.ledger import WarehouseLedger

CLOCK = SetClock(DAY + timedelta(days=12))
"""After every tick that is landed, and before any is too old."""
DEADLINE_S = 120.0

_LANDING = load_settings().landing
MAX_SNAPSHOTS = _LANDING.max_snapshots


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run of a side moved and spent."""

    messages: int
    new_rows: int
    wall_s: float
    cpu_s: float
    """Of the PostgreSQL server."""
    wal_bytes: int
    database_s: float = 0.0
    """From the decoded batch to its commit: arranging it and the transaction, without the lake."""
    batches: int = 0
    batches_with_duplicates: int = 0

    @property
    def rate(self) -> float:
        """Messages a second."""
        return self.messages / self.wall_s

    @property
    def database_rate(self) -> float:
        """Messages a second of the database step alone."""
        return self.messages / self.database_s

    @property
    def server_cpu_a_message(self) -> float:
        """Seconds."""
        return self.cpu_s / self.messages

    @property
    def wal_a_message(self) -> float:
        """Bytes."""
        return self.wal_bytes / self.messages


class WatchedLog(KafkaLog):
    """The log of a landing; notes when a batch is decoded."""

    decoded_at = 0.0

    def read_batch(self, batch: Batch) -> ReadBatch:
        """Read a batch."""
        read = super().read_batch(batch)
        self.decoded_at = time.perf_counter()
        return read


class WatchedLake:
    """The lake of a landing, or none; notes when a batch is arranged."""

    def __init__(self, lake: Lake | None) -> None:
        self._lake = lake
        self.arranged_at = 0.0

    def write_snapshots(self, batch: Batch, rows: SnapshotColumns) -> Sequence[LakeObject]:
        """Write them."""
        self.arranged_at = time.perf_counter()
        return [] if self._lake is None else self._lake.write_snapshots(batch, rows)

    def write_sweeps(self, batch: Batch, sweeps: Sequence[SweepRecord]) -> Sequence[LakeObject]:
        """Write them."""
        return [] if self._lake is None else self._lake.write_sweeps(batch, sweeps)


class WatchedLedger(WarehouseLedger):
    """The ledger of a landing; sums up the time of the database step."""

    def watch(self, log: WatchedLog, lake: WatchedLake) -> None:
        """Begin to sum up."""
        self._log, self._lake = log, lake
        self.database_s = 0.0
        self.with_duplicates = 0

    def land_batch(self, batch, rows, objects, *, now):
        """Land a batch."""
        begun_at = time.perf_counter()
        counts = super().land_batch(batch, rows, objects, now=now)
        self.database_s += time.perf_counter() - begun_at + self._lake.arranged_at - self._log.decoded_at
        self.with_duplicates += counts.duplicate_samples > 0
        return counts


def produce(parts: Parts, ticks: Iterable[Sequence[Snapshot]]) -> int:
    """Publish the sweeps as a poll does; return how many messages have snapshots."""
    produced = 0
    with KafkaSink(parts.kafka, deadline_s=DEADLINE_S) as sink:
        for snapshots in ticks:
            ends = sink.publish_snapshots(snapshots[0].platform, snapshots)
            sink.publish_sweep(make_sweep(snapshots, ends))
            produced += len(snapshots)
    return produced


def land(parts: Parts, platform: Platform, server: Server, *, with_lake: bool = True) -> Run:
    """Land what waits, as a new run with nothing remembered, at the settings of the product."""
    cpu_before, wal_before, begun_at = server.read_cpu_s(), server.read_wal_bytes(), time.perf_counter()
    with WatchedLog(parts.kafka, deadline_s=DEADLINE_S) as log, parts.open_store() as store:
        lake = WatchedLake(SnapshotLake(store) if with_lake else None)
        ledger = WatchedLedger(parts.address)
        ledger.watch(log, lake)
        outcome = land_with(platform, log, lake, ledger)
    return Run(
        messages=outcome.samples + outcome.duplicate_samples,
        new_rows=outcome.samples,
        wall_s=time.perf_counter() - begun_at,
        cpu_s=server.read_cpu_s() - cpu_before,
        wal_bytes=server.read_wal_bytes() - wal_before,
        database_s=ledger.database_s,
        batches=outcome.batches,
        batches_with_duplicates=ledger.with_duplicates,
    )


def land_with(platform: Platform, log: SnapshotLog, lake: Lake, ledger: WarehouseLedger) -> LandingOutcome:
    """Land what waits with these adapters."""
    return land_platform(
        platform,
        log=log,
        lake=lake,
        ledger=ledger,
        clock=CLOCK,
        max_snapshots=MAX_SNAPSHOTS,
        limits=BadRecordLimits(
            max_in_row=_LANDING.max_bad_in_row,
            max_share=_LANDING.max_bad_share,
            min_for_share=_LANDING.min_bad_for_share,
        ),
    )
