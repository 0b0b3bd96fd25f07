"""The marks of counts that look wrong, rule by rule."""

from __future__ import annotations

import pytest

from airtide.domain.cells import ObservedBroadcast, ViewerSample
from airtide.domain.marks import Marks, mark_day, mark_hour
from airtide.domain.periods import HOUR_MS, Period

MINUTE_MS = 60_000


def watch(*taken: tuple[int, int | None], minutes: int = 5) -> ObservedBroadcast:
    """Return a broadcast with counts at minutes of the first two hours."""
    samples = tuple(
        ViewerSample(sampled_at_ms=minute * MINUTE_MS, viewers=viewers, cadence_s=60 * minutes)
        for minute, viewers in taken
    )
    return ObservedBroadcast(broadcast_key=1, channel_key=1, samples=samples)


def through_hour(*viewers: int | None, first: int = 0, minutes: int = 5) -> ObservedBroadcast:
    """Return a broadcast with these counts, one a cadence."""
    return watch(*((first + place * minutes, count) for place, count in enumerate(viewers)), minutes=minutes)


@pytest.mark.parametrize(
    "broadcast",
    [
        through_hour(*[19] * 12),
        through_hour(*[50] * 9),
        through_hour(*[50] * 6, None, *[50] * 5),
        through_hour(*[50] * 5, minutes=12),
        through_hour(*[0] * 12),
        through_hour(*[None] * 12),
    ],
    ids=["few viewers", "three quarters of an hour", "one hidden", "five samples", "nobody", "all hidden"],
)
def test_a_count_that_may_well_stand_still_is_not_stuck(broadcast):
    assert mark_hour(broadcast, 0) == Marks()


def test_a_count_that_stands_still_through_an_hour_is_stuck():
    assert mark_hour(through_hour(*[20] * 10), 0) == Marks(stuck_hours=1)
    assert mark_hour(through_hour(*[20] * 6, minutes=10), 0) == Marks(stuck_hours=1)


def test_a_count_is_stuck_in_the_hour_in_which_it_is_and_in_no_other():
    broadcast = through_hour(*[70 + place for place in range(12)], *[90] * 12)
    assert [mark_hour(broadcast, hour).stuck_hours for hour in (-HOUR_MS, 0, HOUR_MS)] == [0, 0, 1]


@pytest.mark.parametrize(
    ("least", "most", "flat"), [(99, 100, 1), (9_900, 10_000, 1), (98, 100, 0), (9_899, 10_000, 0), (98, 99, 0)]
)
def test_a_line_is_flat_when_it_moves_by_a_hundredth_at_most(least, most, flat):
    assert mark_hour(through_hour(*[least, most] * 6), 0) == Marks(flat_hours=flat)


@pytest.mark.parametrize(
    ("before", "viewers", "marks"),
    [
        (19, 1, Marks()),
        (20, 1, Marks(glitches=1)),
        (20_000, 1, Marks(glitches=1)),
        (1, 20_000, Marks()),
        (20_000, 2, Marks(step_jumps=1)),
        (0, 100, Marks(step_jumps=1)),
        (0, 99, Marks()),
        (100, 500, Marks(step_jumps=1)),
        (500, 100, Marks(step_jumps=1)),
        (100, 499, Marks()),
        (None, 5_000, Marks()),
        (5_000, None, Marks()),
    ],
)
def test_two_counts_in_a_row(before, viewers, marks):
    assert mark_hour(watch((0, before), (5, viewers)), 0) == marks


def test_a_step_counts_in_the_hour_of_its_second_sample():
    broadcast = watch((58, 4_000), (62, 1), (67, 90), (72, 3))
    assert mark_hour(broadcast, 0) == Marks()
    assert mark_hour(broadcast, HOUR_MS) == Marks(glitches=1)


@pytest.mark.parametrize(("minute", "glitches"), [(15, 1), (16, 0)], ids=["bridged", "gap"])
def test_what_came_over_a_gap_is_no_step(minute, glitches):
    assert mark_hour(watch((0, 4_000), (minute, 1)), 0) == Marks(glitches=glitches)


def test_a_day_has_the_marks_of_its_hours():
    broadcast = through_hour(*[60] * 12, *[80] * 11, 1, first=0)
    assert mark_day(broadcast, Period(0, 24 * HOUR_MS)) == Marks(stuck_hours=1, glitches=1)
    assert mark_day(broadcast, Period(0, HOUR_MS)) == Marks(stuck_hours=1)
    assert mark_day(broadcast, Period(-24 * HOUR_MS, 0)) == Marks()
