"""What a roll-up does besides computing: it redoes what is marked, and only that, beside whatever else goes on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from tests.services import Warehouse
from tests.sql.worlds import (
    Told,
    to_ms,
    write_broadcast,
    write_marks,
    write_policies,
    write_samples,
)

from airtide.domain.cells import ViewerSample
from airtide.domain.clock import SetClock
from airtide.domain.dirty import find_dirty_by_bounds, find_dirty_by_samples
from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform
from airtide.warehouse.connect import Role, connect
from airtide.warehouse.rollups import HourlyOutcome, hours, roll_up_days, roll_up_hours
from airtide.warehouse.rollups.again import find_days, recompute_days
from airtide.warehouse.zone_days import ensure_zone_days, find_zone_days

DAY = date(2026, 6, 2)
BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)
NOW = datetime(2026, 6, 3, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 6, 2, tzinfo=UTC) + timedelta(hours=hour, minutes=minute)


def broadcast(platform: str = "twitch", key: int = 1) -> Told:
    return Told(broadcast_key=key, platform=platform, channel_key=key)


def land(connection: psycopg.Connection, told: Told, *taken: tuple[datetime, int | None], language: str = "ko") -> None:
    """Land samples of one broadcast as a landing does: rows and marks in one transaction."""
    days = find_zone_days("UTC", BEFORE - timedelta(days=5), AFTER + timedelta(days=5))
    samples = [
        ViewerSample(sampled_at_ms=to_ms(instant), viewers=viewers, cadence_s=300, language=language)
        for instant, viewers in taken
    ]
    before = told.bounds()
    told.samples.update({sample.sampled_at_ms: sample for sample in samples})
    dirty = find_dirty_by_samples((s.sampled_at_ms for s in samples), days)
    with connection.transaction():
        write_samples(connection, told, samples)
        write_broadcast(connection, told)
        write_marks(connection, told.platform, dirty | find_dirty_by_bounds(before, told.bounds(), days))


def read(connection: psycopg.Connection, query: str) -> list[Any]:
    return connection.execute(query).fetchall()  # type: ignore[call-overload]


def waiting(connection: psycopg.Connection) -> tuple[int, int]:
    (counts,) = read(
        connection, "SELECT (SELECT COUNT(*) FROM trends.dirty_hour), (SELECT COUNT(*) FROM trends.dirty_day)"
    )
    return counts


@pytest.fixture(autouse=True)
def calendar(rolling: psycopg.Connection) -> None:
    """Days of UTC around the one of the tests."""
    ensure_zone_days(rolling, ["UTC"], first_day=BEFORE - timedelta(days=1), last_day=AFTER + timedelta(days=1))


def test_a_platform_without_a_policy_is_refused_and_keeps_its_marks(
    landing: psycopg.Connection, rolling: psycopg.Connection
) -> None:
    land(landing, broadcast("kick"), (at(10), 5))
    before = waiting(rolling)
    with pytest.raises(MisconfiguredError, match="kick"):
        roll_up_hours(rolling, now=NOW)
    assert waiting(rolling) == before


def test_a_failure_leaves_rows_and_marks_as_they_were(
    landing: psycopg.Connection, rolling: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(landing, broadcast(), (at(10), 5))
    before = waiting(rolling)

    def fail(*_: object) -> None:
        raise ConnectionError("cut off")

    monkeypatch.setattr(hours, "collect_edges", fail)
    with pytest.raises(ConnectionError):
        roll_up_hours(rolling, now=NOW)
    monkeypatch.undo()
    assert (read(rolling, "SELECT FROM trends.broadcast_hour"), waiting(rolling)) == ([], before)
    assert roll_up_hours(rolling, now=NOW).changed_states == 1


def test_while_another_roll_up_has_its_turn_nothing_is_done(
    warehouse: Warehouse, landing: psycopg.Connection, rolling: psycopg.Connection
) -> None:
    land(landing, broadcast(), (at(10), 5))
    before = waiting(rolling)
    rolling.execute("SET lock_timeout = '50ms'")
    with connect(warehouse.address, Role.ROLLUP) as other:
        other.execute("SELECT pg_advisory_lock(hashtext('airtide.roll_up'))")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            roll_up_hours(rolling, now=NOW)
    assert waiting(rolling) == before


def test_nothing_marked_is_nothing_done(rolling: psycopg.Connection) -> None:
    assert roll_up_hours(rolling, now=NOW) == HourlyOutcome()
    assert set(roll_up_days(rolling, now=NOW).to_dict().values()) == {0}


def test_marks_of_other_platforms_wait(landing: psycopg.Connection, rolling: psycopg.Connection) -> None:
    land(landing, broadcast("twitch", 1), (at(10), 5))
    land(landing, broadcast("soop", 2), (at(10), 5))
    assert roll_up_hours(rolling, now=NOW, platform=Platform.SOOP).hours == 3
    assert read(rolling, "SELECT DISTINCT platform::TEXT FROM trends.dirty_hour") == [("twitch",)]


def test_marks_of_other_zones_wait(landing: psycopg.Connection, rolling: psycopg.Connection) -> None:
    land(landing, broadcast(), (at(10), 5))
    assert roll_up_days(rolling, now=NOW, zone="Asia/Seoul").days == 0
    assert roll_up_days(rolling, now=NOW, zone="UTC").days == 1


def test_a_day_that_the_calendar_lacks_is_postponed_and_said_so(
    landing: psycopg.Connection, rolling: psycopg.Connection
) -> None:
    land(landing, broadcast(), (at(10), 5))
    landing.execute("INSERT INTO trends.dirty_day (platform, zone, day) VALUES ('twitch', 'Asia/Tokyo', %s)", (DAY,))
    outcome = roll_up_days(rolling, now=NOW)
    assert (outcome.days, outcome.postponed_days) == (1, 1)
    assert waiting(rolling) == (0, 1)


def test_what_lands_while_hours_roll_up_is_left_to_the_next_run(
    landing: psycopg.Connection, rolling: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = broadcast()
    land(landing, told, (at(10), 5), (at(10, 5), 5))
    collect_edges = hours.collect_edges

    def land_and_collect(*arguments: Any) -> None:
        monkeypatch.undo()
        land(landing, told, (at(10, 10), 7))
        collect_edges(*arguments)

    monkeypatch.setattr(hours, "collect_edges", land_and_collect)
    roll_up_hours(rolling, now=NOW)
    query = "SELECT samples, peak_viewers FROM trends.platform_hour WHERE samples > 0"
    assert read(rolling, query) == [(2, 5)]
    assert waiting(rolling)[0] == 3
    roll_up_hours(rolling, now=NOW)
    assert read(rolling, query) == [(3, 7)]
    assert waiting(rolling)[0] == 0


def test_a_landing_that_began_before_a_roll_up_and_commits_after_it_loses_no_mark(
    landing: psycopg.Connection, rolling: psycopg.Connection
) -> None:
    first, second = broadcast(key=1), broadcast(key=2)
    land(landing, first, (at(10), 5))
    with landing.transaction():
        land(landing, second, (at(10), 7))
        # the marks of the landing that commits last are older than those of this one
        roll_up_days(rolling, now=NOW)
        assert waiting(rolling) == (0, 0)
        assert read(rolling, "SELECT samples FROM trends.platform_day") == [(1,)]
    assert waiting(rolling) == (3, 1)
    roll_up_days(rolling, now=LATER)
    assert read(rolling, "SELECT samples, revision FROM trends.platform_day") == [(2, 2)]
    assert waiting(rolling) == (0, 0)


def test_a_day_whose_hours_are_marked_meanwhile_is_postponed(
    landing: psycopg.Connection, rolling: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = broadcast()
    land(landing, told, (at(10), 5))

    def roll_up_and_land(*arguments: Any, **named: Any) -> None:
        monkeypatch.undo()
        roll_up_hours(*arguments, **named)
        land(landing, told, (at(10, 5), 7))

    monkeypatch.setattr("airtide.warehouse.rollups.days.roll_up_hours", roll_up_and_land)
    outcome = roll_up_days(rolling, now=NOW)
    assert (outcome.days, outcome.postponed_days) == (0, 1)
    assert roll_up_days(rolling, now=NOW).days == 1
    assert read(rolling, "SELECT samples FROM trends.platform_day") == [(2,)]


def test_revision_and_time_move_only_where_a_number_changed(
    landing: psycopg.Connection, rolling: psycopg.Connection
) -> None:
    land(landing, broadcast(key=1), (at(10), 5))
    land(landing, broadcast(key=2), (at(10), 5))
    roll_up_days(rolling, now=NOW)
    late = broadcast(key=2)
    late.samples = {to_ms(at(10)): ViewerSample(sampled_at_ms=to_ms(at(10)), viewers=5, cadence_s=300, language="ko")}
    land(landing, late, (at(10, 5), 9))
    roll_up_days(rolling, now=LATER)
    query = "SELECT broadcast_key, revision, computed_at FROM trends.{} ORDER BY broadcast_key"
    expected = [(1, 1, NOW), (2, 2, LATER)]
    assert read(rolling, query.format("broadcast_hour")) == expected
    assert read(rolling, query.format("broadcast_day")) == expected


def test_the_same_marks_again_change_no_row(landing: psycopg.Connection, rolling: psycopg.Connection) -> None:
    told = broadcast()
    land(landing, told, (at(10), 5), (at(11), None))
    roll_up_days(rolling, now=NOW)
    land(landing, told, (at(10), 5), (at(11), None))
    hourly = roll_up_hours(rolling, now=LATER)
    daily = roll_up_days(rolling, now=LATER)
    assert (hourly.hours, hourly.changed_states, hourly.changed_hours, hourly.changed_category_hours) == (4, 0, 0, 0)
    assert (daily.days, daily.changed_broadcasts, daily.changed_channels, daily.changed_platforms) == (1, 0, 0, 0)
    assert (daily.changed_categories, daily.changed_languages) == (0, 0)


def test_another_version_of_the_definitions_is_a_change(
    landing: psycopg.Connection, rolling: psycopg.Connection, owner: psycopg.Connection
) -> None:
    told = broadcast()
    land(landing, told, (at(10), 5))
    roll_up_hours(rolling, now=NOW)
    owner.execute("UPDATE trends.broadcast_hour SET definitions_version = 0")
    land(landing, told, (at(10), 5))
    assert roll_up_hours(rolling, now=LATER).changed_states == 1


def test_a_sealed_hour_keeps_its_numbers_and_loses_its_marks(
    landing: psycopg.Connection, rolling: psycopg.Connection, owner: psycopg.Connection
) -> None:
    told = broadcast()
    land(landing, told, (at(10, 58), 5), (at(12, 1), 5))
    roll_up_hours(rolling, now=NOW)
    before = read(rolling, "SELECT * FROM trends.platform_hour WHERE hour <= '2026-06-02 11:00+00' ORDER BY hour")
    write_policies(owner, timedelta(hours=24), timedelta(days=400))
    land(landing, told, (at(10, 59), 9), (at(12, 2), 9))
    outcome = roll_up_hours(rolling, now=at(24 + 11, 30))
    after = read(rolling, "SELECT * FROM trends.platform_hour WHERE hour <= '2026-06-02 11:00+00' ORDER BY hour")
    assert (outcome.hours, outcome.sealed_hours) == (2, 3)
    assert (after, waiting(rolling)[0]) == (before, 0)


def test_an_hour_whose_samples_are_gone_stays_sealed_when_the_age_is_raised(
    landing: psycopg.Connection, rolling: psycopg.Connection, owner: psycopg.Connection
) -> None:
    land(landing, broadcast(), (at(10, 55), 5), (at(11), 7), (at(11, 5), 7))
    roll_up_days(rolling, now=at(25))
    query = "SELECT samples, viewer_ms, revision FROM trends.{} WHERE samples > 0 ORDER BY viewer_ms"
    tables = ("broadcast_hour", "platform_hour", "category_hour", "broadcast_day", "channel_day", "platform_day")
    before = [read(rolling, query.format(table)) for table in tables]
    owner.execute("DELETE FROM live.sample WHERE sampled_at < '2026-06-02 11:00+00'")
    write_policies(owner, timedelta(days=300), timedelta(days=400))
    days = find_days(rolling, [Platform.TWITCH], ["UTC"], first_day=DAY, last_day=DAY, now=at(24 * 4))
    assert not days[0].is_sealed
    recompute_days(rolling, days, SetClock(at(24 * 4)))
    assert [read(rolling, query.format(table)) for table in tables] == before
    assert waiting(rolling) == (0, 0)


def test_an_hour_beside_a_sealed_one_still_counts_what_reaches_in_from_it(
    landing: psycopg.Connection, rolling: psycopg.Connection, owner: psycopg.Connection
) -> None:
    told = broadcast()
    land(landing, told, (at(10, 58), 70), (at(11, 3), 5))
    roll_up_hours(rolling, now=NOW)
    write_policies(owner, timedelta(hours=24), timedelta(days=400))
    owner.execute("DELETE FROM live.sample WHERE sampled_at < '2026-06-02 11:00+00'")
    land(landing, broadcast(key=2), (at(11), 1))
    roll_up_hours(rolling, now=at(24 + 10, 30))
    assert read(
        rolling,
        "SELECT peak_concurrent, airtime_ms FROM trends.platform_hour WHERE hour = '2026-06-02 11:00+00'",
    ) == [(71, 330_000 + 150_000)]


def test_a_day_is_merged_from_states_when_its_samples_are_gone(
    landing: psycopg.Connection, rolling: psycopg.Connection, owner: psycopg.Connection
) -> None:
    told = broadcast()
    land(landing, told, (at(1), 5), (at(1, 5), 5))
    roll_up_hours(rolling, now=at(2))
    write_policies(owner, timedelta(hours=24), timedelta(days=400))
    owner.execute("DELETE FROM live.sample")
    roll_up_days(rolling, now=at(26))
    assert read(rolling, "SELECT samples, airtime_ms FROM trends.platform_day") == [(2, 600_000)]


def test_a_day_whose_states_have_begun_to_expire_keeps_its_numbers(
    landing: psycopg.Connection, rolling: psycopg.Connection, owner: psycopg.Connection
) -> None:
    told = broadcast()
    land(landing, told, (at(10), 5))
    roll_up_days(rolling, now=NOW)
    owner.execute("DELETE FROM trends.broadcast_hour")
    write_policies(owner, timedelta(days=30), timedelta(days=30))
    landing.execute("INSERT INTO trends.dirty_day (platform, zone, day) VALUES ('twitch', 'UTC', %s)", (DAY,))
    outcome = roll_up_days(rolling, now=at(30 * 24))
    assert (outcome.days, outcome.sealed_days) == (0, 1)
    assert read(rolling, "SELECT samples FROM trends.platform_day") == [(1,)]
    assert waiting(rolling) == (0, 0)


@pytest.mark.parametrize("viewers", [0, 1, 2**31 - 1])
def test_a_peak_is_told_whole_and_with_its_earliest_time_in_every_table_of_days(
    landing: psycopg.Connection, rolling: psycopg.Connection, viewers: int
) -> None:
    for key in (1, 2):
        taken = [(at(hour, key), viewers) for hour in (9, 10, 12)]
        land(landing, broadcast(key=key), *taken, (at(11), max(viewers - 1, 0)), (at(13), None))
    roll_up_days(rolling, now=NOW)
    for table in ("broadcast_day", "channel_day", "category_day", "language_day", "platform_day"):
        of_day = "zone = 'UTC' AND day = '2026-06-02' ORDER BY peak_at"
        found = read(rolling, f"SELECT peak_viewers, peak_at FROM trends.{table} WHERE {of_day}")
        assert found[0] == (viewers, at(9, 1)), table
        assert len(found) == (2 if table in ("broadcast_day", "channel_day") else 1)


def test_hidden_counts_alone_have_no_peak(landing: psycopg.Connection, rolling: psycopg.Connection) -> None:
    land(landing, broadcast(), (at(9), None), (at(10), None))
    roll_up_days(rolling, now=NOW)
    for table in ("broadcast_day", "channel_day", "category_day", "language_day", "platform_day"):
        found = read(rolling, f"SELECT peak_viewers, peak_at FROM trends.{table} WHERE day = '2026-06-02'")
        assert found == [(None, None)], table


def test_days_of_a_hole_follow_the_language_of_the_day_before_them(
    landing: psycopg.Connection, rolling: psycopg.Connection
) -> None:
    told = broadcast()
    land(landing, told, (at(-30), 5), (at(60), 5), language="ko")
    roll_up_days(rolling, now=NOW)
    land(landing, told, (at(-29), 5), language="en")
    roll_up_days(rolling, now=LATER)
    rows = read(rolling, "SELECT language, samples FROM trends.broadcast_day ORDER BY day")
    assert rows == [("en", 2), ("en", 0), ("en", 0), ("en", 0), ("ko", 1)]


def test_writing_the_calendar_again_changes_nothing(rolling: psycopg.Connection) -> None:
    query = "SELECT zone, day, starts_at, ends_at, xmin::TEXT FROM trends.zone_day ORDER BY day"
    before = read(rolling, query)
    ensure_zone_days(rolling, ["UTC"], first_day=BEFORE, last_day=AFTER)
    assert read(rolling, query) == before


def test_a_refused_zone_leaves_the_calendar_as_it_was(rolling: psycopg.Connection) -> None:
    before = read(rolling, "SELECT COUNT(*) FROM trends.zone_day")
    with pytest.raises(MisconfiguredError, match="Kolkata"):
        ensure_zone_days(rolling, ["Asia/Seoul", "Asia/Kolkata"], first_day=BEFORE, last_day=AFTER)
    assert read(rolling, "SELECT COUNT(*) FROM trends.zone_day") == before


def test_a_zone_that_is_added_later_has_its_past_days_rolled_up(
    landing: psycopg.Connection, rolling: psycopg.Connection
) -> None:
    land(landing, broadcast("twitch", 1), (at(-40), 5), (at(10), 5))
    land(landing, broadcast("soop", 2), (at(16), 5))
    roll_up_days(rolling, now=NOW)
    ensure_zone_days(rolling, ["Asia/Seoul"], first_day=BEFORE - timedelta(days=3), last_day=AFTER)
    roll_up_days(rolling, now=NOW)
    rows = read(
        rolling,
        "SELECT platform::TEXT, day - DATE '2026-06-02', samples FROM trends.platform_day "
        "WHERE zone = 'Asia/Seoul' ORDER BY platform, day",
    )
    assert rows == [("soop", 1, 1), ("twitch", -2, 1), ("twitch", -1, 0), ("twitch", 0, 1)]


def test_the_open_hour_rests_after_it_was_computed_and_an_ended_one_does_not(
    landing: psycopg.Connection, rolling: psycopg.Connection
) -> None:
    told, rest, now = broadcast(), timedelta(minutes=5), at(10, 20)
    land(landing, told, (at(9, 50), 5), (at(10, 10), 5))
    roll_up_hours(rolling, now=now, open_hour_rest=rest)
    land(landing, told, (at(9, 55), 6), (at(10, 15), 6))
    soon = roll_up_hours(rolling, now=now + timedelta(minutes=4), open_hour_rest=rest)
    # eight and nine o'clock have ended; ten o'clock rests, and its marks wait
    assert read(rolling, "SELECT DISTINCT hour FROM trends.dirty_hour") == [(at(10),)]
    assert soon.changed_hours >= 1
    roll_up_hours(rolling, now=now + timedelta(minutes=5), open_hour_rest=rest)
    assert read(rolling, "SELECT DISTINCT hour FROM trends.dirty_hour") == []
    assert read(rolling, f"SELECT samples FROM trends.platform_hour WHERE hour = '{at(10)}'") == [(2,)]
