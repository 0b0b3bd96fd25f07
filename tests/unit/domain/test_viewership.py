"""What the numbers of a period are."""

from __future__ import annotations

from fractions import Fraction

import pytest
from tests.unit.domain.viewership_builders import at, broadcast, ms, sample, span

from airtide.domain.periods import Period
from airtide.domain.viewership import (
    Measures,
    count_active_channels,
    find_language,
    measure,
    measure_by_category,
    measure_day,
    sum_days,
    sum_measures,
)

DAY = span("00:00", "24:00")
NEXT_DAY = span("24:00", "48:00")


def test_a_period_that_does_not_end_after_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="ends after it starts"):
        Period(at("10:00"), at("10:00"))


def test_viewer_time_is_the_count_times_the_length_of_the_cell() -> None:
    numbers = measure(broadcast(sample("10:00", 100), sample("10:05", 40), start="09:58", end="10:06"), DAY)
    assert numbers == Measures(
        samples=2,
        known_samples=2,
        airtime_ms=ms(minutes=8),
        known_airtime_ms=ms(minutes=8),
        viewer_ms=100 * ms(minutes=4, seconds=30) + 40 * ms(minutes=3, seconds=30),
        peak_viewers=100,
        peak_at_ms=at("10:00"),
    )


def test_hidden_counts_have_airtime_and_no_viewers() -> None:
    numbers = measure(broadcast(sample("10:00", 100), sample("10:05", None), sample("10:10", 100)), DAY)
    assert (numbers.samples, numbers.known_samples) == (3, 2)
    assert numbers.airtime_ms == ms(minutes=15)
    assert numbers.known_airtime_ms == ms(minutes=10)
    assert numbers.average_viewers == 100
    assert numbers.known_share == Fraction(2, 3)


def test_nobody_watching_is_a_number() -> None:
    numbers = measure(broadcast(sample("10:00", 0)), DAY)
    assert (numbers.known_samples, numbers.peak_viewers, numbers.average_viewers) == (1, 0, 0)


def test_only_hidden_counts_leave_average_and_peak_unknown() -> None:
    numbers = measure(broadcast(sample("10:00", None)), DAY)
    assert (numbers.average_viewers, numbers.peak_viewers, numbers.peak_at_ms) == (None, None, None)
    assert numbers.known_share == 0


def test_no_airtime_leaves_the_known_share_unknown() -> None:
    assert Measures().known_share is None


def test_the_earliest_of_equal_peaks_is_told() -> None:
    numbers = measure(broadcast(sample("10:00", 5), sample("10:05", 9), sample("10:10", 9)), DAY)
    assert (numbers.peak_viewers, numbers.peak_at_ms) == (9, at("10:05"))


def test_a_sample_on_the_edge_belongs_to_the_later_period() -> None:
    over_midnight = broadcast(sample("23:55", 1), sample("24:00", 9))
    assert measure(over_midnight, DAY).peak_viewers == 1
    assert measure(over_midnight, NEXT_DAY).peak_viewers == 9


def test_a_cell_reaching_in_brings_time_without_a_sample_or_a_peak() -> None:
    over_midnight = broadcast(sample("23:58", 50), sample("24:03", 50))
    assert measure(over_midnight, NEXT_DAY).samples == 1
    reached = measure(over_midnight, span("24:00", "24:02"))
    assert reached == Measures(airtime_ms=ms(minutes=2), known_airtime_ms=ms(minutes=2), viewer_ms=50 * ms(minutes=2))


def test_the_average_of_a_short_edge_may_exceed_its_peak() -> None:
    raided = broadcast(sample("23:56", 1_000), sample("24:06", 10), end="24:06")
    edge = measure(raided, NEXT_DAY)
    assert edge.peak_viewers == 10
    assert edge.average_viewers == (1_000 * 1 + 10 * 5) / Fraction(6)


def test_each_part_of_a_cell_keeps_its_own_category() -> None:
    changing = broadcast(sample("10:55", 10, category=1), sample("11:01", 30, category=2))
    in_first_hour = measure_by_category(changing, span("10:00", "11:00"))
    assert in_first_hour[1].airtime_ms == ms(minutes=2, seconds=30) + ms(minutes=3)
    assert in_first_hour[2] == Measures(
        airtime_ms=ms(minutes=2), known_airtime_ms=ms(minutes=2), viewer_ms=30 * ms(minutes=2)
    )


def test_a_category_without_sample_and_time_has_no_row() -> None:
    changing = broadcast(sample("10:05", 10, category=1), sample("11:30", 30, category=2))
    assert list(measure_by_category(changing, span("10:00", "11:00"))) == [1]


