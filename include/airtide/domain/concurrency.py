"""How many were watching at once, over all broadcasts of a platform or of a category."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from airtide.domain.cells import Cell, ObservedBroadcast, cells
from airtide.domain.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakConcurrent:
    """The most viewers at one instant, when, and how many broadcasts with a hidden count were live beside them."""

    viewers: int
    at_ms: int
    hidden_broadcasts: int


def find_peak_concurrent(
    broadcasts: Sequence[ObservedBroadcast], period: Period, *, category_key: int | None = None
) -> PeakConcurrent | None:
    """Return the peak of a platform in a period, or of one of its categories; None when it was not sampled inside.

    F(t) = Σv over the cells that contain t, hidden counts adding 0. The peak is the largest F(t), ties to the
    earliest t, over the instants inside the period at which any broadcast of the platform was sampled. Samples at or
    after their broadcast's E count in no F. A day's peak is therefore the largest of its hours'.
    """
    instants = sorted(
        {s.sampled_at_ms for b in broadcasts for s in b.samples if period.holds(s.sampled_at_ms)},
    )
    if not instants:
        return None
    counted = [
        cell
        for broadcast in broadcasts
        for cell in cells(broadcast)
        if category_key in (None, cell.sample.category_key) and not _is_after_end(cell, broadcast)
    ]
    viewers = _sum_over_time((c.start_ms, c.end_ms, c.sample.viewers or 0) for c in counted)
    hidden = _sum_over_time((c.start_ms, c.end_ms, int(c.sample.viewers is None)) for c in counted)
    at_ms = max(instants, key=lambda instant: (viewers.at(instant), -instant))
    return PeakConcurrent(viewers=viewers.at(at_ms), at_ms=at_ms, hidden_broadcasts=hidden.at(at_ms))


def _is_after_end(cell: Cell, broadcast: ObservedBroadcast) -> bool:
    return broadcast.ended_at_ms is not None and cell.sample.sampled_at_ms >= broadcast.ended_at_ms


@dataclass(frozen=True, slots=True)
class _StepFunction:
    """Constant between its instants: `totals[i]` holds from `instants[i]` on, 0 before the first."""

    instants: Sequence[int]
    totals: Sequence[int]

    def at(self, instant_ms: int) -> int:
        index = bisect_right(self.instants, instant_ms)
        return self.totals[index - 1] if index else 0


def _sum_over_time(spans: Iterable[tuple[int, int, int]]) -> _StepFunction:
    """Return the sum of heights over half-open spans (start_ms, end_ms, height) as a function of time."""
    steps = sorted(
        step for start_ms, end_ms, height in spans for step in ((start_ms, height), (end_ms, -height)) if height
    )
    return _StepFunction([at for at, _ in steps], list(accumulate(change for _, change in steps)))
