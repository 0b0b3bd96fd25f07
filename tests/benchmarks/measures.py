"""What is measured, and what becomes of it: the runs of a measure, and the row that their median makes."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

FEWEST_RUNS = 5
"""Fewer runs have no median worth telling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure with its target."""

    name: str
    unit: str
    target: float
    better: Literal["higher", "lower"]
    run: Callable[[], Sequence[float]]
    """Takes at least `fewest_runs` runs and returns the figure of each, starting and stopping what it needs. A ratio is
    taken within each run, of both sides in turns."""
    fewest_runs: int = FEWEST_RUNS
    """1 for what one very long run can only have once, such as its peak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure that was measured; `runs` is how many runs it is the median of."""

    suite: str
    measure: str
    value: float
    unit: str
    target: float
    better: Literal["higher", "lower"]
    met: bool
    runs: int
    at: str
    """When it was measured: RFC 3339, UTC, whole seconds."""


def take(suite: str, measure: Measure) -> Row:
    """Run a measure and return its row; raises what it raises, and `ValueError` for too few runs."""
    values = measure.run()
    if len(values) < measure.fewest_runs:
        raise ValueError(f"{measure.name}: {len(values)} runs are fewer than {measure.fewest_runs}")
    value = statistics.median(values)
    return Row(
        suite=suite,
        measure=measure.name,
        value=value,
        unit=measure.unit,
        target=measure.target,
        better=measure.better,
        met=value >= measure.target if measure.better == "higher" else value <= measure.target,
        runs=len(values),
        at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
