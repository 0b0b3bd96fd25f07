"""Hours and days computed again: another version of the definitions, harmed rows, a zone that is new, sealed days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from tests.sql.test_rollups import at, broadcast, land, read, waiting
from tests.sql.worlds import write_policies

from airtide.domain.clock import SetClock
from airtide.domain.models import Platform
from airtide.warehouse.rollups import again, roll_up_days, tables, versions
from airtide.warehouse.rollups.again import find_days, find_days_ending, mark_days, mark_hour, recompute_days
from airtide.warehouse.zone_days import ensure_zone_days

DAY = date(2026, 6, 2)
ONE_DAY = timedelta(days=1)
NOW, LATER = at(30), at(31)
BOTH = [Platform.TWITCH, Platform.SOOP]
TABLES = ("broadcast_hour", "platform_hour", "broadcast_day", "channel_day", "platform_day")


@pytest.fixture(autouse=True)
def rolled_up(landing: psycopg.Connection, rolling: psycopg.Connection) -> None:
    """Three days of UTC with two broadcasts, one of them through a midnight, rolled up."""
    ensure_zone_days(rolling, ["UTC"], first_day=DAY - 2 * ONE_DAY, last_day=DAY + 2 * ONE_DAY)
    land(landing, broadcast("twitch", 1), *((at(-2, 30 * place), 40 + place) for place in range(12)))
    land(landing, broadcast("soop", 2), (at(10), 5), (at(10, 5), None), (at(28), 7))
    roll_up_days(rolling, now=NOW)


def raise_version(monkeypatch: pytest.MonkeyPatch, version: int) -> None:
    monkeypatch.setattr(tables, "DEFINITIONS_VERSION", version)
    monkeypatch.setattr(versions, "DEFINITIONS_VERSION", version)


def recompute(connection: psycopg.Connection, *, first: date = DAY - ONE_DAY, last: date = DAY + ONE_DAY) -> Any:
    days = find_days(connection, BOTH, ["UTC"], first_day=first, last_day=last, now=LATER)
    return recompute_days(connection, days, SetClock(LATER))


def read_all(connection: psycopg.Connection, without: str = "") -> dict[str, list[Any]]:
    return {
        name: read(connection, f"SELECT to_jsonb(held){without} FROM trends.{name} AS held ORDER BY 1")
        for name in TABLES
    }


def test_what_is_right_is_computed_again_and_no_row_moves(rolling: psycopg.Connection) -> None:
    before = read_all(rolling)
    outcome = recompute(rolling)
    assert outcome["days"] >= 6
    changed = {name: count for name, count in outcome.items() if name.startswith("changed")}
    assert changed.keys() >= {"changed_broadcasts", "changed_marks", "changed_platforms"}
    assert set(changed.values()) == {0}
    assert read_all(rolling) == before
    assert waiting(rolling) == (0, 0)


def test_harmed_rows_of_every_table_are_mended(rolling: psycopg.Connection, owner: psycopg.Connection) -> None:
    unstamped = " - 'revision' - 'computed_at'"
    before = read_all(rolling, unstamped)
    owner.execute("DELETE FROM trends.broadcast_hour WHERE hour = '2026-06-02 10:00+00'")
    owner.execute("UPDATE trends.broadcast_hour SET viewer_ms = 1")
    owner.execute("DELETE FROM trends.platform_day")
    owner.execute("UPDATE trends.channel_day SET samples = 99")
    recompute(rolling)
    assert read_all(rolling, unstamped) == before


def test_another_version_gives_the_same_numbers_under_its_name_and_a_new_revision(
    rolling: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamps = " - 'definitions_version' - 'computed_at' - 'revision'"
    numbers = read_all(rolling, stamps)
    raise_version(monkeypatch, 7)
    recompute(rolling)
    assert read_all(rolling, stamps) == numbers
    for table in TABLES:
        rows = read(rolling, f"SELECT DISTINCT definitions_version, revision, computed_at FROM trends.{table}")
        assert rows == [(7, 2, LATER)], table
    recompute(rolling)
    assert read(rolling, "SELECT DISTINCT revision FROM trends.broadcast_day") == [(2,)]


def test_rows_of_the_older_version_stay_until_their_own_day_is_done(
    rolling: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that is cut off leaves whole rows of both versions and the marks of what is missing."""
    before = read_all(rolling)
    raise_version(monkeypatch, 7)
    replace_rows = tables.replace_rows

    def replace_some(
        connection: psycopg.Connection, table: tables.RollupTable, parameters: dict[str, Any], **named: Any
    ) -> int:
        if table is tables.PLATFORM_DAY and (parameters["platform"], parameters["day"]) == ("twitch", DAY):
            raise ConnectionError("cut off")
        return replace_rows(connection, table, parameters, **named)

    monkeypatch.setattr("airtide.warehouse.rollups.days.replace_rows", replace_some)
    with pytest.raises(ConnectionError):
        recompute(rolling)
    held = read_all(rolling)
    assert {name: len(rows) for name, rows in held.items()} == {name: len(rows) for name, rows in before.items()}
    query = "SELECT platform::TEXT, day, definitions_version FROM trends.{} ORDER BY platform, day"
    held_versions = [
        ("twitch", DAY - ONE_DAY, 7),
        ("twitch", DAY, 1),
        ("soop", DAY, 7),
        ("soop", DAY + ONE_DAY, 7),
    ]
    for table in ("broadcast_day", "channel_day", "platform_day"):
        assert sorted(read(rolling, query.format(table))) == sorted(held_versions)
    assert waiting(rolling)[1] > 0
    monkeypatch.setattr("airtide.warehouse.rollups.days.replace_rows", replace_rows)
    roll_up_days(rolling, now=LATER)
    assert {version for _, _, version in read(rolling, query.format("platform_day"))} == {7}
    assert waiting(rolling) == (0, 0)


