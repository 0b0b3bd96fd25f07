"""How restless a count is, sample by sample."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from airtide.domain.volatility import FALL, PRIOR_SHARE, RISE, UNSEEN, Motion, follow

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def test_a_hidden_count_leaves_what_is_known_as_it_is() -> None:
    known = Motion(volatility=5, viewers=100, counted_at=NOON)
    assert follow(known, None, after(5)) is known
    assert follow(UNSEEN, None, NOON) is UNSEEN


def test_a_count_that_is_not_newer_changes_nothing() -> None:
    known = Motion(volatility=5, viewers=100, counted_at=NOON)
    assert follow(known, 900, NOON) is known
    assert follow(known, 900, after(-5)) is known


def test_the_first_count_is_taken_to_move_like_others_of_its_size() -> None:
    assert follow(UNSEEN, 400, NOON) == Motion(volatility=400 * PRIOR_SHARE, viewers=400, counted_at=NOON)
    assert follow(UNSEEN, 0, NOON).volatility == 0


def test_a_rise_is_measured_against_the_root_of_the_time_between() -> None:
    known = Motion(volatility=0, viewers=100, counted_at=NOON)
    assert follow(known, 130, after(9)).volatility == pytest.approx(RISE * 10)
    assert follow(known, 70, after(9)).volatility == pytest.approx(RISE * 10)


def test_it_rises_fast_and_falls_slowly() -> None:
    known = Motion(volatility=10, viewers=100, counted_at=NOON)
    assert follow(known, 120, after(1)).volatility == pytest.approx(10 + RISE * 10)
    assert follow(known, 100, after(1)).volatility == pytest.approx(10 - FALL * 10)


def test_over_hidden_counts_the_last_known_one_is_compared() -> None:
    known = Motion(volatility=0, viewers=100, counted_at=NOON)
    hidden = follow(known, None, after(5))
    assert follow(hidden, 140, after(16)) == Motion(
        volatility=pytest.approx(RISE * 10), viewers=140, counted_at=after(16)
    )