def test_a_sample_without_time_still_has_a_row() -> None:
    momentary = broadcast(sample("10:00", 10), start="10:10", end="09:50")
    assert measure_by_category(momentary, span("10:00", "11:00"))[0].samples == 1
    row = measure_day(momentary, DAY)
    assert row is not None
    assert (row.live_ms, row.coverage, row.measures.airtime_ms) == (0, None, 0)


def test_a_hole_lowers_coverage_and_not_the_average() -> None:
    holed = broadcast(sample("10:00", 10), sample("11:00", 10), start="10:00", end="11:00")
    row = measure_day(holed, DAY)
    assert row is not None
    assert row.live_ms == ms(hours=1)
    assert row.coverage == Fraction(5, 60)
    assert row.measures.average_viewers == 10


def test_a_day_that_was_all_hole_has_a_row_with_coverage_zero() -> None:
    holed = broadcast(sample("10:00", 10), sample("60:00", 10))
    row = measure_day(holed, NEXT_DAY)
    assert row is not None
    assert row.measures == Measures()
    assert (row.live_ms, row.coverage) == (ms(hours=24), 0)


def test_a_day_between_the_last_sample_and_a_far_end_has_a_row() -> None:
    row = measure_day(broadcast(sample("10:00", 10), end="40:00"), NEXT_DAY)
    assert row is not None
    assert (row.live_ms, row.coverage) == (ms(hours=16), 0)


def test_days_before_the_first_cell_have_no_row_however_early_the_start() -> None:
    early = broadcast(sample("30:00", 10), start="01:00")
    assert measure_day(early, DAY) is None


def test_the_day_of_the_first_cell_is_live_from_its_own_start_when_the_broadcast_began_before() -> None:
    row = measure_day(broadcast(sample("30:00", 10), start="01:00"), NEXT_DAY)
    assert row is not None
    assert row.live_ms == ms(hours=6, minutes=2, seconds=30)


def test_the_day_of_the_first_cell_is_live_from_the_start_told_by_the_site() -> None:
    row = measure_day(broadcast(sample("10:00", 10), start="01:00", end="10:00"), DAY)
    assert row is not None
    assert row.live_ms == ms(hours=9)


def test_a_head_that_reaches_into_the_day_before_is_a_row_of_that_day() -> None:
    row = measure_day(broadcast(sample("24:05", 10), start="23:55"), DAY)
    assert row is not None
    assert (row.measures.samples, row.measures.airtime_ms, row.live_ms) == (0, ms(minutes=5), ms(minutes=5))


def test_a_tail_that_ends_at_midnight_is_no_row_of_the_next_day() -> None:
    assert measure_day(broadcast(sample("23:55", 10), end="24:00"), NEXT_DAY) is None


def test_a_last_sample_at_midnight_is_a_row_of_the_next_day_even_without_time() -> None:
    row = measure_day(broadcast(sample("23:55", 10), sample("24:00", 10), end="23:50"), NEXT_DAY)
    assert row is not None
    assert (row.measures.samples, row.measures.airtime_ms) == (1, 0)


def test_a_channel_live_twice_at_once_counts_both() -> None:
    one, other = (broadcast(sample("10:00", 10), key=key) for key in (1, 2))
    total = sum_days([measure_day(one, DAY), measure_day(other, DAY)])
    assert total is not None
    assert (total.measures.airtime_ms, total.live_ms) == (ms(minutes=10), ms(minutes=10))


def test_the_peak_of_a_channel_is_the_largest_of_one_broadcast() -> None:
    one, other = broadcast(sample("10:00", 10)), broadcast(sample("10:00", 12), sample("10:05", 12), key=2)
    total = sum_measures(measure(b, DAY) for b in (one, other))
    assert (total.peak_viewers, total.peak_at_ms) == (12, at("10:00"))


def test_a_sum_over_no_rows_is_no_row() -> None:
    assert sum_days([None, None]) is None


def test_a_channel_is_active_only_where_it_was_sampled() -> None:
    over_midnight = broadcast(sample("23:58", 1), sample("24:03", 1), channel=7)
    also_seven = broadcast(sample("24:03", 1), key=2, channel=7)
    reaching_in = broadcast(sample("23:59", 1), key=3, channel=8)
    assert count_active_channels([over_midnight, also_seven, reaching_in], NEXT_DAY) == 1


def test_the_language_of_a_period_is_that_of_the_last_sample_before_its_end() -> None:
    changing = broadcast(
        sample("10:00", 1, language="ko"), sample("10:05", 1, language="en"), sample("11:00", 1, language="ja")
    )
    assert find_language(changing, span("10:00", "11:00")) == "en"
    assert find_language(changing, NEXT_DAY) == "ja"


def test_the_language_before_the_first_sample_is_that_of_the_first() -> None:
    changing = broadcast(sample("10:00", 1, language="ko"), sample("10:05", 1, language="en"), start="09:50")
    assert find_language(changing, span("09:00", "10:00")) == "ko"
