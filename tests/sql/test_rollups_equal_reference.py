"""The database's rollups equal the plain arithmetic to the last unit, whatever lands in whatever order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from tests.sql import reference_rows as reference
from tests.sql.worlds import PLATFORMS, ZONES, World, to_ms

from airtide.domain.models import Platform
from airtide.warehouse.rollups import roll_up_days, roll_up_hours
from airtide.warehouse.rollups.tables import (
    BROADCAST_DAY,
    BROADCAST_HOUR,
    CATEGORY_DAY,
    CATEGORY_HOUR,
    CHANNEL_DAY,
    LANGUAGE_DAY,
    PLATFORM_DAY,
    PLATFORM_HOUR,
    RollupTable,
)
from airtide.warehouse.zone_days import ensure_zone_days

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
TABLES = (
    *(BROADCAST_HOUR, PLATFORM_HOUR, CATEGORY_HOUR),
    *(BROADCAST_DAY, CHANNEL_DAY, CATEGORY_DAY, LANGUAGE_DAY, PLATFORM_DAY),
)


def plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_ms(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def read_rows(connection: psycopg.Connection, table: RollupTable) -> reference.Rows:
    cursor = connection.cursor(row_factory=dict_row)
    rows = cursor.execute(f"SELECT * FROM trends.{table.name}").fetchall()
    return {
        tuple(plain(row[name]) for name in table.key): {name: plain(row[name]) for name in table.numbers}
        for row in rows
    }


def read_stamps(connection: psycopg.Connection, table: RollupTable) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    rows = connection.cursor(row_factory=dict_row).execute(f"SELECT * FROM trends.{table.name}").fetchall()
    return {tuple(row[name] for name in table.key): (row["revision"], row["computed_at"]) for row in rows}


def expect_rows(world: World) -> dict[str, reference.Rows]:
    expected: dict[str, reference.Rows] = {table.name: {} for table in TABLES}
    for platform in PLATFORMS:
        observed = world.observed_on(platform)
        expected["broadcast_hour"] |= reference.broadcast_hours(platform, observed)
        expected["platform_hour"] |= reference.platform_hours(platform, observed)
        expected["category_hour"] |= reference.category_hours(platform, observed)
        expected["broadcast_day"] |= reference.broadcast_days(platform, observed, world.days)
        expected["channel_day"] |= reference.channel_days(platform, observed, world.days)
        expected["category_day"] |= reference.category_days(platform, observed, world.days)
        expected["language_day"] |= reference.language_days(platform, observed, world.days)
        expected["platform_day"] |= reference.platform_days(platform, observed, world.days)
    return expected


def differing(connection: psycopg.Connection, world: World) -> dict[str, Any]:
    """Return what the tables hold otherwise than they should: by table and key, what is there and what should be."""
    found = {}
    for name, expected in expect_rows(world).items():
        table = next(table for table in TABLES if table.name == name)
        held = read_rows(connection, table)
        for key in held.keys() | expected.keys():
            if held.get(key) != expected.get(key):
                found[name, key] = (held.get(key), expected.get(key))
    return found


@pytest.mark.parametrize("seed", range(8))
def test_rollups_equal_the_plain_arithmetic_after_every_landing(
    seed: int, landing: psycopg.Connection, rolling: psycopg.Connection
) -> None:
    world = World(seed)
    ensure_zone_days(rolling, ZONES, first_day=world.first_day, last_day=world.last_day)
    for share in (0.5, 1.0):
        world.land_some(landing, share)
        roll_up_hours(rolling, now=NOW, platform=Platform.SOOP)
        roll_up_days(rolling, now=NOW)
        assert differing(rolling, world) == {}
    assert rolling.execute("SELECT COUNT(*) FROM trends.dirty_hour").fetchone() == (0,)
    assert rolling.execute("SELECT COUNT(*) FROM trends.dirty_day").fetchone() == (0,)


def test_rebuilding_all_changes_nothing_where_what_was_dirty_has_been_rebuilt(
    landing: psycopg.Connection, rolling: psycopg.Connection
) -> None:
    world = World(8, broadcasts=6)
    world.days = [day for day in world.days if day.zone == "America/Havana"]
    ensure_zone_days(rolling, ["America/Havana"], first_day=world.first_day, last_day=world.last_day)
    for share in (0.5, 1.0):
        world.land_some(landing, share)
        roll_up_days(rolling, now=NOW)
    before = {table.name: read_stamps(rolling, table) for table in TABLES}
    landing.execute(
        "INSERT INTO trends.dirty_hour (platform, hour, with_state) "
        "SELECT DISTINCT platform, hour + step, TRUE FROM trends.platform_hour "
        "CROSS JOIN UNNEST('{-1 hour, 0, 1 hour}'::INTERVAL[]) AS step"
    )
    landing.execute(
        "INSERT INTO trends.dirty_day (platform, zone, day) "
        "SELECT platform, zone, day FROM UNNEST('{twitch, soop}'::live.platform[]) AS platform, trends.zone_day"
    )
    outcome = roll_up_days(rolling, now=NOW + timedelta(hours=1))
    assert outcome.days == len(PLATFORMS) * len(world.days)
    assert {table.name: read_stamps(rolling, table) for table in TABLES} == before
