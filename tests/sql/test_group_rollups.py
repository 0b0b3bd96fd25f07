"""What the tables of categories, languages and platforms keep beside sums, and what goes wrong with NULL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.sql.worlds import Told, to_ms, write_broadcast, write_marks, write_policies, write_samples

from airtide.domain.cells import ViewerSample
from airtide.domain.dirty import find_dirty_by_bounds, find_dirty_by_samples
from airtide.warehouse import migrations
from airtide.warehouse.rollups import roll_up_days, roll_up_hours
from airtide.warehouse.zone_days import ensure_zone_days, find_zone_days

DAY = date(2026, 6, 2)
NOW = datetime(2026, 6, 3, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
CHESS, MUSIC = 1, 2
MINUTE_MS = 60_000
MIGRATION = Path(migrations.__file__).parent / "versions" / "0005" / "categories_and_languages.sql"


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 6, 2, tzinfo=UTC) + timedelta(hours=hour, minutes=minute)


def sample(
    instant: datetime, viewers: int | None, category: int = 0, cadence_s: int = 300, language: str = ""
) -> ViewerSample:
    return ViewerSample(
        sampled_at_ms=to_ms(instant),
        viewers=viewers,
        cadence_s=cadence_s,
        category_key=category,
        language=language,
    )


def land(connection: psycopg.Connection, key: int, samples: Sequence[ViewerSample]) -> None:
    """Land all samples of one broadcast, rows and marks in one transaction."""
    told = Told(broadcast_key=key, platform="twitch", channel_key=key)
    before = told.bounds()
    told.samples.update({sample.sampled_at_ms: sample for sample in samples})
    days = find_zone_days("UTC", DAY - timedelta(days=3), DAY + timedelta(days=3))
    dirty = find_dirty_by_samples(told.samples, days) | find_dirty_by_bounds(before, told.bounds(), days)
    with connection.transaction():
        write_samples(connection, told, samples)
        write_broadcast(connection, told)
        write_marks(connection, told.platform, dirty)


def read(connection: psycopg.Connection, query: str) -> list[Any]:
    return connection.execute(query).fetchall()  # type: ignore[call-overload]


@pytest.fixture(autouse=True)
def calendar(rolling: psycopg.Connection) -> None:
    """Days of UTC around the one of the tests."""
    ensure_zone_days(rolling, ["UTC"], first_day=DAY - timedelta(days=1), last_day=DAY + timedelta(days=1))


def test_a_last_sample_holds_half_its_cadence_though_least_passes_over_null(
    landing: psycopg.Connection, rolling: psycopg.Connection
) -> None:
    # LEAST(NULL, limit) is the limit: a sample without a next one would hold for three minutes, one after nothing too
    land(landing, 1, [sample(at(10, 10), 100, cadence_s=60)])
    land(landing, 2, [sample(at(12, 10), 100, cadence_s=60), sample(at(14, 10), 100, cadence_s=60)])
    roll_up_days(rolling, now=NOW)
    held = read(rolling, "SELECT broadcast_key, airtime_ms, viewer_ms FROM trends.broadcast_day ORDER BY broadcast_key")
    # alone: half a cadence on both sides; before a gap a whole cadence, after it nothing
    assert held == [(1, MINUTE_MS, 100 * MINUTE_MS), (2, 2 * MINUTE_MS, 100 * 2 * MINUTE_MS)]
    for table in ("platform_hour", "category_hour", "category_day", "language_day", "platform_day"):
        assert read(rolling, f"SELECT SUM(airtime_ms) FROM trends.{table}") == [(3 * MINUTE_MS,)]


def test_the_largest_channels_are_summed_and_the_others_left_out(
    landing: psycopg.Connection, rolling: psycopg.Connection
) -> None:
    for key in range(1, 13):
        land(landing, key, [sample(at(10), key)])
    roll_up_days(rolling, now=NOW)
    (sums,) = read(rolling, "SELECT viewer_ms, top_10_viewer_ms, top_100_viewer_ms FROM trends.platform_day")
    assert sums == (78 * 5 * MINUTE_MS, 75 * 5 * MINUTE_MS, 78 * 5 * MINUTE_MS)


def test_revision_and_time_of_a_category_or_language_move_only_where_a_number_changed(
    landing: psycopg.Connection, rolling: psycopg.Connection
) -> None:
    land(landing, 1, [sample(at(10), 5, CHESS, language="ko")])
    land(landing, 2, [sample(at(10), 5, MUSIC, language="en")])
    roll_up_days(rolling, now=NOW)
    land(landing, 3, [sample(at(10, 5), 7, MUSIC, language="en")])
    roll_up_days(rolling, now=LATER)
    for table, key in (("category_hour", "category_key"), ("category_day", "category_key")):
        query = f"SELECT {key}, revision, computed_at FROM trends.{table} WHERE samples > 0 ORDER BY {key}"
        assert read(rolling, query) == [(CHESS, 1, NOW), (MUSIC, 2, LATER)]
    assert read(rolling, "SELECT language, revision, computed_at FROM trends.language_day ORDER BY language") == [
        ("en", 2, LATER),
        ("ko", 1, NOW),
    ]


def test_a_category_or_language_that_is_no_longer_told_loses_its_row(
    landing: psycopg.Connection, rolling: psycopg.Connection
) -> None:
    land(landing, 1, [sample(at(10), 5, CHESS, language="ko")])
    roll_up_days(rolling, now=NOW)
    # a later sample decides the language of the day, and the head of the first one is cut at the new bridge
    land(landing, 1, [sample(at(10), 5, CHESS, language="ko"), sample(at(11), 5, CHESS, language="en")])
    roll_up_days(rolling, now=LATER)
    assert read(rolling, "SELECT language, broadcasts FROM trends.language_day") == [("en", 1)]


def test_a_sealed_hour_keeps_its_categories(
    landing: psycopg.Connection, rolling: psycopg.Connection, owner: psycopg.Connection
) -> None:
    land(landing, 1, [sample(at(10, 30), 5, CHESS), sample(at(12, 30), 5, CHESS)])
    roll_up_hours(rolling, now=NOW)
    query = "SELECT * FROM trends.category_hour WHERE hour = '2026-06-02 10:00+00'"
    before = read(rolling, query)
    write_policies(owner, timedelta(hours=24), timedelta(days=400))
    owner.execute("DELETE FROM live.sample WHERE sampled_at < '2026-06-02 11:00+00'")
    land(landing, 2, [sample(at(10, 45), 900, CHESS), sample(at(12, 30), 900, CHESS)])
    outcome = roll_up_hours(rolling, now=at(24 + 11, 30))
    assert (outcome.sealed_hours, outcome.hours) == (3, 2)
    assert read(rolling, query) == before
    assert read(rolling, "SELECT peak_viewers FROM trends.category_hour WHERE hour = '2026-06-02 12:00+00'") == [(900,)]


def test_the_peak_concurrent_of_a_day_is_unknown_where_an_hour_was_sealed_before_it_had_categories(
    landing: psycopg.Connection, rolling: psycopg.Connection
) -> None:
    land(landing, 1, [sample(at(10), 5, CHESS), sample(at(12), 5, CHESS)])
    land(landing, 2, [sample(at(12), 7, MUSIC)])
    roll_up_hours(rolling, now=NOW)
    rolling.execute("DELETE FROM trends.category_hour WHERE hour = '2026-06-02 10:00+00'")
    roll_up_days(rolling, now=NOW)
    query = "SELECT category_key, viewer_ms > 0, peak_concurrent FROM trends.category_day ORDER BY category_key"
    assert read(rolling, query) == [(CHESS, True, None), (MUSIC, True, 7)]


def test_what_was_rolled_up_before_there_were_categories_has_them_after_the_migration(
    landing: psycopg.Connection, rolling: psycopg.Connection, owner: psycopg.Connection
) -> None:
    land(landing, 1, [sample(at(10), 5, CHESS, language="ko")])
    roll_up_days(rolling, now=NOW)
    tables = {name: read(rolling, f"SELECT * FROM trends.{name}") for name in ("category_hour", "category_day")}
    owner.execute("DROP TABLE trends.category_hour, trends.category_day, trends.language_day CASCADE")
    owner.execute("ALTER TABLE trends.platform_day DROP top_10_viewer_ms CASCADE, DROP top_100_viewer_ms CASCADE")
    owner.execute(MIGRATION.read_text())
    roll_up_days(rolling, now=NOW)
    assert {name: read(rolling, f"SELECT * FROM trends.{name}") for name in tables} == tables
    assert read(rolling, "SELECT top_10_viewer_ms, revision FROM trends.platform_day") == [(5 * 5 * MINUTE_MS, 2)]
