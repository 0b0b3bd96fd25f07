"""What the numbers of categories and languages are, and of the largest channels."""

from __future__ import annotations

from tests.unit.domain.viewership_builders import at, broadcast, ms, sample, span

from airtide.domain.concurrency import PeakConcurrent, find_peak_concurrent
from airtide.domain.groups import measure_categories, measure_languages, sum_top_channels
from airtide.domain.viewership import measure

HOUR = span("10:00", "11:00")
DAY = span("00:00", "24:00")
NEXT_DAY = span("24:00", "48:00")
CHESS, MUSIC = 1, 2


def test_nothing_observed_has_no_category_and_no_language() -> None:
    assert measure_categories([], DAY) == {}
    assert measure_languages([], DAY) == {}
    assert sum_top_channels([], DAY, 10) == 0


def test_a_category_that_is_left_keeps_the_time_up_to_halfway_to_the_next_sample() -> None:
    changing = broadcast(sample("10:00", 60, category=CHESS), sample("10:05", 60, category=MUSIC))
    rows = measure_categories([changing], HOUR)
    assert rows[CHESS].measures.airtime_ms == ms(minutes=2, seconds=30)
    assert rows[MUSIC].measures.airtime_ms == ms(minutes=5)
    assert measure_categories([changing], DAY)[CHESS].measures.airtime_ms == ms(minutes=5)


def test_a_hole_has_no_category() -> None:
    holed = broadcast(sample("10:00", 60, category=CHESS), sample("10:40", 60, category=CHESS), end="10:40")
    assert measure_categories([holed], HOUR)[CHESS].measures.airtime_ms == ms(minutes=5)


def test_a_cell_that_reaches_in_is_a_broadcast_of_the_category_and_no_active_channel() -> None:
    row = measure_categories([broadcast(sample("09:59", 60, category=CHESS))], HOUR)[CHESS]
    assert (row.broadcasts, row.active_channels, row.measures.samples) == (1, 0, 0)
    assert row.measures.airtime_ms == ms(minutes=1, seconds=30)


def test_a_channel_that_is_live_twice_is_two_broadcasts_and_one_active_channel() -> None:
    twice = [broadcast(sample("10:10", 5, category=CHESS), key=key, channel=7) for key in (1, 2)]
    row = measure_categories(twice, HOUR)[CHESS]
    assert (row.broadcasts, row.active_channels, row.measures.viewer_ms) == (2, 1, 10 * ms(minutes=5))


def test_the_peak_concurrent_of_a_category_leaves_out_the_others() -> None:
    observed = [
        broadcast(sample("10:00", 9, category=CHESS), sample("10:05", 70, category=MUSIC), key=1),
        broadcast(sample("10:00", 3, category=CHESS), sample("10:05", 5, category=CHESS), key=2),
    ]
    peak = find_peak_concurrent(observed, HOUR, category_key=CHESS)
    assert peak == PeakConcurrent(viewers=12, at_ms=at("10:00"), hidden_broadcasts=0)


def test_a_category_that_no_tick_meets_has_its_peak_of_none_at_the_first_tick() -> None:
    observed = [
        broadcast(sample("09:59", 60, category=CHESS), key=1),
        broadcast(sample("10:10", 5, category=MUSIC), key=2),
    ]
    peak = find_peak_concurrent(observed, HOUR, category_key=CHESS)
    assert peak == PeakConcurrent(viewers=0, at_ms=at("10:10"), hidden_broadcasts=0)


def test_a_broadcast_counts_all_day_for_the_language_it_had_last() -> None:
    changing = broadcast(
        sample("23:00", 9, language="ko"), sample("23:10", 9, language="en"), sample("24:10", 9, language="ja")
    )
    assert set(measure_languages([changing], DAY)) == {"en"}
    row = measure_languages([changing], DAY)["en"]
    assert (row.broadcasts, row.active_channels, row.row.measures) == (1, 1, measure(changing, DAY))
    assert set(measure_languages([changing], NEXT_DAY)) == {"ja"}


def test_a_day_that_was_all_hole_counts_for_the_language_before_it() -> None:
    holed = broadcast(sample("10:00", 9, language="ko"), sample("60:00", 9, language="en"), end="60:00")
    row = measure_languages([holed], NEXT_DAY)["ko"]
    assert (row.broadcasts, row.active_channels, row.row.live_ms) == (1, 0, ms(hours=24))


def test_a_day_before_the_first_sample_counts_for_the_first_language() -> None:
    early = broadcast(sample("24:05", 9, language="ko"), sample("24:10", 9, language="en"), start="23:55")
    assert set(measure_languages([early], DAY)) == {"ko"}


def test_no_language_told_is_a_language_of_its_own() -> None:
    assert set(measure_languages([broadcast(sample("10:00", 9))], DAY)) == {""}


def test_the_largest_channels_are_those_with_most_viewer_time_over_all_their_broadcasts() -> None:
    observed = [
        broadcast(sample("10:00", 10), key=1, channel=1),
        broadcast(sample("12:00", 10), key=2, channel=1),
        broadcast(sample("10:00", 15), key=3, channel=2),
        broadcast(sample("10:00", 1), key=4, channel=3),
    ]
    assert sum_top_channels(observed, DAY, 1) == 20 * ms(minutes=5)
    assert sum_top_channels(observed, DAY, 2) == 35 * ms(minutes=5)
    assert sum_top_channels(observed, DAY, 10) == 36 * ms(minutes=5)
