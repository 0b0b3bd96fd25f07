"""What holds of categories, languages and platforms whatever is observed."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties.broadcast_strategies import NOON_MS, ZONE_DAYS, broadcasts

from airtide.domain.cells import ObservedBroadcast
from airtide.domain.concurrency import PeakConcurrent, find_peak_concurrent
from airtide.domain.groups import measure_categories, measure_languages, sum_top_channels
from airtide.domain.periods import HOUR_MS, Period
from airtide.domain.viewership import Measures, count_active_channels, measure, measure_day, sum_days, sum_measures

Observed = tuple[ObservedBroadcast, ObservedBroadcast, ObservedBroadcast]
SHIFTING = [day.period for day in ZONE_DAYS if day.zone == "shifting"]
"""Days of 23, 24 and 25 hours."""

several = st.tuples(broadcasts(max_size=6), broadcasts(key=2, max_size=6), broadcasts(key=3, max_size=6))


def sampled_days(observed: Sequence[ObservedBroadcast]) -> list[Period]:
    """Return the days near the samples: others have at most holes."""
    instants = [sample.sampled_at_ms for broadcast in observed for sample in broadcast.samples]
    return [day for day in SHIFTING if day.meets(min(instants) - HOUR_MS, max(instants) + HOUR_MS)]


def hours_of(day: Period) -> list[Period]:
    return [Period(start, start + HOUR_MS) for start in range(day.start_ms, day.end_ms, HOUR_MS)]


@settings(max_examples=40)
@given(several)
def test_categories_of_hours_add_up_to_the_day_and_to_the_platform(observed: Observed) -> None:
    for day in sampled_days(observed):
        by_hour = [measure_categories(observed, hour) for hour in hours_of(day)]
        for category_key, row in measure_categories(observed, day).items():
            assert row.measures == sum_measures(hour[category_key].measures for hour in by_hour if category_key in hour)
        whole = sum_measures(measure(broadcast, day) for broadcast in observed)
        assert sum_measures(row.measures for row in measure_categories(observed, day).values()) == whole


@settings(max_examples=40)
@given(several)
def test_languages_of_a_day_add_up_to_the_platform_and_every_broadcast_counts_once(observed: Observed) -> None:
    for day in SHIFTING:
        rows = measure_languages(observed, day)
        total = sum_days(measure_day(broadcast, day) for broadcast in observed)
        assert sum_days(row.row for row in rows.values()) == total
        assert sum(row.broadcasts for row in rows.values()) == sum(
            measure_day(broadcast, day) is not None for broadcast in observed
        )


@settings(max_examples=40)
@given(several)
def test_no_group_has_more_airtime_than_live_time_or_more_active_channels_than_the_platform(
    observed: Observed,
) -> None:
    for day in SHIFTING:
        active = count_active_channels(observed, day)
        for language in measure_languages(observed, day).values():
            numbers = language.row.measures
            length_ms = day.end_ms - day.start_ms
            assert numbers.known_airtime_ms <= numbers.airtime_ms <= language.row.live_ms
            assert language.row.live_ms <= length_ms * language.broadcasts
            assert language.active_channels <= min(active, language.broadcasts)
        for category in measure_categories(observed, day).values():
            assert category.active_channels <= min(active, category.broadcasts)
            assert category.measures != Measures()


@settings(max_examples=40)
@given(several, st.permutations(range(3)))
def test_the_order_of_broadcasts_changes_no_group(observed: Observed, order: Sequence[int]) -> None:
    mixed = [observed[place] for place in order]
    for day in sampled_days(observed):
        assert measure_categories(mixed, day) == measure_categories(observed, day)
        assert measure_languages(mixed, day) == measure_languages(observed, day)
        assert sum_top_channels(mixed, day, 1) == sum_top_channels(observed, day, 1)


@settings(max_examples=40)
@given(several)
def test_the_largest_channels_hold_more_the_more_there_are_and_at_most_all(observed: Observed) -> None:
    for day in sampled_days(observed):
        one, two, ten = (sum_top_channels(observed, day, channels) for channels in (1, 2, 10))
        assert 0 <= one <= two <= ten
        assert ten == sum_measures(measure(broadcast, day) for broadcast in observed).viewer_ms


@settings(max_examples=40)
@given(several, st.sampled_from([None, 0, 1, 2]))
def test_the_peak_concurrent_of_a_day_is_the_largest_of_its_hours(observed: Observed, category_key: int | None) -> None:
    for day in sampled_days(observed):
        peaks = [find_peak_concurrent(observed, hour, category_key=category_key) for hour in hours_of(day)]
        told: list[PeakConcurrent] = [peak for peak in peaks if peak is not None]
        largest = max(told, key=lambda peak: (peak.viewers, -peak.at_ms), default=None)
        assert find_peak_concurrent(observed, day, category_key=category_key) == largest


@settings(max_examples=40)
@given(several)
def test_a_category_never_has_more_at_once_than_its_platform(observed: Observed) -> None:
    period = Period(NOON_MS - 24 * HOUR_MS, NOON_MS + 24 * HOUR_MS)
    platform = find_peak_concurrent(observed, period)
    for category_key in (0, 1, 2):
        category = find_peak_concurrent(observed, period, category_key=category_key)
        assert (category is None) == (platform is None)
        if category is not None and platform is not None:
            assert category.viewers <= platform.viewers
