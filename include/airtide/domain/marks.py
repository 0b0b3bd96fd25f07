"""Marks of counts that look wrong, by hour and by day: what is odd is counted beside the numbers and changes none.

Unlike the flags of a landing (`flags`), marks are decided by the samples alone, in whatever order they arrived: by
those of the hour, and for its first sample by the one before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from airtide.domain.cells import ObservedBroadcast, ViewerSample
from airtide.domain.flags import GLITCH_COUNT, STUCK_MIN_SAMPLES, STUCK_MIN_VIEWERS
from airtide.domain.periods import HOUR_MS, Period, floor_to_hour

FULL_HOUR_MS = 3_000_000
"""Fifty minutes: so much of an hour its samples must span, their cadences included, to speak for all of it."""
FLAT_PARTS = 100
"""A count is flat when it moves by no more than one such part of its largest value."""
JUMP_FACTOR = 5
"""A count jumps when it is so many times the one before, or the one before so many times it."""
JUMP_MIN_VIEWERS = 100
"""And differs by so many: small audiences come and go at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """How often a broadcast's counts looked wrong in a period; `+` adds them up."""

    stuck_hours: int = 0
    """Hours of the clock through which the count of 20 or more stood still."""
    flat_hours: int = 0
    """Hours through which it moved, by no more than a hundredth."""
    glitches: int = 0
    """Samples of 1 right after one of 20 or more."""
    step_jumps: int = 0
    """Samples five times larger or smaller than the one right before."""

    def __add__(self, other: Marks) -> Marks:
        return Marks(
            stuck_hours=self.stuck_hours + other.stuck_hours,
            flat_hours=self.flat_hours + other.flat_hours,
            glitches=self.glitches + other.glitches,
            step_jumps=self.step_jumps + other.step_jumps,
        )


def mark_hour(broadcast: ObservedBroadcast, hour_ms: int) -> Marks:
    """Return the marks of the hour that starts at `hour_ms`."""
    hour = Period(hour_ms, hour_ms + HOUR_MS)
    samples = broadcast.samples
    inside = [sample for sample in samples if hour.holds(sample.sampled_at_ms)]
    pairs = [
        (before, sample)
        for before, sample in pairwise(samples)
        if hour.holds(sample.sampled_at_ms) and sample.sampled_at_ms - before.sampled_at_ms <= before.max_gap_ms
    ]
    return Marks(
        stuck_hours=int(_is_stuck(inside)),
        flat_hours=int(_is_flat(inside)),
        glitches=sum(_is_glitch(before.viewers, sample.viewers) for before, sample in pairs),
        step_jumps=sum(_is_jump(before.viewers, sample.viewers) for before, sample in pairs),
    )


def mark_day(broadcast: ObservedBroadcast, day: Period) -> Marks:
    """Return the marks of a day: the sums of its hours."""
    hours = {floor_to_hour(sample.sampled_at_ms) for sample in broadcast.samples}
    return sum((mark_hour(broadcast, hour) for hour in sorted(hours) if day.holds(hour)), Marks())


def _find_range(samples: Sequence[ViewerSample]) -> tuple[int, int] | None:
    """Return the smallest and the largest count of an hour; None when one is hidden or too few speak for the hour."""
    counts = [sample.viewers for sample in samples if sample.viewers is not None]
    if len(samples) < STUCK_MIN_SAMPLES or len(counts) < len(samples):
        return None
    spoken_for_ms = max(sample.sampled_at_ms + sample.cadence_s * 1_000 for sample in samples)
    if spoken_for_ms - samples[0].sampled_at_ms < FULL_HOUR_MS:
        return None
    return min(counts), max(counts)


def _is_stuck(samples: Sequence[ViewerSample]) -> bool:
    found = _find_range(samples)
    return found is not None and STUCK_MIN_VIEWERS <= found[0] == found[1]


def _is_flat(samples: Sequence[ViewerSample]) -> bool:
    found = _find_range(samples)
    return found is not None and 0 < (found[1] - found[0]) * FLAT_PARTS <= found[1]


def _is_glitch(before: int | None, viewers: int | None) -> bool:
    return viewers == GLITCH_COUNT and before is not None and before >= STUCK_MIN_VIEWERS


def _is_jump(before: int | None, viewers: int | None) -> bool:
    """Tell whether a count is another order of size; a glitch and the way back from it are none."""
    if before is None or viewers is None or GLITCH_COUNT in (before, viewers):
        return False
    smaller, larger = sorted((before, viewers))
    return larger >= JUMP_FACTOR * smaller and larger - smaller >= JUMP_MIN_VIEWERS
