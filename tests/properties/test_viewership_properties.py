"""What holds of the arithmetic whatever is observed."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from itertools import groupby, pairwise

from hypothesis import assume, given
from hypothesis import strategies as st
from tests.properties.broadcast_strategies import ZONE_DAYS, bounds_beside, broadcasts, sample_lists

from airtide.domain.cells import ObservedBroadcast, ViewerSample, cells, keep_first_per_instant
from airtide.domain.concurrency import find_peak_concurrent
from airtide.domain.dirty import Dirty, KnownBounds, find_dirty_by_bounds, find_dirty_by_samples
from airtide.domain.periods import ALL_TIME, HOUR_MS, Period, hours_touching
from airtide.domain.states import (
    BroadcastBounds,
    State,
    close_ends,
    hour_states,
    join_categories,
    measure_from_states,
    merge,
    state_of_sample,
)
from airtide.domain.viewership import DayMeasures, Measures, measure, measure_by_category, measure_day, sum_measures


def hours_around(broadcast: ObservedBroadcast) -> list[Period]:
    spanned = cells(broadcast)
    return [Period(start, start + HOUR_MS) for start in hours_touching(spanned[0].start_ms - 1, spanned[-1].end_ms)]


def bounds_of(broadcast: ObservedBroadcast) -> BroadcastBounds:
    return BroadcastBounds(
        started_at_ms=broadcast.started_at_ms,
        ended_at_ms=broadcast.ended_at_ms,
        first_sampled_at_ms=broadcast.samples[0].sampled_at_ms,
        last_sampled_at_ms=broadcast.samples[-1].sampled_at_ms,
    )


def whole_state(samples: tuple[ViewerSample, ...]) -> State:
    return reduce(merge, map(state_of_sample, samples))


@given(broadcasts())
def test_cells_follow_one_another_without_overlap_and_hold_their_sample(broadcast: ObservedBroadcast) -> None:
    told = cells(broadcast)
    assert all(cell.start_ms <= cell.sample.sampled_at_ms <= cell.end_ms for cell in told)
    assert all(earlier.end_ms <= later.start_ms for earlier, later in pairwise(told))


@given(broadcasts())
def test_neither_side_of_a_cell_is_longer_than_an_hour(broadcast: ObservedBroadcast) -> None:
    for cell in cells(broadcast):
        assert cell.sample.sampled_at_ms - cell.start_ms <= HOUR_MS
        assert cell.end_ms - cell.sample.sampled_at_ms <= HOUR_MS


@given(broadcasts())
def test_known_airtime_is_at_most_airtime_and_airtime_at_most_live_time_of_every_day(
    broadcast: ObservedBroadcast,
) -> None:
    for day in ZONE_DAYS:
        row = measure_day(broadcast, day.period)
        if row is not None:
            live_at_most_ms = day.period.end_ms - day.period.start_ms
            numbers = row.measures
            assert 0 <= numbers.known_airtime_ms <= numbers.airtime_ms <= row.live_ms <= live_at_most_ms


@given(broadcasts())
def test_a_day_without_a_row_has_no_numbers(broadcast: ObservedBroadcast) -> None:
    for day in ZONE_DAYS:
        if measure_day(broadcast, day.period) is None:
            assert measure(broadcast, day.period) == Measures()


@given(broadcasts(), st.integers(-(10**8), 10**8))
def test_parts_of_a_split_add_up(broadcast: ObservedBroadcast, offset_ms: int) -> None:
    split_ms = broadcast.samples[-1].sampled_at_ms + offset_ms
    parts = (Period(ALL_TIME.start_ms, split_ms), Period(split_ms, ALL_TIME.end_ms))
    assert sum_measures(measure(broadcast, part) for part in parts) == measure(broadcast, ALL_TIME)


@given(broadcasts())
def test_hours_and_days_of_every_zone_add_up_to_the_whole(broadcast: ObservedBroadcast) -> None:
    whole = measure(broadcast, ALL_TIME)
    assert sum_measures(measure(broadcast, hour) for hour in hours_around(broadcast)) == whole
    for zone in ("UTC", "ahead", "shifting"):
        days = [day.period for day in ZONE_DAYS if day.zone == zone]
        assert sum_measures(measure(broadcast, day) for day in days) == whole


@given(broadcasts())
def test_live_time_of_days_adds_up_to_the_time_from_the_first_day_on(broadcast: ObservedBroadcast) -> None:
    spanned = cells(broadcast)
    days = [day.period for day in ZONE_DAYS if day.zone == "shifting"]
    rows: list[DayMeasures] = [row for day in days if (row := measure_day(broadcast, day)) is not None]
    first_day = next(day for day in days if day.end_ms > spanned[0].start_ms)
    live_ms = sum(row.live_ms for row in rows)
    start_ms = broadcast.started_at_ms if broadcast.started_at_ms is not None else spanned[0].start_ms
    end_ms = broadcast.ended_at_ms if broadcast.ended_at_ms is not None else spanned[-1].end_ms
    start_ms = max(first_day.start_ms, min(start_ms, broadcast.samples[0].sampled_at_ms))
    assert live_ms == max(end_ms, broadcast.samples[-1].sampled_at_ms) - start_ms


@given(broadcasts())
def test_categories_add_up_to_the_broadcast(broadcast: ObservedBroadcast) -> None:
    for hour in hours_around(broadcast):
        assert sum_measures(measure_by_category(broadcast, hour).values()) == measure(broadcast, hour)


@given(broadcasts())
def test_the_average_of_a_whole_broadcast_is_at_most_its_peak(broadcast: ObservedBroadcast) -> None:
    numbers = measure(broadcast, ALL_TIME)
    if numbers.average_viewers is not None:
        assert numbers.peak_viewers is not None
        assert numbers.average_viewers <= numbers.peak_viewers
        assert numbers.average_viewers * numbers.known_airtime_ms == numbers.viewer_ms


@given(sample_lists(), st.data())
def test_order_of_arrival_and_repeated_samples_change_nothing(
    samples: tuple[ViewerSample, ...], data: st.DataObject
) -> None:
    repeated = data.draw(st.lists(st.sampled_from(samples)))
    arrived = data.draw(st.permutations([*samples, *repeated]))
    assert keep_first_per_instant(arrived) == samples


@given(sample_lists(max_size=8, cadence_s=300), st.data())
def test_with_one_cadence_removing_a_sample_never_raises_airtime(
    samples: tuple[ViewerSample, ...], data: st.DataObject
) -> None:
    assume(len(samples) > 1)
    start, end = (
        data.draw(st.none() | st.integers(0, 10**7).map(lambda ms, at=at, sign=sign: at + sign * ms))
        for at, sign in ((samples[0].sampled_at_ms, -1), (samples[-1].sampled_at_ms, 1))
    )
    whole = ObservedBroadcast(broadcast_key=1, channel_key=1, samples=samples, started_at_ms=start, ended_at_ms=end)
    removed = data.draw(st.sampled_from(samples))
    rest = replace(whole, samples=tuple(sample for sample in samples if sample != removed))
    assert measure(rest, ALL_TIME).airtime_ms <= measure(whole, ALL_TIME).airtime_ms


@given(sample_lists(), st.data())
def test_merging_states_in_any_grouping_gives_the_same_state(
    samples: tuple[ViewerSample, ...], data: st.DataObject
) -> None:
    states = [state_of_sample(sample) for sample in samples]
    while len(states) > 1:
        index = data.draw(st.integers(0, len(states) - 2))
        states[index : index + 2] = [merge(states[index], states[index + 1])]
    assert states[0] == whole_state(samples)


@given(broadcasts())
def test_merged_hours_with_their_ends_closed_equal_the_whole_broadcast(broadcast: ObservedBroadcast) -> None:
    rows = hour_states(broadcast.samples)
    hours = [join_categories(group) for _, group in groupby(rows, key=lambda row: row.hour_ms)]
    closed = close_ends(reduce(merge, hours), bounds_of(broadcast))
    assert closed == measure_by_category(broadcast, ALL_TIME)


@given(broadcasts())
def test_hours_and_days_from_the_states_near_them_equal_the_direct_way(broadcast: ObservedBroadcast) -> None:
    rows = hour_states(broadcast.samples)
    for period in (*hours_around(broadcast), *(day.period for day in ZONE_DAYS)):
        near = [row for row in rows if period.start_ms - HOUR_MS <= row.hour_ms <= period.end_ms]
        assert measure_from_states(near, bounds_of(broadcast), period) == measure_by_category(broadcast, period)


@given(broadcasts(), broadcasts(key=2), broadcasts(key=3))
def test_the_peak_concurrent_equals_adding_up_at_every_tick(
    one: ObservedBroadcast, two: ObservedBroadcast, three: ObservedBroadcast
) -> None:
    observed = [one, two, three]
    period = Period(one.samples[0].sampled_at_ms - HOUR_MS, one.samples[-1].sampled_at_ms + HOUR_MS)
    sums = {
        tick: sum(
            cell.sample.viewers or 0
            for broadcast in observed
            for cell in cells(broadcast)
            if cell.start_ms <= tick < cell.end_ms
            and (broadcast.ended_at_ms is None or cell.sample.sampled_at_ms < broadcast.ended_at_ms)
        )
        for tick in sorted({sample.sampled_at_ms for broadcast in observed for sample in broadcast.samples})
        if period.holds(tick)
    }
    peak = find_peak_concurrent(observed, period)
    assert peak is not None
    assert peak.viewers == max(sums.values())
    assert peak.at_ms == next(tick for tick, total in sums.items() if total == peak.viewers)


def known_bounds(broadcast: ObservedBroadcast | None) -> KnownBounds:
    if broadcast is None:
        return KnownBounds()
    return KnownBounds(
        started_at_ms=broadcast.started_at_ms,
        ended_at_ms=broadcast.ended_at_ms,
        first_sampled_at_ms=broadcast.samples[0].sampled_at_ms,
        last_sampled_at_ms=broadcast.samples[-1].sampled_at_ms,
    )


def find_changed(before: ObservedBroadcast | None, after: ObservedBroadcast, beside: ObservedBroadcast) -> Dirty:
    """Return all that differs between two observations of one broadcast, computed from nothing each time."""
    both = [broadcast for broadcast in (before, after) if broadcast is not None]
    hours = {hour for broadcast in (*both, beside) for hour in hours_around(broadcast)}
    old = [beside] if before is None else [before, beside]
    old_states, new_states = (hour_states(broadcast.samples) if broadcast else () for broadcast in (before, after))
    return Dirty(
        state_hours=frozenset(row.hour_ms for row in set(old_states) ^ set(new_states)),
        hours=frozenset(
            hour.start_ms
            for hour in hours
            if (measure_by_category(before, hour) if before else {}) != measure_by_category(after, hour)
            or any(
                find_peak_concurrent(old, hour, category_key=category)
                != find_peak_concurrent([after, beside], hour, category_key=category)
                for category in (None, 0, 1, 2)
            )
        ),
        days=frozenset(
            day
            for day in ZONE_DAYS
            if (measure_day(before, day.period) if before else None) != measure_day(after, day.period)
            or any(
                find_peak_concurrent(old, day.period, category_key=category)
                != find_peak_concurrent([after, beside], day.period, category_key=category)
                for category in (None, 0, 1, 2)
            )
        ),
    )


@given(broadcasts(max_size=8), broadcasts(key=2, max_size=6), st.data())
def test_nothing_changes_outside_what_a_landing_is_told_to_make_stale(
    after: ObservedBroadcast, beside: ObservedBroadcast, data: st.DataObject
) -> None:
    late = data.draw(st.sets(st.sampled_from(after.samples)))
    early = tuple(sample for sample in after.samples if sample not in late)
    before = None
    if early:
        before = replace(
            after,
            samples=early,
            started_at_ms=data.draw(st.just(after.started_at_ms) | bounds_beside(early)),
            ended_at_ms=data.draw(st.just(after.ended_at_ms) | bounds_beside(early)),
        )
    told = find_dirty_by_samples((sample.sampled_at_ms for sample in late), ZONE_DAYS)
    told |= find_dirty_by_bounds(known_bounds(before), known_bounds(after), ZONE_DAYS)
    changed = find_changed(before, after, beside)
    assert changed.state_hours <= told.state_hours
    assert changed.hours <= told.hours
    assert changed.days <= told.days
    assert told.state_hours <= told.hours
