from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from airtide.domain.clock import SetClock, WallClock, floor_to_cadence


@pytest.mark.parametrize(
    ("instant", "cadence_s", "tick"),
    [
        (datetime(2026, 11, 21, 10, 4, 59, 999_999, UTC), 300, datetime(2026, 11, 21, 10, 0, tzinfo=UTC)),
        (datetime(2026, 11, 21, 10, 5, tzinfo=UTC), 300, datetime(2026, 11, 21, 10, 5, tzinfo=UTC)),
        (
            datetime(2026, 11, 21, 19, 0, 59, tzinfo=timezone(timedelta(hours=9))),
            60,
            datetime(2026, 11, 21, 10, tzinfo=UTC),
        ),
    ],
    ids=["just before", "on the tick", "from another zone"],
)
def test_a_tick_is_the_latest_multiple_of_the_cadence(instant, cadence_s, tick):
    floored = floor_to_cadence(instant, cadence_s)
    assert floored == tick
    assert floored.utcoffset() == timedelta(0)


def test_a_set_clock_moves_only_when_told():
    clock = SetClock(datetime(2026, 1, 1, tzinfo=UTC))
    clock.sleep(90)
    assert clock.now() == datetime(2026, 1, 1, 0, 1, 30, tzinfo=UTC)
    clock.set(datetime(2025, 1, 1, tzinfo=UTC))
    assert clock.now() == datetime(2025, 1, 1, tzinfo=UTC)


def test_the_wall_clock_speaks_utc():
    assert WallClock().now().utcoffset() == timedelta(0)
