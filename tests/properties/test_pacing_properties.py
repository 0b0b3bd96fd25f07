"""What holds of adaptive polling whatever is live: units, promises and silences over hours of ticks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airtide.domain.candidates import Candidate
from airtide.domain.pacing import IDS_PER_CALL, LONGEST_SILENCE_S, Budget, plan_round
from airtide.domain.volatility import follow

BEGIN = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


@dataclass
class Course:
    """What many ticks in a row did."""

    calls: list[int] = field(default_factory=list)
    full_calls: int = 0
    broken_s: list[int] = field(default_factory=list)
    """By how much promises were exceeded."""
    silences_s: list[int] = field(default_factory=list)
    shortages: int = 0


def run(*, seed: int, live: int, units: int, ticks: int, cadence_s: int, newcomers: float) -> Course:
    """Plan `ticks` ticks over broadcasts that come and whose counts move at random."""
    random = Random(seed)
    course, left = Course(), units
    known = {f"v{number}": Candidate(broadcast_id=f"v{number}", due_at=BEGIN) for number in range(live)}
    for number in range(ticks):
        tick = BEGIN + timedelta(seconds=number * cadence_s)
        if random.random() < newcomers:
            known[f"n{number}"] = Candidate(broadcast_id=f"n{number}", due_at=tick)
        budget = Budget(units_left=left, ticks_left=ticks - number, max_calls=100)
        planned = plan_round(known.values(), budget, tick=tick, cadence_s=cadence_s)
        calls = -(-len(planned.promises) // IDS_PER_CALL)
        assert calls <= left
        left -= calls
        course.calls.append(calls)
        course.full_calls += len(planned.promises) // IDS_PER_CALL
        course.shortages += planned.is_short
        note(course, known, planned.promises, tick, random)
    return course


def note(
    course: Course, known: dict[str, Candidate], promises: Mapping[str, int], tick: datetime, random: Random
) -> None:
    for broadcast_id, promise_s in promises.items():
        one = known[broadcast_id]
        if one.asked_at is not None:
            course.silences_s.append(int((tick - one.asked_at).total_seconds()))
            course.broken_s.append(max(0, int((tick - one.due_at).total_seconds())))
        viewers = int(random.paretovariate(0.9) * 10) if one.motion.viewers is None else one.motion.viewers
        viewers = max(0, int(viewers * random.gauss(1, 0.1)))
        motion = follow(one.motion, None if random.random() < 0.05 else viewers, tick)
        due_at = tick + timedelta(seconds=promise_s)
        known[broadcast_id] = replace(one, asked_at=tick, seen_at=tick, due_at=due_at, motion=motion)


@given(
    seed=st.integers(0, 2**32),
    live=st.integers(0, 400),
    units=st.integers(0, 120),
    cadence_s=st.sampled_from([60, 300, 600, 1800]),
)
def test_never_more_units_than_there_are_and_no_promise_beyond_half_an_hour(
    seed: int, live: int, units: int, cadence_s: int
) -> None:
    course = run(seed=seed, live=live, units=units, ticks=12, cadence_s=cadence_s, newcomers=0.3)
    assert sum(course.calls) <= units


@pytest.mark.parametrize("seed", range(3))
def test_where_the_units_allow_it_promises_are_kept_calls_full_and_the_day_spent_evenly(seed: int) -> None:
    # 600 live, a quarter of what all of them at every tick would cost: half an hour for each needs a sixth
    ticks, units = 96, 96 * 3
    course = run(seed=seed, live=600, units=units, ticks=ticks, cadence_s=300, newcomers=0.3)
    settled = course.silences_s[600:]
    assert course.shortages == 0
    assert max(settled) <= LONGEST_SILENCE_S
    assert sum(late > 0 for late in course.broken_s[600:]) <= 0.005 * len(settled)
    assert course.full_calls >= 0.95 * sum(course.calls)
    assert units - 3 <= sum(course.calls) <= units
    quarters = [sum(course.calls[start : start + 24]) for start in range(0, ticks, 24)]
    assert max(quarters) - min(quarters) <= 0.15 * units / 4


@pytest.mark.parametrize("seed", range(3))
def test_where_the_units_do_not_allow_it_all_wait_longer_alike(seed: int) -> None:
    course = run(seed=seed, live=1200, units=96, ticks=96, cadence_s=300, newcomers=0.0)
    assert course.shortages > 90
    # 50 of 1,200 a tick: two hours for a turn
    assert max(course.silences_s) <= 1.15 * 7200
