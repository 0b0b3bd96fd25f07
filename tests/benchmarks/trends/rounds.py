"""Rounds in which a day is computed in every way, one after the other, so that all meet the same machine."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from psycopg import Connection
from tests.benchmarks.collect.sweeps import read_memory
from tests.benchmarks.measures import FEWEST_RUNS
from tests.benchmarks.trends.crowd import BROADCASTS, DAY
from tests.benchmarks.trends.objects import TOPIC_ID
from tests.benchmarks.trends.parts import NOW, QUADRUPLE, SINGLE, Parts, running_parts
from tests.benchmarks.trends.tables import empty_day

from airtide.domain.models import Platform
from airtide.domain.periods import Period
from airtide.domain.recomputed import AROUND_MS, DAY_TABLES, DayObject, compare_rows
from airtide.engines.duckdb import DuckDbEngine
from airtide.lake.day_rows import LakeDays
from airtide.warehouse.connect import Role, connect
from airtide.warehouse.day_audit import WarehouseDays
from airtide.warehouse.rollups import roll_up_days

_WINDOW_DAY = Path(__file__).with_name("window_day.sql").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much is computed."""

    rounds: int = FEWEST_RUNS
    broadcasts: int = BROADCASTS


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What one full recompute cost a process of its own."""

    wall_s: float
    grown_mib: float
    """The process's largest resident size, above what it had before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """The day in every way, and one four times as large."""

    closing_s: float
    """From its hourly states, in PostgreSQL, rows written."""
    window_s: float
    """By one window query over its samples, in PostgreSQL, nothing written."""
    compacted: Recomputed
    small: Recomputed
    quadruple: Recomputed


@cache
def run_all(scale: Scale = Scale()) -> Sequence[Round]:
    """Run all rounds on parts started for them; raises `ValueError` when the ways do not agree."""
    with (
        running_parts(scale.broadcasts) as parts,
        connect(parts.address, Role.ROLLUP) as connection,
        ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool,
    ):
        close_day(connection)
        check_equal(parts)

        def recompute_apart(platform: Platform, objects: Sequence[DayObject]) -> Recomputed:
            return pool.submit(recompute, parts, platform, objects).result()

        return [
            Round(
                compacted=recompute_apart(SINGLE, parts.compacted),
                closing_s=close_day(connection),
                small=recompute_apart(SINGLE, parts.small),
                window_s=query_day(connection),
                quadruple=recompute_apart(QUADRUPLE, parts.quadruple),
            )
            for _ in range(scale.rounds)
        ]


def close_day(connection: Connection) -> float:
    """Merge the day from its states, every row anew; return the seconds it took."""
    empty_day(connection, SINGLE, [table.name for table in DAY_TABLES])
    begun_at = time.perf_counter()
    outcome = roll_up_days(connection, now=NOW)
    wall_s = time.perf_counter() - begun_at
    if outcome.days != 1 or outcome.changed_platforms != 1:
        raise ValueError(f"the day was not closed: {outcome.to_dict()}")
    return wall_s


def query_day(connection: Connection) -> float:
    """Compute the day by one window query; return the seconds it took."""
    asked = {"platform": SINGLE.value, "starts_at": DAY, "ends_at": DAY + timedelta(days=1)}
    begun_at = time.perf_counter()
    rows = connection.execute(_WINDOW_DAY.encode(), asked).fetchall()
    wall_s = time.perf_counter() - begun_at
    if not rows:
        raise ValueError("the window query found nothing")
    return wall_s


def recompute(parts: Parts, platform: Platform, objects: Sequence[DayObject]) -> Recomputed:
    """Compute every table of a day from its objects, as an audit does."""
    idle_kib = read_memory("VmRSS")
    begun_at = time.perf_counter()
    with WarehouseDays(parts.address).open_day(platform, "UTC", DAY.date()) as kept, parts.open_store() as store:
        day = kept.record.day
        around = Period(day.period.start_ms - AROUND_MS, day.period.end_ms + AROUND_MS)
        snapshots = LakeDays(store).read_snapshots(platform, objects, {TOPIC_ID: 0}, around)
        with DuckDbEngine().recompute(day, snapshots, kept.read_bounds()) as recomputed:
            rows = sum(1 for table in DAY_TABLES for _ in recomputed.read_rows(table))
    wall_s = time.perf_counter() - begun_at
    if not rows:
        raise ValueError(f"nothing was recomputed of {platform}")
    return Recomputed(wall_s, (read_memory("VmHWM") - idle_kib) / 1024)


def check_equal(parts: Parts) -> None:
    """Raise `ValueError` unless what was merged from states is what small and compacted objects say."""
    with WarehouseDays(parts.address).open_day(SINGLE, "UTC", DAY.date()) as kept, parts.open_store() as store:
        day = kept.record.day
        around = Period(day.period.start_ms - AROUND_MS, day.period.end_ms + AROUND_MS)
        for objects in (parts.small, parts.compacted):
            snapshots = LakeDays(store).read_snapshots(SINGLE, objects, {TOPIC_ID: 0}, around)
            with DuckDbEngine().recompute(day, snapshots, kept.read_bounds()) as recomputed:
                for table in DAY_TABLES:
                    report = compare_rows(table, kept.read_rows(table), recomputed.read_rows(table))
                    if not report.is_equal or not report.equal:
                        raise ValueError(f"{table.name}: {report.equal} equal, {report.different}: {report.shown[:3]}")
