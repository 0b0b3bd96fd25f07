"""Postgres, DuckDB and the plain arithmetic make the same days, to the last unit: three that share no code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from tests.engine_days import assert_rows, tell_snapshots
from tests.services import Warehouse
from tests.sql.worlds import PLATFORMS, ZONES, World

from airtide.domain.clock import SetClock
from airtide.domain.models import Platform
from airtide.domain.periods import Period, ZoneDay
from airtide.domain.recomputed import BroadcastBounds, DayObject, DaySnapshots
from airtide.engines.duckdb import DuckDbEngine
from airtide.pipeline.audit_day import Unaudited, audit_day
from airtide.pipeline.recomputing import RecomputedDay
from airtide.warehouse.day_audit import WarehouseDays
from airtide.warehouse.rollups import roll_up_days
from airtide.warehouse.zone_days import ensure_zone_days

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
ENGINE = DuckDbEngine(threads=1)


class ToldLake:
    """A lake that holds what a world has told."""

    def __init__(self, world: World, days: Sequence[ZoneDay]) -> None:
        self._world = world
        self._day_of = {(day.period.start_ms, day.period.end_ms): day for day in days}

    def read_snapshots(
        self, platform: Platform, objects: Sequence[DayObject], lives: Mapping[str, int], period: Period
    ) -> Iterator[DaySnapshots]:
        day = self._day_of[period.start_ms + 3_600_000, period.end_ms - 3_600_000]
        return tell_snapshots(self._world.observed_on(platform), day)


class CheckedEngine:
    """DuckDB, held against the plain arithmetic before anybody else reads from it."""

    def __init__(self, platform: Platform, world: World) -> None:
        self._platform, self._world = platform, world

    @contextmanager
    def recompute(
        self, day: ZoneDay, snapshots: Iterable[DaySnapshots], bounds: Iterable[Sequence[BroadcastBounds]]
    ) -> Iterator[RecomputedDay]:
        with ENGINE.recompute(day, snapshots, bounds) as recomputed:
            assert_rows(recomputed, self._platform, self._world.observed_on(self._platform), day)
            yield recomputed


def find_days(world: World, around: date) -> list[ZoneDay]:
    """Return the days of each zone about the change of clocks, of 23 or 25 hours in Havana, and one far off."""
    wanted = {(around + timedelta(days=step)).isoformat() for step in (-1, 0, 1, 3)}
    return [day for day in world.days if day.day in wanted]


@pytest.mark.parametrize("seed", range(3))
def test_three_ways_of_computing_a_day_agree(
    seed: int, warehouse: Warehouse, landing: psycopg.Connection, rolling: psycopg.Connection
) -> None:
    world = World(seed, broadcasts=20)
    ensure_zone_days(rolling, ZONES, first_day=world.first_day, last_day=world.last_day)
    days = find_days(world, world.first_day + timedelta(days=5))
    lake = ToldLake(world, days)
    for share in (0.6, 1.0):
        world.land_some(landing, share)
        roll_up_days(rolling, now=NOW)
    audited = 0
    for number, day in enumerate(days):
        platform = Platform(PLATFORMS[number % 2])
        report = audit_day(
            platform,
            date.fromisoformat(day.day),
            day.zone,
            warehouse=WarehouseDays(warehouse.address),
            lake=lake,
            engine=CheckedEngine(platform, world),
            clock=SetClock(NOW),
        )
        audited += report.unaudited is None
        assert report.unaudited in (None, Unaudited.NOTHING)
        assert [(table.table.name, table.shown) for table in report.tables if not table.is_equal] == []
    assert audited >= 9  # three days in three zones; in the one far off may be nothing
