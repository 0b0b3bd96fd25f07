"""Two days of landings in a store and a warehouse, to be compacted, rebuilt, left to their age."""

from __future__ import annotations

from datetime import date, timedelta

from tests.fakes.bus import MemoryBroker, MemoryLog, MemorySink
from tests.fakes.lake import MemoryStore
from tests.fakes.observations import TICK, make_snapshot, make_sweep
from tests.landed_views import LandedView, read_view

from airtide.domain.clock import SetClock
from airtide.domain.models import Platform, Reject
from airtide.domain.rebuilding import RebuildOutcome
from airtide.lake.compacting import Compactor
from airtide.lake.lake import SnapshotLake
from airtide.lake.reading import LakeReader
from airtide.pipeline.compact import compact_lake
from airtide.pipeline.land import land_platform
from airtide.pipeline.rebuild import rebuild_range
from airtide.pipeline.stop_line import BadRecordLimits
from airtide.warehouse.connect import Role, connect
from airtide.warehouse.objects import WarehouseObjects
from airtide.warehouse.policies import PlatformPolicy, write_policies
from airtide.warehouse.rebuilding import WarehouseRebuild
from airtide.warehouse.zone_days import ensure_zone_days

POLLED = Platform.CHZZK
CADENCE = timedelta(minutes=5)
RAW_AGE = timedelta(days=30)
DAY, NEXT = TICK.date(), TICK.date() + timedelta(days=1)
LIMITS = BadRecordLimits(max_in_row=500, max_share=0.9, min_for_share=20)
ROWS = ("samples", "broadcasts", "flags", "channels", "categories", "details", "sweeps", "settled")


class Kept:
    """A warehouse and its ledger."""

    def __init__(self, warehouse) -> None:
        policy = PlatformPolicy(
            platform=POLLED,
            raw_age=RAW_AGE,
            text_age=RAW_AGE,
            statistics_age=RAW_AGE,
            picture_age=RAW_AGE,
            pictures="link",
            in_combined_rank=True,
        )
        with connect(warehouse.superuser, Role.OWNER) as connection:
            write_policies(connection, [policy])
        with connect(warehouse.address, Role.ROLLUP) as connection:
            ensure_zone_days(connection, ["UTC"], first_day=date(2026, 1, 1), last_day=date(2026, 3, 1))
        self.address = warehouse.address
        self.ledger = WarehouseRebuild(warehouse.address)

    @property
    def view(self) -> LandedView:
        return read_view(self.address, POLLED)

    def rows(self) -> dict[str, object]:
        view = self.view
        return {name: getattr(view, name) for name in ROWS}


class World:
    """Two days of landings, in a store and a first warehouse."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept
        self.store = MemoryStore()
        self.broker = MemoryBroker([POLLED])
        self.clock = SetClock(TICK)

    def land(self, kept: Kept | None = None) -> None:
        land_platform(
            POLLED,
            log=MemoryLog(self.broker),
            lake=SnapshotLake(self.store),
            ledger=(kept or self.kept).ledger,
            clock=self.clock,
            max_snapshots=1000,
            limits=LIMITS,
        )

    def sweep(self, number: int, *, names: range = range(8), token: str = "", **values) -> None:
        """Poll once; each broadcast changes its title now and then, some counts stand still, others are hidden."""
        tick = TICK + number * CADENCE
        self.clock.set(tick + timedelta(minutes=1))
        sink = MemorySink(self.broker)
        records = [
            make_snapshot(
                f"b{n}",
                **(
                    {
                        "sweep_id": f"s{number}{token}",
                        "sampled_at": tick,
                        "fetched_at": tick + timedelta(seconds=n),
                        "viewers": None if n == 3 else 1 if number % 4 == 2 and n == 2 else 5000 + n * (number // 5),
                        "title": f"{n} is on for the {number // 3}. time",
                        "channel_name": f"name {n} {number // 4}",
                        "category_id": f"c{n % 3}",
                        "category_name": "노래",
                        "tags": ("가", "b")[: n % 3],
                        "started_at": TICK - CADENCE,
                    }
                    | values
                ),
            )
            for n in names
        ]
        ended = [make_snapshot("b7", sampled_at=tick, ended_at=tick, channel_name=None)] if number == 6 else []
        rejects = [Reject(platform=POLLED, reason="no id", raw=b"{}")] if number in (1, 13, 140) else []
        ends = sink.publish_snapshots(POLLED, [*records, *rejects, *ended])
        sink.publish_sweep(
            make_sweep(
                sweep_id=f"s{number}{token}",
                sampled_at=tick,
                end_offsets=ends,
                snapshots=len(records) + len(ended),
                rejects=len(rejects),
            )
        )

    def fill(self) -> None:
        for number in (0, 1, 2, 3):
            self.sweep(number)
            if number in (1, 3):
                self.land()
        self.sweep(3, token="again", viewers=7)  # the same tick again, in a batch of its own
        self.land()
        self.sweep(4, names=range(7))
        self.sweep(4, token="twice", viewers=9)  # and in one batch
        for number in (5, 6, 7, 8, 12, 13, 140, 144, 145, 146):  # midnight lies before 144
            self.sweep(number, names=range(1, 6))
            if number in (6, 12, 144, 146):
                self.land()
        self.clock.set(TICK + timedelta(days=2))

    def compact(self) -> None:
        outcome = compact_lake(
            [POLLED],
            lake=Compactor(self.store, rows_at_once=20),
            ledger=WarehouseObjects(self.kept.address),
            clock=self.clock,
            closed_after=timedelta(hours=2),
        )
        assert outcome.objects_after == 4

    def drop_replaced(self) -> None:
        with connect(self.kept.address) as connection:
            retired = connection.execute(
                "SELECT object_key FROM ingest.lake_object WHERE retired_at IS NOT NULL"
            ).fetchall()
        for (key,) in retired:
            self.store.delete(key)

    def rebuild(self, kept: Kept, *days: date, dry_run: bool = False) -> RebuildOutcome:
        return rebuild_range(
            POLLED, days, lake=LakeReader(self.store), ledger=kept.ledger, clock=self.clock, dry_run=dry_run
        )
