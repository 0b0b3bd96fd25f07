"""What an hour keeps of a broadcast, and how hours are put together."""

from __future__ import annotations

import pytest
from tests.unit.domain.viewership_builders import at, broadcast, ms, sample, span

from airtide.domain.cells import ObservedBroadcast
from airtide.domain.states import (
    BroadcastBounds,
    HourState,
    close_ends,
    hour_states,
    join_categories,
    measure_from_states,
    merge,
)
from airtide.domain.viewership import Measures, measure_by_category


def bounds_of(of: ObservedBroadcast) -> BroadcastBounds:
    return BroadcastBounds(
        started_at_ms=of.started_at_ms,
        ended_at_ms=of.ended_at_ms,
        first_sampled_at_ms=of.samples[0].sampled_at_ms,
        last_sampled_at_ms=of.samples[-1].sampled_at_ms,
    )


def test_a_period_that_is_not_of_whole_hours_is_refused() -> None:
    only = broadcast(sample("10:00", 1))
    with pytest.raises(ValueError, match="whole hours"):
        measure_from_states(hour_states(only.samples), bounds_of(only), span("10:00", "10:30"))


def test_a_single_sample_is_a_state_without_time() -> None:
    only = sample("10:20", 8, category=3)
    assert hour_states([only]) == (
        HourState(
            hour_ms=at("10:00"),
            category_key=3,
            inner=Measures(samples=1, known_samples=1, peak_viewers=8, peak_at_ms=at("10:20")),
            first=only,
            last=only,
        ),
    )


def test_a_state_knows_the_time_between_its_own_samples_only() -> None:
    states = hour_states([sample("10:50", 8), sample("10:55", 8), sample("11:00", 8)])
    assert [state.inner.airtime_ms for state in states] == [ms(minutes=5), 0]


def test_each_half_between_two_categories_goes_to_its_own_sample() -> None:
    talk, game = hour_states([sample("10:00", 8, category=1), sample("10:06", 2, category=2)])
    assert (talk.inner.viewer_ms, game.inner.viewer_ms) == (8 * ms(minutes=3), 2 * ms(minutes=3))


def test_a_gap_inside_an_hour_is_held_for_one_cadence() -> None:
    (state,) = hour_states([sample("10:00", 8), sample("10:40", 8)])
    assert state.inner.airtime_ms == ms(minutes=5)


def test_of_an_hours_categories_only_the_outermost_samples_are_open_ends() -> None:
    samples = [sample("10:00", 1, category=2), sample("10:05", 1, category=1), sample("10:10", 1, category=2)]
    rows = hour_states(samples)
    assert [(row.category_key, row.first, row.last) for row in rows] == [
        (1, samples[1], samples[1]),
        (2, samples[0], samples[2]),
    ]
    joined = join_categories(rows)
    assert (joined.first, joined.last) == (samples[0], samples[2])


def test_merging_bridges_the_open_ends_that_meet() -> None:
    earlier, later = hour_states([sample("10:58", 8, category=1), sample("11:02", 2, category=2)])
    merged = merge(join_categories([earlier]), join_categories([later]))
    assert merged.by_category[1].viewer_ms == 8 * ms(minutes=2)
    assert merged.by_category[2].viewer_ms == 2 * ms(minutes=2)


def test_merging_keeps_the_earlier_of_equal_peaks() -> None:
    earlier, later = hour_states([sample("10:58", 8), sample("11:02", 8)])
    merged = merge(join_categories([earlier]), join_categories([later]))
    assert merged.by_category[0].peak_at_ms == at("10:58")


def test_closing_adds_head_and_tail() -> None:
    whole = broadcast(sample("10:00", 4), sample("11:30", 4), start="09:50", end="11:31")
    first, second = (join_categories([row]) for row in hour_states(whole.samples))
    closed = close_ends(merge(first, second), bounds_of(whole))
    assert closed[0].airtime_ms == ms(minutes=10 + 5 + 1)


@pytest.mark.parametrize("hour", ["09:00", "10:00", "11:00", "12:00"])
def test_an_hour_is_told_from_its_states_and_those_beside_it(hour: str) -> None:
    period = span(hour, f"{int(hour[:2]) + 1}:00")
    whole = broadcast(
        sample("10:05", 4, category=1),
        sample("10:58", 6, minutes=30, category=2),
        sample("11:02", None, minutes=30),
        sample("11:57", 5, minutes=30),
        start="09:55",
        end="12:50",
    )
    near = [row for row in hour_states(whole.samples) if abs(row.hour_ms - period.start_ms) <= ms(hours=1)]
    assert measure_from_states(near, bounds_of(whole), period) == measure_by_category(whole, period)


def test_a_last_state_before_a_far_neighbour_holds_for_its_cadence_into_the_next_hour() -> None:
    whole = broadcast(sample("10:50", 4, minutes=30), sample("15:00", 4))
    near = [row for row in hour_states(whole.samples) if row.hour_ms == at("10:00")]
    reached = measure_from_states(near, bounds_of(whole), span("11:00", "12:00"))
    assert reached[0].airtime_ms == ms(minutes=20)


def test_no_states_near_a_period_are_no_numbers() -> None:
    whole = broadcast(sample("10:00", 4), sample("23:00", 4))
    assert measure_from_states([], bounds_of(whole), span("15:00", "16:00")) == {}
