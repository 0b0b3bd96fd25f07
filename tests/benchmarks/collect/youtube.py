"""YouTube within its quota: days of simulated worlds through the real planner, adaptively and uniformly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from tests.adaptive_replay import RecordedDay, Score, record_day, replay
from tests.benchmarks.measures import FEWEST_RUNS, Measure

CHANNELS = 3_000
"""About four hundred of them are live at a time."""
CADENCE_S = 60
QUOTA_SHARE = 0.19
"""Of the full need: under a fifth."""


@cache
def replay_both(seed: int) -> tuple[Score, Score]:
    """Return how adaptive and uniform polling did on one world's day with the same units."""
    day = record_day(seed, channels=CHANNELS, cadence_s=CADENCE_S)
    return _replay(day, is_adaptive=True), _replay(day, is_adaptive=False)


def _replay(day: RecordedDay, *, is_adaptive: bool) -> Score:
    return replay(day, units=int(QUOTA_SHARE * day.full_need), is_adaptive=is_adaptive)


def _measure_days(tell: Callable[[Score, Score], float]) -> Sequence[float]:
    """Return a figure of each of as many worlds as runs are asked for."""
    return [tell(*replay_both(seed)) for seed in range(1, FEWEST_RUNS + 1)]


MEASURES = (
    # units of all calls, names of categories and calls made again included; samples published, ends left out
    Measure(
        name="youtube: units an observation",
        unit="units",
        target=0.022,
        better="lower",
        run=lambda: _measure_days(lambda adaptive, _uniform: adaptive.units / adaptive.samples),
    ),
    Measure(
        name="youtube: full calls",
        unit="share",
        target=0.95,
        better="higher",
        run=lambda: _measure_days(lambda adaptive, _uniform: adaptive.full_calls / adaptive.calls),
    ),
    Measure(
        name="youtube: error of hours watched, adaptive to uniform",
        unit="ratio",
        target=0.7,
        better="lower",
        run=lambda: _measure_days(lambda adaptive, uniform: adaptive.hours_error / uniform.hours_error),
    ),
    Measure(
        name="youtube: missed peaks of the top 1 %, adaptive to uniform",
        unit="ratio",
        target=0.2,
        better="lower",
        run=lambda: _measure_days(lambda adaptive, uniform: adaptive.missed_peaks / uniform.missed_peaks),
    ),
)
