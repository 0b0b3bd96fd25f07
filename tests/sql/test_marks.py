"""Marks of counts that look wrong: those of the plain rules, in any order of arrival, and never a number changed."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from tests.sql.test_rollups import at, broadcast, land, read
from tests.sql.worlds import PLATFORMS, World, to_instant, write_policies

from airtide.domain.cells import ViewerSample
from airtide.domain.marks import Marks, mark_day, mark_hour
from airtide.domain.periods import floor_to_hour
from airtide.warehouse.rollups import roll_up_days, roll_up_hours
from airtide.warehouse.rollups.marks import write_broadcast_marks
from airtide.warehouse.zone_days import ensure_zone_days

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
DAY = date(2026, 6, 2)
OF_DAYS = "SELECT stuck_hours, flat_hours, glitches, step_jumps FROM trends.broadcast_day WHERE day = '2026-06-02'"
NUMBERS = "SELECT samples, airtime_ms, viewer_ms, peak_viewers FROM trends.broadcast_day ORDER BY day"


class OddWorld(World):
    """A world with counts that stand still, hardly move, fall to one and jump."""

    def _make_samples(self, longest: int) -> list[ViewerSample]:
        pick = self._random
        samples = super()._make_samples(longest)
        viewers, odd = [], pick.choice((None, 19, 20, 300, 5_000, 200_000))
        for _ in samples:
            if pick.random() < 0.05:
                odd = pick.choice((None, 0, 1, 4, 19, 20, 99, 104, 500, 5_000, 200_000))
            if odd is None:
                viewers.append(None)
            else:
                viewers.append(1 if pick.random() < 0.02 else odd + pick.choice((0, 0, odd // 100)))
        return [replace(sample, viewers=count) for sample, count in zip(samples, viewers, strict=True)]


def expect_hours(world: World) -> dict[Any, Marks]:
    return {
        (platform, to_instant(hour_ms), told.broadcast_key): marks
        for platform in PLATFORMS
        for told in world.observed_on(platform)
        for hour_ms in {floor_to_hour(sample.sampled_at_ms) for sample in told.samples}
        if (marks := mark_hour(told, hour_ms)) != Marks()
    }


def expect_days(world: World) -> dict[Any, Marks]:
    return {
        (day.zone, date.fromisoformat(day.day), told.broadcast_key): marks
        for day in world.days
        for platform in PLATFORMS
        for told in world.observed_on(platform)
        if (marks := mark_day(told, day.period)) != Marks()
    }


def read_marks(connection: psycopg.Connection, query: str) -> dict[Any, Marks]:
    names = tuple(asdict(Marks()))
    return {tuple(row[:3]): Marks(**dict(zip(names, row[3:], strict=True))) for row in read(connection, query)}


def read_hours(connection: psycopg.Connection) -> dict[Any, Marks]:
    return read_marks(
        connection,
        "SELECT platform::TEXT, hour, broadcast_key, stuck_hours, flat_hours, glitches, step_jumps "
        "FROM trends.broadcast_hour_mark",
    )


def read_days(connection: psycopg.Connection) -> dict[Any, Marks]:
    return read_marks(
        connection,
        "SELECT zone, day, broadcast_key, stuck_hours, flat_hours, glitches, step_jumps FROM trends.broadcast_day "
        "WHERE stuck_hours + flat_hours + glitches + step_jumps > 0",
    )


@pytest.mark.parametrize("seed", range(2))
def test_marks_equal_the_plain_rules_after_every_landing(
    seed: int, landing: psycopg.Connection, rolling: psycopg.Connection
) -> None:
    world = OddWorld(seed, broadcasts=30, longest=120)
    zones = ("America/Havana",)
    world.days = [day for day in world.days if day.zone in zones]
    ensure_zone_days(rolling, zones, first_day=world.first_day, last_day=world.last_day)
    for share in (0.5, 1.0):
        world.land_some(landing, share)
        roll_up_days(rolling, now=NOW)
        assert (read_hours(rolling), read_days(rolling)) == (expect_hours(world), expect_days(world))
    kinds = sum(expect_days(world).values(), Marks())
    assert all(asdict(kinds).values())


@pytest.fixture
def calendar(rolling: psycopg.Connection) -> None:
    """Days of UTC around the one of the tests."""
    ensure_zone_days(rolling, ["UTC"], first_day=DAY - timedelta(days=2), last_day=DAY + timedelta(days=2))


@pytest.mark.usefixtures("calendar")
def test_an_odd_count_that_lands_late_moves_the_revision_once_and_leaves_the_rest_alone(
    landing: psycopg.Connection, rolling: psycopg.Connection
) -> None:
    odd, even = broadcast(key=1), broadcast(key=2)
    for told in (odd, even):
        land(landing, told, (at(10), 500), (at(10, 10), 400))
    roll_up_days(rolling, now=NOW)
    land(landing, odd, (at(10, 5), 1))
    outcome = roll_up_days(rolling, now=LATER)
    assert (outcome.changed_broadcasts, outcome.changed_marks) == (1, 1)
    query = "SELECT broadcast_key, glitches, revision, computed_at FROM trends.broadcast_day ORDER BY broadcast_key"
    assert read(rolling, query) == [(1, 1, 2, LATER), (2, 0, 1, NOW)]
    land(landing, odd, (at(10, 5), 1))
    assert roll_up_days(rolling, now=LATER + timedelta(hours=1)).changed_marks == 0
    assert read(rolling, query) == [(1, 1, 2, LATER), (2, 0, 1, NOW)]


@pytest.mark.usefixtures("calendar")
def test_a_mark_that_goes_or_comes_alone_moves_the_revision_and_no_number(
    landing: psycopg.Connection, rolling: psycopg.Connection, owner: psycopg.Connection
) -> None:
    told = broadcast()
    land(landing, told, *((at(10, 5 * place), 40) for place in range(12)))
    roll_up_days(rolling, now=NOW)
    assert read(rolling, OF_DAYS) == [(1, 0, 0, 0)]
    numbers = read(rolling, NUMBERS)
    owner.execute("UPDATE trends.broadcast_hour_mark SET stuck_hours = 0, step_jumps = 3")
    landing.execute("INSERT INTO trends.dirty_day (platform, zone, day) VALUES ('twitch', 'UTC', %s)", (DAY,))
    roll_up_days(rolling, now=LATER)
    assert read(rolling, OF_DAYS) == [(0, 0, 0, 3)]
    assert read(rolling, "SELECT revision, computed_at FROM trends.broadcast_day") == [(2, LATER)]
    assert read(rolling, NUMBERS) == numbers


@pytest.mark.usefixtures("calendar")
def test_an_hour_beside_a_sealed_one_is_still_judged_by_the_count_before_it(
    landing: psycopg.Connection, rolling: psycopg.Connection, owner: psycopg.Connection
) -> None:
    told = broadcast()
    land(landing, told, (at(10, 58), 70), (at(11, 3), 1))
    roll_up_hours(rolling, now=at(24))
    write_policies(owner, timedelta(hours=24), timedelta(days=400))
    owner.execute("DELETE FROM live.sample WHERE sampled_at < '2026-06-02 11:00+00'")
    land(landing, broadcast(key=2), (at(11), 1))
    roll_up_hours(rolling, now=at(24 + 10, 30))
    assert list(read_hours(rolling).values()) == [Marks(glitches=1)]


def test_marks_of_many_broadcasts_are_written_though_no_statistics_know_their_day(
    db: psycopg.Connection,
) -> None:
    parameters = {"platform": "twitch", "zone": "UTC", "now": LATER}
    for day in (DAY, DAY + timedelta(days=1)):
        db.execute(
            "INSERT INTO trends.broadcast_day (zone, day, platform, broadcast_key, channel_key, language, samples, "
            "known_samples, airtime_ms, known_airtime_ms, live_ms, viewer_ms, computed_at, revision, "
            "definitions_version) "
            "SELECT 'UTC', %s, 'twitch', n, n, '', 1, 1, 1, 1, 1, 1, %s, 1, 1 FROM GENERATE_SERIES(1, 30000) AS n",
            (day, NOW),
        )
        if day == DAY:
            db.execute("ANALYZE trends.broadcast_day")
    starts_at = datetime(2026, 6, 3, tzinfo=UTC)
    db.execute(
        "INSERT INTO trends.broadcast_hour_mark VALUES ('twitch', %s, 7, 0, 0, 2, 1, %s, 1, 1)", (starts_at, NOW)
    )
    of_day = {**parameters, "day": starts_at.date(), "starts_at": starts_at, "ends_at": starts_at + timedelta(days=1)}

    assert write_broadcast_marks(db, of_day, now=LATER) == 1
    assert read(db, "SELECT glitches, step_jumps, revision FROM trends.broadcast_day WHERE glitches > 0") == [(2, 1, 2)]
    assert read(db, "SHOW enable_nestloop") == [("on",)]
