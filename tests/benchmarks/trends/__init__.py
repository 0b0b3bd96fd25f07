"""Trends: what a day of 4.3 million samples costs, merged from its hours, recomputed in full, or queried as it lies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from tests.benchmarks.measures import Measure
from tests.benchmarks.trends.rounds import Round, run_all


def _measure(name: str, target: float, better: Literal["higher", "lower"], tell: Callable[[Round], float]) -> Measure:
    def run() -> Sequence[float]:
        return [tell(taken) for taken in run_all()]

    return Measure(name=name, unit="ratio", target=target, better=better, run=run)


MEASURES = (
    _measure("closing a day to recomputing it", 0.5, "lower", lambda r: r.closing_s / r.compacted.wall_s),
    _measure("a window query over its samples to closing a day", 10, "higher", lambda r: r.window_s / r.closing_s),
    _measure(
        "recomputing from compacted objects to small ones",
        0.85,
        "lower",
        lambda r: r.compacted.wall_s / r.small.wall_s,
    ),
    _measure("time of four times the data", 4.5, "lower", lambda r: r.quadruple.wall_s / r.compacted.wall_s),
    _measure("memory of four times the data", 4, "lower", lambda r: r.quadruple.grown_mib / r.compacted.grown_mib),
)
