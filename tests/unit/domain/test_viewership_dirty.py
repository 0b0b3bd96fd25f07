"""What a landing makes stale."""

from __future__ import annotations

from tests.unit.domain.viewership_builders import at, span

from airtide.domain.dirty import Dirty, KnownBounds, find_dirty_by_bounds, find_dirty_by_samples
from airtide.domain.periods import ZoneDay

DAYS = [ZoneDay("UTC", f"2026-01-0{day}", span(f"{24 * (day - 1)}:00", f"{24 * day}:00")) for day in range(1, 7)]


def hours(*clocks: str) -> frozenset[int]:
    return frozenset(at(f"{clock}:00") for clock in clocks)


def day_names(dirty: Dirty) -> list[str]:
    return sorted(day.day[-1] for day in dirty.days)


def bounds(first: str, last: str, *, start: str | None = None, end: str | None = None) -> KnownBounds:
    return KnownBounds(
        started_at_ms=None if start is None else at(start),
        ended_at_ms=None if end is None else at(end),
        first_sampled_at_ms=at(first),
        last_sampled_at_ms=at(last),
    )


def test_no_sample_makes_nothing_stale() -> None:
    assert find_dirty_by_samples([], DAYS) == Dirty()


def test_a_sample_makes_its_own_state_and_three_hours_stale() -> None:
    dirty = find_dirty_by_samples([at("10:30")], DAYS)
    assert dirty.state_hours == hours("10")
    assert dirty.hours == hours("9", "10", "11")
    assert day_names(dirty) == ["1"]


def test_a_sample_an_hour_from_midnight_makes_both_days_stale() -> None:
    assert day_names(find_dirty_by_samples([at("22:59:59")], DAYS)) == ["1"]
    assert day_names(find_dirty_by_samples([at("23:00")], DAYS)) == ["1", "2"]
    assert day_names(find_dirty_by_samples([at("24:59:59")], DAYS)) == ["1", "2"]
    assert day_names(find_dirty_by_samples([at("25:00")], DAYS)) == ["2"]


def test_unchanged_bounds_make_nothing_stale() -> None:
    same = bounds("10:00", "12:00", start="09:00", end="13:00")
    assert find_dirty_by_bounds(same, same, DAYS) == Dirty()


def test_an_end_told_of_a_broadcast_never_sampled_makes_nothing_stale() -> None:
    assert find_dirty_by_bounds(KnownBounds(), KnownBounds(ended_at_ms=at("10:00")), DAYS) == Dirty()


def test_bounds_make_no_state_stale() -> None:
    dirty = find_dirty_by_bounds(bounds("10:00", "12:00"), bounds("10:00", "12:00", end="12:05"), DAYS)
    assert dirty.state_hours == frozenset()
    assert dirty.hours == hours("11", "12", "13")


def test_an_end_days_later_makes_every_day_until_it_stale() -> None:
    dirty = find_dirty_by_bounds(bounds("10:00", "12:00"), bounds("10:00", "12:00", end="90:00"), DAYS)
    assert day_names(dirty) == ["1", "2", "3", "4"]


def test_a_later_last_sample_makes_every_day_of_the_hole_stale() -> None:
    dirty = find_dirty_by_bounds(bounds("10:00", "12:00"), bounds("10:00", "60:30"), DAYS)
    assert day_names(dirty) == ["1", "2", "3"]
    assert hours("59", "60", "61") <= dirty.hours
    assert at("40:00") not in dirty.hours


def test_an_earlier_first_sample_makes_every_day_of_the_hole_stale_though_the_start_was_known() -> None:
    before, after = (bounds(first, "120:00", start="00:00") for first in ("110:00", "30:00"))
    assert day_names(find_dirty_by_bounds(before, after, DAYS)) == ["2", "3", "4", "5"]


def test_a_broadcast_that_is_new_makes_all_its_days_stale() -> None:
    dirty = find_dirty_by_bounds(KnownBounds(), bounds("10:00", "90:00"), DAYS)
    assert day_names(dirty) == ["1", "2", "3", "4"]


def test_an_end_told_before_later_samples_makes_their_hours_stale() -> None:
    dirty = find_dirty_by_bounds(bounds("01:00", "20:00"), bounds("01:00", "20:00", end="10:10"), DAYS)
    assert dirty.hours == hours(*map(str, range(9, 22)))


def test_an_end_moved_among_the_samples_makes_the_hours_between_stale() -> None:
    before, after = (bounds("01:00", "20:00", end=end) for end in ("10:10", "12:10"))
    dirty = find_dirty_by_bounds(before, after, DAYS)
    assert dirty.hours == hours(*map(str, range(9, 14)), "19", "20", "21")


def test_a_later_last_sample_leaves_the_hours_of_the_first_one_alone() -> None:
    dirty = find_dirty_by_bounds(bounds("01:00", "20:00"), bounds("01:00", "20:05"), DAYS)
    assert dirty.hours == hours("19", "20", "21")


def test_an_earlier_start_leaves_the_hours_of_the_last_sample_alone() -> None:
    dirty = find_dirty_by_bounds(bounds("01:00", "20:00"), bounds("01:00", "20:00", start="00:30"), DAYS)
    assert dirty.hours == hours("0", "1", "2")


def test_a_broadcast_that_began_days_before_its_first_sample_spoils_no_day_before_it() -> None:
    assert day_names(find_dirty_by_bounds(KnownBounds(), bounds("60:00", "60:00", start="01:00"), DAYS)) == ["3"]


def test_an_end_told_before_all_samples_reaches_back_no_farther_than_the_first() -> None:
    dirty = find_dirty_by_bounds(bounds("50:00", "52:00"), bounds("50:00", "52:00", end="01:00"), DAYS)
    assert dirty.hours == hours("49", "50", "51", "52", "53")


def test_an_end_moved_before_all_samples_changes_no_sample_s_hour_but_the_last() -> None:
    before, after = (bounds("50:00", "52:00", end=end) for end in ("01:00", "02:00"))
    assert find_dirty_by_bounds(before, after, DAYS).hours == hours("51", "52", "53")