def test_a_day_that_is_touched_is_never_merged_from_states_of_two_versions(
    landing: psycopg.Connection, rolling: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    raise_version(monkeypatch, 7)
    land(landing, broadcast("soop", 3), (at(20), 5))
    roll_up_days(rolling, now=LATER)
    query = "SELECT DISTINCT definitions_version FROM trends.{} WHERE platform = 'soop' AND {}"
    of_hours = "hour >= '2026-06-02 00:00+00' AND hour < '2026-06-03 00:00+00'"
    assert read(rolling, query.format("broadcast_hour", of_hours)) == [(7,)]
    assert read(rolling, query.format("broadcast_day", "day = '2026-06-02'")) == [(7,)]
    assert read(rolling, query.format("broadcast_day", "day = '2026-06-03'")) == [(1,)]


def test_sealed_days_keep_numbers_and_version(
    rolling: psycopg.Connection, owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    raise_version(monkeypatch, 7)
    write_policies(owner, timedelta(hours=24), timedelta(days=400))
    owner.execute("DELETE FROM live.sample WHERE sampled_at < %s", (LATER - timedelta(hours=24),))
    before = read(rolling, "SELECT * FROM trends.broadcast_day WHERE day <= '2026-06-02' ORDER BY day, broadcast_key")
    assert recompute(rolling)["sealed_days"] == 4
    after = read(rolling, "SELECT * FROM trends.broadcast_day WHERE day <= '2026-06-02' ORDER BY day, broadcast_key")
    assert after == before
    assert read(rolling, "SELECT definitions_version FROM trends.broadcast_day WHERE day = '2026-06-03'") == [(7,)]
    assert read(
        rolling, "SELECT DISTINCT definitions_version FROM trends.broadcast_hour WHERE hour < '2026-06-02 07:00Z'"
    ) == [(1,)]


def test_a_day_that_the_age_of_samples_cuts_tells_the_older_version_it_is_merged_from(
    landing: psycopg.Connection,
    rolling: psycopg.Connection,
    owner: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    land(landing, broadcast("soop", 4), (at(3), 5))
    roll_up_days(rolling, now=NOW)
    raise_version(monkeypatch, 7)
    write_policies(owner, timedelta(hours=24), timedelta(days=400))
    land(landing, broadcast("soop", 3), (at(20), 5))
    roll_up_days(rolling, now=LATER)
    hours = read(
        rolling, "SELECT hour, definitions_version FROM trends.broadcast_hour WHERE platform = 'soop' ORDER BY 1"
    )
    assert hours == [(at(3), 1), (at(10), 7), (at(20), 7), (at(28), 1)]
    of_day = (
        "SELECT samples, definitions_version FROM trends.platform_day WHERE platform = 'soop' AND day = '2026-06-0{}'"
    )
    assert read(rolling, of_day.format(2)) == [(4, 1)]
    write_policies(owner, timedelta(days=400), timedelta(days=400))
    recompute(rolling)
    assert read(rolling, of_day.format(2)) == [(4, 7)]


def test_a_zone_that_is_new_gets_the_days_of_before(rolling: psycopg.Connection) -> None:
    ensure_zone_days(rolling, ["Asia/Seoul"], first_day=DAY, last_day=DAY)
    days = find_days(rolling, BOTH, ["Asia/Seoul"], first_day=DAY, last_day=DAY, now=LATER)
    recompute_days(rolling, days, SetClock(LATER))
    assert read(rolling, "SELECT platform::TEXT, samples FROM trends.platform_day WHERE zone = 'Asia/Seoul'") == [
        ("soop", 2),
        ("twitch", 12),
    ]


def test_a_backfilled_run_finds_the_days_that_it_closes_and_no_others(rolling: psycopg.Connection) -> None:
    ensure_zone_days(rolling, ["Asia/Seoul"], first_day=DAY, last_day=DAY)
    zones = ["UTC", "Asia/Seoul"]

    def closed_at(ends_at: datetime) -> list[tuple[str, date]]:
        return [(day.zone, day.day) for day in find_days_ending(rolling, [Platform.SOOP], zones, ends_at, LATER)]

    assert closed_at(at(24)) == [("UTC", DAY)]
    assert closed_at(at(15)) == [("Asia/Seoul", DAY)]
    assert closed_at(at(16)) == []
    assert closed_at(at(96)) == []


def test_a_backfilled_hour_takes_the_days_it_belongs_to_along(
    rolling: psycopg.Connection, owner: psycopg.Connection
) -> None:
    before = read(rolling, "SELECT platform::TEXT, viewer_ms FROM trends.platform_day ORDER BY day, platform")
    owner.execute("UPDATE trends.broadcast_hour SET viewer_ms = 1 WHERE hour = '2026-06-02 10:00+00'")
    mark_hour(rolling, BOTH, at(10), now=LATER)
    roll_up_days(rolling, now=LATER)
    assert read(rolling, "SELECT platform::TEXT, viewer_ms FROM trends.platform_day ORDER BY day, platform") == before


def test_days_that_have_not_begun_and_days_without_anything_are_nothing(rolling: psycopg.Connection) -> None:
    assert find_days(rolling, BOTH, ["UTC"], first_day=DAY + 2 * ONE_DAY, last_day=DAY + 9 * ONE_DAY, now=LATER) == []
    mark_days(rolling, [], now=LATER)
    assert waiting(rolling) == (0, 0)
    assert again.recompute_days(rolling, [], SetClock(LATER)) == {"sealed_days": 0}
