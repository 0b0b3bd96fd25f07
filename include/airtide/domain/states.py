"""Mergeable partials: what one hour keeps of a broadcast, and how hours are put together again.

A state knows what lies between its own samples; its first and last sample are open ends. Merging closes the ends that
meet. What lies before a broadcast's first and after its last sample is added at the end, from S and E.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby, pairwise

from airtide.domain.cells import (
    ViewerSample,
    end_of_last_cell,
    sides_between_ms,
    start_of_first_cell,
)
from airtide.domain.periods import ALL_TIME, HOUR_MS, Period, floor_to_hour
from airtide.domain.viewership import Measures, measure_sample, measure_time


@dataclass(frozen=True, slots=True, kw_only=True)
class HourState:
    """What is kept of one hour, broadcast and category, from the samples inside that hour alone."""

    hour_ms: int
    """Start of the hour."""
    category_key: int
    inner: Measures
    """Samples, peak, and the time of this category between neighbours that both lie in the hour."""
    first: ViewerSample
    last: ViewerSample


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A partial of one broadcast over any stretch, all categories together; `merge` joins it to a later one."""

    by_category: Mapping[int, Measures]
    first: ViewerSample
    last: ViewerSample


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastBounds:
    """What is known of a broadcast besides its states: S, E, and the instants of its true first and last sample."""

    started_at_ms: int | None
    ended_at_ms: int | None
    first_sampled_at_ms: int
    last_sampled_at_ms: int


def hour_states(samples: Sequence[ViewerSample]) -> tuple[HourState, ...]:
    """Return the states of all hours that hold samples, by hour and category; `samples` ascend in time."""
    rows = []
    for hour_ms, group in groupby(samples, key=lambda sample: floor_to_hour(sample.sampled_at_ms)):
        inside = tuple(group)
        whole = reduce(merge, map(state_of_sample, inside))
        for category_key in sorted(whole.by_category):
            own = [sample for sample in inside if sample.category_key == category_key]
            inner = whole.by_category[category_key]
            rows.append(HourState(hour_ms=hour_ms, category_key=category_key, inner=inner, first=own[0], last=own[-1]))
    return tuple(rows)


def state_of_sample(sample: ViewerSample) -> State:
    """Return the smallest state: one sample, both ends open, no time yet."""
    return State(by_category={sample.category_key: measure_sample(sample)}, first=sample, last=sample)


def join_categories(rows: Iterable[HourState]) -> State:
    """Return one hour's rows as one state: of their ends only the earliest first and the latest last are open."""
    of_hour = tuple(rows)
    return State(
        by_category={row.category_key: row.inner for row in of_hour},
        first=min((row.first for row in of_hour), key=lambda sample: sample.sampled_at_ms),
        last=max((row.last for row in of_hour), key=lambda sample: sample.sampled_at_ms),
    )


def merge(earlier: State, later: State) -> State:
    """Return both as one state; `earlier` lies wholly before `later`. Associative.

    Sums are added and the larger peak stays, the earlier one on a tie. The bridge between the two open ends that
    meet is added, each side of it to its own sample's category.
    """
    totals = _add_up((*earlier.by_category.items(), *later.by_category.items(), *_bridge(earlier, later)))
    return State(by_category=totals, first=earlier.first, last=later.last)


def close_ends(state: State, bounds: BroadcastBounds) -> dict[int, Measures]:
    """Return the measures by category of a whole broadcast: its merged state, head and tail."""
    head = _time_before(state.first, start_of_first_cell(state.first, bounds.started_at_ms))
    tail = _time_after(state.last, end_of_last_cell(state.last, bounds.ended_at_ms))
    return _add_up((*state.by_category.items(), head, tail))


def measure_from_states(rows: Iterable[HourState], bounds: BroadcastBounds, period: Period) -> dict[int, Measures]:
    """Return the measures by category of a period of whole hours, without empty ones, from states alone.

    `rows` are those from one hour before the period to one hour after it; others change nothing. Bridges are cut at
    the edges of the period. A neighbour that lies outside these hours is more than an hour away, hence behind a gap.
    """
    if period.start_ms % HOUR_MS or period.end_ms % HOUR_MS:
        raise ValueError("states know whole hours only")
    ordered = sorted(rows, key=lambda row: row.hour_ms)
    by_hour = {hour: join_categories(group) for hour, group in groupby(ordered, key=lambda row: row.hour_ms)}
    inner = [item for hour, state in by_hour.items() if period.holds(hour) for item in state.by_category.items()]
    totals = _add_up((*inner, *_edges(list(by_hour.values()), bounds, period)))
    return {category_key: total for category_key, total in totals.items() if not total.is_empty}


def _edges(states: Sequence[State], bounds: BroadcastBounds, period: Period) -> Iterator[tuple[int, Measures]]:
    for earlier, later in pairwise(states):
        yield from _bridge(earlier, later, period)
    if not states:
        return
    first, last = states[0].first, states[-1].last
    if first.sampled_at_ms == bounds.first_sampled_at_ms:
        yield _time_before(first, start_of_first_cell(first, bounds.started_at_ms), period)
    ends_here = last.sampled_at_ms == bounds.last_sampled_at_ms
    reach_ms = end_of_last_cell(last, bounds.ended_at_ms) if ends_here else last.sampled_at_ms + last.cadence_ms
    yield _time_after(last, reach_ms, period)


def _bridge(earlier: State, later: State, period: Period = ALL_TIME) -> Iterator[tuple[int, Measures]]:
    after_ms, before_ms = sides_between_ms(earlier.last, later.first)
    yield _time_after(earlier.last, earlier.last.sampled_at_ms + after_ms, period)
    yield _time_before(later.first, later.first.sampled_at_ms - before_ms, period)


def _time_before(sample: ViewerSample, start_ms: int, period: Period = ALL_TIME) -> tuple[int, Measures]:
    return sample.category_key, measure_time(sample, start_ms, sample.sampled_at_ms, period)


def _time_after(sample: ViewerSample, end_ms: int, period: Period = ALL_TIME) -> tuple[int, Measures]:
    return sample.category_key, measure_time(sample, sample.sampled_at_ms, end_ms, period)


def _add_up(parts: Iterable[tuple[int, Measures]]) -> dict[int, Measures]:
    totals: defaultdict[int, Measures] = defaultdict(Measures)
    for category_key, part in parts:
        totals[category_key] += part
    return dict(totals)
