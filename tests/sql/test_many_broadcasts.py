"""A day of very many broadcasts that no statistics know is merged in seconds all the same."""

from __future__ import annotations

from datetime import date, timedelta

import psycopg
from tests.sql.test_rollups import at, read

from airtide.warehouse.rollups import roll_up_days
from airtide.warehouse.zone_days import ensure_zone_days

DAY = date(2026, 6, 2)
MANY = 12_000


def test_a_day_of_many_broadcasts_is_merged_before_anything_was_analyzed(
    landing: psycopg.Connection, rolling: psycopg.Connection
) -> None:
    ensure_zone_days(rolling, ["UTC"], first_day=DAY, last_day=DAY + timedelta(days=1))
    landing.execute(
        "INSERT INTO live.broadcast (broadcast_key, platform, broadcast_id, channel_key, first_sampled_at, "
        "last_sampled_at) SELECT n, 'twitch', n, n, %(first)s, %(last)s FROM GENERATE_SERIES(1, %(many)s) AS n",
        {"first": at(10), "last": at(10, 5), "many": MANY},
    )
    rolling.execute(
        "INSERT INTO trends.broadcast_hour SELECT 'twitch', %(hour)s, n, 0, 2, 2, 300000, 300000, 1500000, 5, "
        "%(hour)s, %(hour)s, 5, 300, '', %(last)s, 5, 300, '', %(hour)s, 1, 1 FROM GENERATE_SERIES(1, %(many)s) AS n",
        {"hour": at(10), "last": at(10, 5), "many": MANY},
    )
    landing.execute("INSERT INTO trends.dirty_day (platform, zone, day) VALUES ('twitch', 'UTC', %s)", (DAY,))
    rolling.execute("SET statement_timeout = '15s'")
    assert roll_up_days(rolling, now=at(30)).changed_broadcasts == MANY
    # half a cadence before the first sample and after the last
    row = "SELECT broadcasts, samples, airtime_ms FROM trends.platform_day"
    assert read(rolling, row) == [(MANY, 2 * MANY, 600_000 * MANY)]
    assert read(rolling, "SHOW enable_nestloop") == [("on",)]
