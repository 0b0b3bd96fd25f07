"""Which time a sample stands for."""

from __future__ import annotations

import pytest
from tests.unit.domain.viewership_builders import FIRST_DAY_MS, at, broadcast, sample

from airtide.domain.cells import ObservedBroadcast, ViewerSample, cells, keep_first_per_instant, live_from, live_until


def spans(of: ObservedBroadcast) -> list[tuple[int, int]]:
    return [(cell.start_ms, cell.end_ms) for cell in cells(of)]


def test_a_tick_between_seconds_is_refused() -> None:
    with pytest.raises(ValueError, match="whole second"):
        ViewerSample(sampled_at_ms=FIRST_DAY_MS + 1, viewers=1, cadence_s=60)


@pytest.mark.parametrize("cadence_s", [-1, 0, 1_801])
def test_a_cadence_outside_one_second_to_thirty_minutes_is_refused(cadence_s: int) -> None:
    with pytest.raises(ValueError, match="cadence"):
        ViewerSample(sampled_at_ms=FIRST_DAY_MS, viewers=1, cadence_s=cadence_s)


def test_a_broadcast_without_samples_is_refused() -> None:
    with pytest.raises(ValueError, match="no sample"):
        broadcast()


def test_samples_that_do_not_ascend_are_refused() -> None:
    with pytest.raises(ValueError, match="ascend"):
        broadcast(sample("10:00", 1), sample("10:00", 2))


def test_of_two_samples_at_one_instant_the_one_given_first_stays() -> None:
    kept = keep_first_per_instant([sample("10:05", 7), sample("10:00", 1), sample("10:05", 9)])
    assert [(s.sampled_at_ms, s.viewers) for s in kept] == [(at("10:00"), 1), (at("10:05"), 7)]


def test_neighbours_meet_in_the_middle() -> None:
    assert spans(broadcast(sample("10:00", 1), sample("10:05", 1), sample("10:11", 1)))[1] == (
        at("10:02:30"),
        at("10:08"),
    )


def test_an_odd_number_of_seconds_is_halved_exactly() -> None:
    first, second = spans(broadcast(sample("10:00:00", 1), sample("10:00:01", 1)))
    assert first[1] == second[0] == at("10:00") + 500


def test_a_distance_of_exactly_the_limit_is_bridged() -> None:
    first, second = spans(broadcast(sample("10:00", 1), sample("10:15", 1)))
    assert first[1] == second[0] == at("10:07:30")


def test_one_second_more_than_the_limit_is_a_gap_held_for_one_cadence() -> None:
    first, second = spans(broadcast(sample("10:00", 1), sample("10:15:01", 1)))
    assert first[1] == at("10:05")
    assert second[0] == at("10:15:01")


def test_the_limit_is_that_of_the_earlier_sample() -> None:
    slow_then_quick = broadcast(sample("10:00", 1, minutes=5), sample("10:12", 1, minutes=1))
    quick_then_slow = broadcast(sample("10:00", 1, minutes=1), sample("10:12", 1, minutes=5))
    assert spans(slow_then_quick)[0][1] == at("10:06")
    assert spans(quick_then_slow)[0][1] == at("10:01")


@pytest.mark.parametrize(("second", "reached"), [("11:00", "10:30"), ("11:00:01", "10:30")])
def test_no_cadence_bridges_more_than_an_hour(second: str, reached: str) -> None:
    first, next_one = spans(broadcast(sample("10:00", 1, minutes=30), sample(second, 1, minutes=30)))
    assert first[1] == at(reached)
    assert next_one[0] == at("10:30" if second == "11:00" else second)


def test_unknown_ends_leave_half_a_cadence_around_a_single_sample() -> None:
    assert spans(broadcast(sample("10:00", 1))) == [(at("09:57:30"), at("10:02:30"))]


def test_a_start_at_the_limit_before_the_first_sample_opens_its_cell() -> None:
    assert spans(broadcast(sample("10:00", 1), start="09:45"))[0][0] == at("09:45")


def test_a_start_beyond_the_limit_is_not_reached_by_the_first_cell() -> None:
    assert spans(broadcast(sample("10:00", 1), start="09:44:59"))[0][0] == at("09:57:30")


def test_an_end_at_the_limit_after_the_last_sample_closes_its_cell() -> None:
    assert spans(broadcast(sample("10:00", 1), end="10:15"))[0][1] == at("10:15")


def test_an_end_beyond_the_limit_is_not_reached_by_the_last_cell() -> None:
    assert spans(broadcast(sample("10:00", 1), end="10:15:01"))[0][1] == at("10:02:30")


def test_a_start_after_the_first_sample_neither_drops_nor_cuts_a_sample() -> None:
    told_late = broadcast(sample("10:00", 1), sample("10:05", 1), start="10:30")
    assert spans(told_late) == [(at("10:00"), at("10:02:30")), (at("10:02:30"), at("10:07:30"))]


def test_an_end_before_the_last_sample_neither_drops_nor_cuts_a_sample() -> None:
    told_early = broadcast(sample("10:00", 1), sample("10:05", 1), end="09:00")
    assert spans(told_early) == [(at("09:57:30"), at("10:02:30")), (at("10:02:30"), at("10:05"))]


def test_start_after_and_end_before_a_single_sample_leave_it_no_time() -> None:
    assert spans(broadcast(sample("10:00", 1), start="10:10", end="09:50")) == [(at("10:00"), at("10:00"))]


def test_live_time_reaches_to_start_and_end_however_far_they_are() -> None:
    only = sample("10:00", 1)
    assert live_from(only, at("01:00")) == at("01:00")
    assert live_until(only, at("23:00")) == at("23:00")


def test_live_time_holds_the_samples_whatever_the_site_says() -> None:
    only = sample("10:00", 1)
    assert live_from(only, at("12:00")) == live_until(only, at("08:00")) == at("10:00")


def test_without_the_sites_word_live_time_is_that_of_the_cells() -> None:
    only = sample("10:00", 1)
    assert (live_from(only, None), live_until(only, None)) == (at("09:57:30"), at("10:02:30"))
