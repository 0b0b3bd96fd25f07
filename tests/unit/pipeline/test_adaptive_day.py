"""Adaptive polling on a small simulated day: clearly better than uniform on equal units, and within them."""

from __future__ import annotations

import pytest
from tests.adaptive_replay import RETRIED_EVERY, RecordedDay, Score, record_day, replay

from airtide.domain.pacing import IDS_PER_CALL


@pytest.fixture(scope="module")
def day() -> RecordedDay:
    return record_day(1, channels=1500, cadence_s=60)


@pytest.fixture(scope="module")
def scores(day: RecordedDay) -> tuple[Score, Score]:
    """Return the adaptive and the uniform day on under a fifth of the full need."""
    units = int(0.19 * day.full_need)
    return replay(day, units=units, is_adaptive=True), replay(day, units=units, is_adaptive=False)


def test_both_spend_the_same_units_and_no_more_than_there_are(day: RecordedDay, scores: tuple[Score, Score]) -> None:
    units = int(0.19 * day.full_need)
    for score in scores:
        assert units - 5 <= score.units <= units


def test_hours_watched_and_peaks_come_out_clearly_better(scores: tuple[Score, Score]) -> None:
    adaptive, uniform = scores
    assert adaptive.hours_error < 0.85 * uniform.hours_error
    assert adaptive.missed_peaks < 0.5 * uniform.missed_peaks


def test_calls_are_full_and_nobody_is_silent_for_long(scores: tuple[Score, Score]) -> None:
    adaptive, _ = scores
    assert adaptive.full_calls >= 0.95 * adaptive.calls
    assert adaptive.longest_silence_s <= 1800


def test_names_calls_made_again_and_ends_are_in_the_units_that_a_sample_costs(scores: tuple[Score, Score]) -> None:
    adaptive, _ = scores
    names = adaptive.units - adaptive.calls - adaptive.calls // RETRIED_EVERY
    # asked for at full hours, unless nobody is asked for anything at that tick
    assert 12 <= names <= 24
    assert adaptive.samples < adaptive.calls * IDS_PER_CALL
    assert adaptive.units / adaptive.samples <= 0.022
