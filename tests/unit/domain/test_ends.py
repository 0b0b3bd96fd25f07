"""When a broadcast is over without the site's word: the rule by itself."""

from __future__ import annotations

import pytest

from airtide.domain.ends import EndedBy, InferredEnd, Miss, infer_end

MINUTE = 60_000
HOUR = 60 * MINUTE


def end(*misses: Miss, viewers: int | None = 100, latest: int = 10 * MINUTE, silence: int = HOUR) -> InferredEnd | None:
    return infer_end(0, viewers, misses, latest_ms=latest, max_silence_ms=silence)


def test_one_sweep_without_it_ends_nothing():
    assert end(Miss(5 * MINUTE)) is None


def test_two_sweeps_of_one_tick_are_one_miss():
    assert end(Miss(5 * MINUTE), Miss(5 * MINUTE)) is None


def test_sweeps_up_to_the_last_sample_say_nothing():
    assert end(Miss(0), Miss(-5 * MINUTE), Miss(5 * MINUTE)) is None


def test_two_ticks_without_it_end_it_at_the_first_in_any_order():
    assert end(Miss(10 * MINUTE), Miss(5 * MINUTE), Miss(15 * MINUTE)) == InferredEnd(5 * MINUTE, EndedBy.ABSENCE)


@pytest.mark.parametrize(
    ("viewers", "is_over"),
    [(None, False), (0, False), (4, False), (9, False), (10, True), (1000, True)],
)
def test_under_a_floor_only_a_broadcast_well_above_it_is_missed(viewers, is_over):
    found = end(Miss(5 * MINUTE, viewer_floor=5), Miss(10 * MINUTE, viewer_floor=5), viewers=viewers)
    assert (found is not None) is is_over


def test_a_hidden_count_is_missed_by_a_listing_read_whole():
    assert end(Miss(5 * MINUTE), Miss(10 * MINUTE), viewers=None) is not None


def test_silence_ends_it_at_its_last_sample_only_when_it_is_longer_than_allowed():
    assert end(latest=HOUR) is None
    assert end(latest=HOUR + 1) == InferredEnd(0, EndedBy.SILENCE)


def test_what_sweeps_say_after_the_longest_silence_comes_too_late():
    misses = (Miss(HOUR), Miss(HOUR + 5 * MINUTE))
    assert end(*misses, latest=HOUR + 5 * MINUTE) == InferredEnd(0, EndedBy.SILENCE)
    assert end(Miss(55 * MINUTE), Miss(HOUR), latest=2 * HOUR) == InferredEnd(55 * MINUTE, EndedBy.ABSENCE)
