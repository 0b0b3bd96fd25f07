"""What broadcasts bring to categories equals the plain arithmetic to the last unit, and adds up to their days."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from tests.sql import reference_rows as reference
from tests.sql.worlds import PLATFORMS, ZONES, World, to_ms

from airtide.warehouse.rollups import roll_up_days
from airtide.warehouse.zone_days import ensure_zone_days

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
KEY = ("zone", "day", "platform", "broadcast_key", "category_key")


def plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_ms(value)
    return value.isoformat() if isinstance(value, date) else value


def read_rows(connection: psycopg.Connection) -> reference.Rows:
    rows = connection.cursor(row_factory=dict_row).execute("SELECT * FROM trends.broadcast_category_day").fetchall()
    return {
        tuple(plain(row[name]) for name in KEY): {name: plain(row[name]) for name in row if name not in KEY}
        for row in rows
    }


@pytest.mark.parametrize("seed", range(3))
def test_a_category_gets_the_cells_of_its_own_samples_and_no_other_time(
    seed: int, landing: psycopg.Connection, rolling: psycopg.Connection
) -> None:
    world = World(seed)
    ensure_zone_days(rolling, ZONES, first_day=world.first_day, last_day=world.last_day)
    world.land_some(landing, 1.0)
    roll_up_days(rolling, now=NOW)

    expected: reference.Rows = {}
    for platform in PLATFORMS:
        expected |= reference.broadcast_category_days(platform, world.observed_on(platform), world.days)
    assert read_rows(rolling) == expected

    apart = rolling.execute(
        "SELECT COUNT(*), COUNT(*) FILTER (WHERE whole.viewer_ms <> part.viewer_ms OR whole.samples <> part.samples "
        "OR whole.airtime_ms <> part.airtime_ms OR whole.known_airtime_ms <> part.known_airtime_ms) "
        "FROM trends.broadcast_day AS whole INNER JOIN ("
        "SELECT zone, day, platform, broadcast_key, SUM(samples) AS samples, SUM(airtime_ms) AS airtime_ms, "
        "SUM(known_airtime_ms) AS known_airtime_ms, SUM(viewer_ms) AS viewer_ms "
        "FROM trends.broadcast_category_day GROUP BY zone, day, platform, broadcast_key"
        ") AS part USING (zone, day, platform, broadcast_key)"
    ).fetchone()
    assert apart is not None
    assert apart[0] > 20
    assert apart[1] == 0
