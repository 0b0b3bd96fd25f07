"""A day recomputed from the objects of its landings equals what is published; what is wrong with either is found."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy, deepcopy
from datetime import UTC, date, datetime, timedelta
from typing import LiteralString

import pytest
from tests.fakes.observations import TICK
from tests.sql.landed_worlds import CADENCE, DAY, NEXT, POLLED, RAW_AGE, Kept, World

from airtide.domain.errors import MisconfiguredError, ObjectConflict, ObjectMissing
from airtide.engines.duckdb import DuckDbEngine
from airtide.lake.day_rows import LakeDays
from airtide.pipeline.audit_day import DayReport, Unaudited, audit_day
from airtide.warehouse.connect import Role, connect
from airtide.warehouse.day_audit import WarehouseDays
from airtide.warehouse.rollups import roll_up_days
from airtide.warehouse.zone_days import ensure_zone_days

SEOUL = "Asia/Seoul"


@pytest.fixture(scope="module")
def filled(warehouse_maker) -> Iterator[World]:
    """Two days of landings, rolled up: ticks that came twice, hidden counts, categories that change."""
    with warehouse_maker.warehouse() as made:
        world = World(Kept(made))
        with connect(made.address, Role.ROLLUP) as connection:
            ensure_zone_days(connection, [SEOUL], first_day=date(2026, 1, 1), last_day=date(2026, 3, 1))
        world.fill()
        roll_up(world)
        yield world


@pytest.fixture
def world(filled: World) -> World:
    """The same with a store and a clock of the test's own."""
    mine = copy(filled)
    mine.store, mine.clock = deepcopy(filled.store), deepcopy(filled.clock)
    return mine


@pytest.fixture
def own_world(warehouse) -> World:
    """Two days of landings in a warehouse of the test's own, rolled up."""
    world = World(Kept(warehouse))
    world.fill()
    roll_up(world)
    return world


def roll_up(world: World) -> None:
    with connect(world.kept.address, Role.ROLLUP) as connection:
        roll_up_days(connection, now=world.clock.now())


def audit(world: World, day: date = DAY, zone: str = "UTC") -> DayReport:
    return audit_day(
        POLLED,
        day,
        zone,
        warehouse=WarehouseDays(world.kept.address),
        lake=LakeDays(world.store, rows_at_once=7),
        engine=DuckDbEngine(threads=1),
        clock=world.clock,
    )


def count(report: DayReport) -> dict[str, tuple[int, dict[str, int]]]:
    """Return how many rows of each table are equal, and by what the others differ."""
    return {told.table.name: (told.equal, dict(told.different)) for told in report.tables}


def execute(world: World, statement: LiteralString) -> None:
    with connect(world.kept.address, Role.ROLLUP) as connection:
        connection.execute(statement)


@pytest.mark.parametrize(("day", "zone"), [(DAY, "UTC"), (NEXT, "UTC"), (DAY, SEOUL), (NEXT, SEOUL)])
def test_what_landings_published_is_what_their_objects_say(world, day, zone):
    report = audit(world, day, zone)
    assert report.is_equal
    assert report.unaudited is None
    assert [name for name, (equal, _) in count(report).items() if equal == 0] == []


def test_no_object_without_a_tick_of_the_day_or_the_hours_beside_it_is_read(world):
    assert audit(world, NEXT).objects < len(world.store.objects) / 2


def test_compacted_objects_say_the_same_and_what_lands_late_beside_them_waits_to_be_rolled_up(own_world):
    before = audit(own_world)
    own_world.compact()
    own_world.drop_replaced()
    after = audit(own_world)
    assert after.is_equal
    assert count(after) == count(before)
    assert after.objects == 2 < before.objects  # the day's, and the next one's for the hour after
    own_world.sweep(30, names=range(4), viewers=99_999)
    own_world.clock.set(TICK + timedelta(days=2))
    own_world.land()
    assert audit(own_world).unaudited is Unaudited.WAITS
    roll_up(own_world)
    late = audit(own_world)
    assert late.is_equal
    assert late.objects == 3


