"""How many were watching at once."""

from __future__ import annotations

from tests.unit.domain.viewership_builders import at, broadcast, sample, span

from airtide.domain.concurrency import PeakConcurrent, find_peak_concurrent

HOUR = span("10:00", "11:00")


def test_a_period_without_a_tick_has_no_peak() -> None:
    reaching_in = broadcast(sample("09:59", 5), sample("11:00", 5))
    assert find_peak_concurrent([reaching_in], HOUR) is None


def test_on_complete_sweeps_the_peak_is_the_largest_sum_of_a_tick() -> None:
    one = broadcast(sample("10:00", 1), sample("10:05", 9), sample("10:10", 1))
    other = broadcast(sample("10:00", 5), sample("10:05", 6), sample("10:10", 20), key=2)
    assert find_peak_concurrent([one, other], HOUR) == PeakConcurrent(
        viewers=21, at_ms=at("10:10"), hidden_broadcasts=0
    )


def test_ties_go_to_the_earliest_tick() -> None:
    level = broadcast(sample("10:00", 9), sample("10:05", 9))
    peak = find_peak_concurrent([level], HOUR)
    assert peak is not None
    assert peak.at_ms == at("10:00")


def test_a_broadcast_missing_from_a_tick_is_stood_in_for_by_its_nearest_sample() -> None:
    complete = broadcast(sample("10:00", 1), sample("10:05", 9), sample("10:10", 1))
    with_a_miss = broadcast(sample("10:00", 7), sample("10:10", 8), key=2)
    peak = find_peak_concurrent([complete, with_a_miss], HOUR)
    assert peak == PeakConcurrent(viewers=9 + 8, at_ms=at("10:05"), hidden_broadcasts=0)


def test_the_peak_is_read_at_ticks_only() -> None:
    early = broadcast(sample("10:00", 5), end="10:04")
    late = broadcast(sample("10:05", 5), start="10:02", key=2)
    peak = find_peak_concurrent([early, late], HOUR)
    assert peak is not None
    assert peak.viewers == 5


def test_hidden_counts_add_nothing_and_are_counted_beside() -> None:
    known, hidden = broadcast(sample("10:00", 5)), broadcast(sample("10:00", None), key=2)
    assert find_peak_concurrent([known, hidden], HOUR) == PeakConcurrent(
        viewers=5, at_ms=at("10:00"), hidden_broadcasts=1
    )


def test_a_tick_of_hidden_counts_alone_has_the_peak_zero() -> None:
    peak = find_peak_concurrent([broadcast(sample("10:00", None))], HOUR)
    assert peak == PeakConcurrent(viewers=0, at_ms=at("10:00"), hidden_broadcasts=1)


def test_samples_at_or_after_the_end_count_in_no_sum() -> None:
    outlasting = broadcast(sample("10:00", 3), sample("10:05", 50), sample("10:10", 60), end="10:05")
    assert find_peak_concurrent([outlasting], HOUR) == PeakConcurrent(viewers=3, at_ms=at("10:00"), hidden_broadcasts=0)


def test_a_cell_from_before_the_period_counts_at_its_first_ticks() -> None:
    reaching_in = broadcast(sample("09:58", 100), sample("10:04", 1))
    other = broadcast(sample("10:00", 1), key=2)
    peak = find_peak_concurrent([reaching_in, other], HOUR)
    assert peak == PeakConcurrent(viewers=101, at_ms=at("10:00"), hidden_broadcasts=0)


def test_a_category_is_read_at_the_ticks_of_its_platform() -> None:
    changing = broadcast(sample("10:00", 10, category=1), sample("10:06", 30, category=2))
    other = broadcast(sample("10:03", 1, category=3), key=2)
    peak = find_peak_concurrent([changing, other], HOUR, category_key=2)
    assert peak == PeakConcurrent(viewers=30, at_ms=at("10:03"), hidden_broadcasts=0)
