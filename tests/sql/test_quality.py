"""What the checks see of an hour: one test a way in which it can be wrong, and when it is judged again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from tests.sql.test_rollups import at, broadcast, land, read
from tests.sql.worlds import Told, write_policies

from airtide.domain.models import Platform
from airtide.domain.quality import Bound, Check, CheckedHours, Severity
from airtide.settings import load_settings
from airtide.warehouse.connect import Role, connect
from airtide.warehouse.quality import check_hours
from airtide.warehouse.queries.quality import read_quality
from airtide.warehouse.queries.rankings import TrendDay, read_days
from airtide.warehouse.rollups import roll_up_days
from airtide.warehouse.rollups.again import mark_hour
from airtide.warehouse.zone_days import ensure_zone_days

DAY = date(2026, 6, 2)
BOUNDS = load_settings().quality.bounds
CROWD = 20
"""Broadcasts of `crowd`: fewer say nothing of shares."""


def crowd(connection: psycopg.Connection, hour: int, *, of: int = CROWD, viewers: int | None = 50) -> list[Told]:
    """Land an hour of broadcasts, every five minutes, whose counts move; return them."""
    found = [broadcast(key=number) for number in range(1, of + 1)]
    for told in found:
        land(
            connection,
            told,
            *((at(hour, 5 * tick), viewers and viewers + tick * told.broadcast_key) for tick in range(12)),
        )
    return found


def watch_two_hours(owner: psycopg.Connection, landing: psycopg.Connection, rolling: psycopg.Connection) -> None:
    """Land and roll up two hours of a crowd of known channels: the first is not judged, the second is well."""
    owner.cursor().executemany(
        "INSERT INTO live.channel (channel_key, platform, channel_id, observed_at) VALUES (%s, 'twitch', %s, %s)",
        [(key, str(key), at(9)) for key in range(1, CROWD + 1)],
    )
    make_calendar(rolling)
    crowd(landing, 9)
    crowd(landing, 10)
    roll_up_days(rolling, now=at(11, 10))


def make_calendar(rolling: psycopg.Connection) -> None:
    ensure_zone_days(rolling, ["UTC"], first_day=DAY - timedelta(days=9), last_day=DAY + timedelta(days=2))


@pytest.fixture
def calendar(rolling: psycopg.Connection) -> None:
    """Days of UTC around the one of the tests."""
    make_calendar(rolling)


@pytest.fixture
def known(landing: psycopg.Connection, rolling: psycopg.Connection, owner: psycopg.Connection) -> None:
    """Two hours of a crowd."""
    watch_two_hours(owner, landing, rolling)


def judge(connection: psycopg.Connection, now: datetime, hours: int = 48, **bounds: Bound) -> CheckedHours:
    named = {Check(name): bound for name, bound in bounds.items()}
    return check_hours(connection, {**BOUNDS, **named}, now=now, hours=hours)


def failed(connection: psycopg.Connection) -> list[Any]:
    return read(
        connection,
        "SELECT check_name, EXTRACT(HOUR FROM hour)::INTEGER, observed FROM trends.quality_check WHERE NOT passed "
        "ORDER BY hour, check_name",
    )


@pytest.mark.usefixtures("known")
def test_an_hour_that_nothing_is_wrong_with_passes_all_that_can_be_said_of_it(rolling: psycopg.Connection) -> None:
    outcome = judge(rolling, at(11, 40))
    assert (outcome.hours, outcome.warnings, outcome.blocks) == (1, 0, 0)
    observed = dict(read(rolling, "SELECT check_name, observed FROM trends.quality_check"))
    assert observed == {
        "duplicates": 0,
        "negative_values": 0,
        "null_values": 0,
        "silent_minutes": 5,
        "stuck_share": 0,
        "uncounted_samples": 0,
        "unknown_share": 0,
        "viewers_jump": pytest.approx(1, abs=0.1),
    }


def read_day(connection: psycopg.Connection) -> TrendDay:
    [day] = read_days(connection, zone="UTC", now=at(48), limit=1, day=DAY)
    return day


@pytest.mark.usefixtures("known")
def test_a_platform_that_fell_silent_is_told_for_a_day(rolling: psycopg.Connection) -> None:
    assert judge(rolling, at(11 + 30)).warnings > 0
    silent = [(name, observed) for name, _, observed in failed(rolling) if name == "silent_minutes"]
    assert silent == [("silent_minutes", 60)] * 24


@pytest.mark.usefixtures("calendar")
def test_silence_within_an_hour_counts_from_its_start_and_to_its_end(
    landing: psycopg.Connection, rolling: psycopg.Connection
) -> None:
    land(landing, broadcast(), (at(9), 5), (at(10, 15), 5), (at(10, 35), 5), (at(11, 25), 5))
    roll_up_days(rolling, now=at(12))
    judge(rolling, at(12, 40))
    assert [row for row in failed(rolling) if row[0] == "silent_minutes"] == [
        ("silent_minutes", 10, 25),
        ("silent_minutes", 11, 35),
    ]


@pytest.mark.usefixtures("calendar")
def test_hidden_counts_jumps_and_a_thinner_hour_than_last_week_warn(
    landing: psycopg.Connection, rolling: psycopg.Connection
) -> None:
    crowd(landing, -7 * 24 + 11, of=25)
    crowd(landing, -7 * 24 + 10, of=25)
    for hour, of, viewers in ((10, 25, 50), (11, 12, 5_000)):
        crowd(landing, hour, of=of, viewers=viewers)
    hidden = [broadcast(key=number) for number in range(30, 40)]
    for told in hidden:
        land(landing, told, *((at(11, 5 * tick), None) for tick in range(12)))
    roll_up_days(rolling, now=at(12))
    judge(rolling, at(12, 40), hours=2)
    found = {name: observed for name, hour, observed in failed(rolling) if hour == 11 and name != "null_values"}
    hours = "hour IN ('2026-06-02 10:00+00', '2026-06-02 11:00+00')"
    [(before,), (after,)] = read(rolling, f"SELECT viewer_ms FROM trends.platform_hour WHERE {hours} ORDER BY hour")
    assert found == {"unknown_share": pytest.approx(120 / 264), "viewers_jump": after / before}
    [(ratio,)] = read(
        rolling,
        "SELECT observed FROM trends.quality_check WHERE check_name = 'rows_against_last_week' "
        "AND hour = '2026-06-02 11:00+00'",
    )
    assert ratio == pytest.approx(264 / 300)


@pytest.mark.usefixtures("calendar")
def test_an_hour_that_has_become_small_is_held_against_last_week_by_the_samples_it_has(
    landing: psycopg.Connection, rolling: psycopg.Connection
) -> None:
    crowd(landing, -7 * 24 + 11, of=9)
    crowd(landing, 10, of=9)
    crowd(landing, 11, of=8)
    roll_up_days(rolling, now=at(12))
    judge(rolling, at(12, 40), hours=2)
    query = "SELECT check_name, observed FROM trends.quality_check WHERE hour = '2026-06-02 11:00+00'"
    observed = dict(read(rolling, query))
    assert observed["rows_against_last_week"] == pytest.approx(96 / 108)
    assert observed.keys().isdisjoint({"unknown_share", "viewers_jump", "stuck_share"})


@pytest.mark.usefixtures("calendar")
def test_counts_that_all_stand_still_warn(landing: psycopg.Connection, rolling: psycopg.Connection) -> None:
    for told in crowd(landing, 10):
        count = 80 if told.broadcast_key > 2 else 90
        land(landing, told, *((at(11, 5 * tick), count + tick * (told.broadcast_key > 2)) for tick in range(12)))
    roll_up_days(rolling, now=at(12))
    judge(rolling, at(12, 40))
    assert ("stuck_share", 11, 0.1) in failed(rolling)


@pytest.mark.usefixtures("known")
def test_an_hour_is_judged_once_until_its_numbers_change(
    landing: psycopg.Connection, rolling: psycopg.Connection
) -> None:
    assert judge(rolling, at(11, 40)).hours == 1
    assert judge(rolling, at(11, 50)) == CheckedHours()
    land(landing, broadcast(key=1), (at(10, 7), 60))
    assert judge(rolling, at(11, 55)) == CheckedHours()
    roll_up_days(rolling, now=at(11, 57))
    assert judge(rolling, at(11, 58)).hours == 1


@pytest.mark.usefixtures("known")
def test_a_failed_hour_of_long_ago_is_judged_again_once_it_is_mended(
    rolling: psycopg.Connection, owner: psycopg.Connection
) -> None:
    owner.execute("UPDATE trends.broadcast_hour SET viewer_ms = -1 WHERE broadcast_key = 1 AND hour = %s", [at(10)])
    judge(rolling, at(11, 40))
    assert failed(rolling)
    later = at(24 * 4)
    assert judge(rolling, later, hours=24).hours == 0
    mark_hour(rolling, [Platform.TWITCH], at(10), now=later)
    roll_up_days(rolling, now=later)
    assert judge(rolling, later + timedelta(minutes=40), hours=24).hours == 1
    assert not failed(rolling)
    assert judge(rolling, later + timedelta(minutes=50), hours=24).hours == 0


@pytest.mark.usefixtures("known")
def test_what_failed_is_judged_again_by_the_bounds_of_the_day(rolling: psycopg.Connection) -> None:
    strict = Bound(severity=Severity.BLOCK, most=4.0)
    assert judge(rolling, at(11, 40), silent_minutes=strict).blocks == 1
    assert read_day(rolling).is_provisional
    assert judge(rolling, at(11, 50), silent_minutes=Bound(severity=Severity.WARN, most=4.0)).warnings == 1
    assert not read_day(rolling).is_provisional
    assert judge(rolling, at(11, 55)).warnings == 0


@pytest.mark.usefixtures("known")
def test_a_sealed_hour_keeps_its_judgement_and_an_expired_one_has_none(
    rolling: psycopg.Connection, owner: psycopg.Connection
) -> None:
    judge(rolling, at(11, 40), silent_minutes=Bound(severity=Severity.BLOCK, most=4.0))
    write_policies(owner, timedelta(hours=1), timedelta(days=400))
    assert judge(rolling, at(11, 50)) == CheckedHours()
    assert read_day(rolling).blocked_platforms == ["twitch"]
    write_policies(owner, timedelta(hours=1), timedelta(hours=1))
    assert judge(rolling, at(11, 50)).expired == 8
    assert failed(rolling) == []


@pytest.mark.usefixtures("known")
def test_the_reader_is_told_what_failed_and_how_much_passed(rolling: psycopg.Connection, warehouse: Any) -> None:
    judge(rolling, at(11, 40), silent_minutes=Bound(severity=Severity.WARN, most=4.0))
    with connect(warehouse.address, Role.READER) as reader:
        state = read_quality(reader, platforms=[Platform.TWITCH, Platform.SOOP], from_hour=at(0))
        assert read_quality(reader, platforms=[Platform.SOOP], from_hour=at(0)).platforms == []
    [twitch] = state.platforms
    assert (twitch.platform, twitch.hours, twitch.last_hour) == ("twitch", 1, at(10))
    assert (twitch.checks, twitch.passed) == (8, 7)
    [failure] = state.failures
    assert (failure.check_name, failure.severity, failure.observed, failure.most) == ("silent_minutes", "warn", 5, 4)


def test_nothing_is_judged_of_an_empty_warehouse(rolling: psycopg.Connection) -> None:
    assert judge(rolling, datetime(2026, 6, 3, tzinfo=UTC)) == CheckedHours()