def test_every_kind_of_wrong_row_is_told_with_both_numbers(own_world):
    right = count(audit(own_world))
    execute(own_world, "UPDATE trends.channel_day SET viewer_ms = viewer_ms + 1 WHERE day = '2026-01-31'")
    execute(own_world, "UPDATE trends.platform_day SET peak_concurrent_at = NULL WHERE day = '2026-01-31'")
    execute(
        own_world,
        "UPDATE trends.broadcast_day SET broadcast_key = 5 WHERE day = '2026-01-31' AND broadcast_key = "
        "(SELECT MIN(broadcast_key) FROM trends.broadcast_day WHERE day = '2026-01-31')",
    )
    report = audit(own_world)
    assert not report.is_equal
    wrong = count(report)
    assert wrong["channel_day"] == (0, {"viewer_ms": right["channel_day"][0]})
    assert wrong["platform_day"] == (0, {"peak_concurrent_at": 1})
    assert wrong["broadcast_day"] == (right["broadcast_day"][0] - 1, {"too many": 1, "missing": 1})
    [extra] = [told for told in report.tables[0].shown if told.recomputed is None]
    assert extra.key == (5,)


def test_a_count_that_was_changed_in_the_warehouse_is_found_in_its_numbers(own_world):
    with connect(own_world.kept.address, Role.INGEST) as connection:
        connection.execute("UPDATE live.sample SET viewers = NULL WHERE sampled_at = %s", [TICK])
        connection.execute(
            "INSERT INTO trends.dirty_hour (platform, hour, with_state) VALUES ('chzzk', %s, TRUE)", [TICK]
        )
        connection.execute("INSERT INTO trends.dirty_day (platform, zone, day) VALUES ('chzzk', 'UTC', %s)", [DAY])
    roll_up(own_world)
    assert "known_samples" in count(audit(own_world))["broadcast_day"][1]


def test_an_object_that_is_gone_or_is_not_what_is_listed_ends_the_audit(world):
    key = next(key for key in world.store.objects if key.startswith("snapshots/"))
    world.store.objects[key] = next(held for other, held in world.store.objects.items() if other.startswith("sweeps/"))
    with pytest.raises(ObjectConflict, match=r"holds \d+ rows, and is listed with"):
        audit(world)
    world.store.objects[key] = (b"PAR1 no more", "")
    with pytest.raises(ObjectConflict, match="cannot be read"):
        audit(world)
    world.store.delete(key)
    with pytest.raises(ObjectMissing):
        audit(world)


@pytest.mark.parametrize(
    ("now", "hindrance"),
    [
        (datetime(2026, 2, 1, 0, 59, tzinfo=UTC), Unaudited.OPEN),
        (datetime(2026, 2, 1, 1, 0, tzinfo=UTC), None),
        (datetime(2026, 1, 30, 23, 0, tzinfo=UTC) + RAW_AGE, None),
        (datetime(2026, 1, 30, 23, 0, tzinfo=UTC) + RAW_AGE + CADENCE, Unaudited.SEALED),
    ],
    ids=["an hour has not passed", "an hour has passed", "all is kept", "a sample may be gone"],
)
def test_a_day_is_audited_from_an_hour_after_it_until_its_samples_expire(world, now, hindrance):
    world.clock.set(now)
    assert audit(world).unaudited is hindrance


def test_a_day_that_nothing_is_on_record_of_says_so(world):
    assert audit(world, date(2026, 1, 15)).unaudited is Unaudited.NOTHING


def test_a_zone_and_a_day_without_a_calendar_are_refused_with_what_there_is(world):
    with pytest.raises(MisconfiguredError, match=r"no days of zone Asia/Kolkata: days are kept of Asia/Seoul, UTC"):
        audit(world, DAY, "Asia/Kolkata")
    with pytest.raises(
        MisconfiguredError, match="the calendar of UTC has no 2027-01-01: it tells 2026-01-01 to 2026-03-01"
    ):
        audit(world, date(2027, 1, 1))
