"""Counts that look wrong: they are marked where they begin and never altered.

Samples are judged in the order of landing: one that arrives after a later one of its broadcast makes no mark.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

HOUR_MS = 3_600_000

STUCK_MIN_VIEWERS = 20
"""A smaller audience may well stand still."""
STUCK_MIN_SAMPLES = 6
STUCK_MIN_MS = HOUR_MS
GLITCH_COUNT = 1


class Flag(StrEnum):
    """What is odd about a count."""

    STUCK = "stuck"
    """The same count from this sample on, for an hour and six samples at least."""
    GLITCH_TO_ONE = "glitch_to_one"
    """1, where the sample before said 20 or more."""


class Run(NamedTuple):
    """Samples in a row with the same count; a hidden one is a run by itself. One is made for every sample: a tuple."""

    viewers: int | None
    since_ms: int
    until_ms: int
    samples: int

    def is_stuck(self) -> bool:
        """Tell whether a count stood still for longer than an audience does."""
        return (
            self.viewers is not None
            and self.viewers >= STUCK_MIN_VIEWERS
            and self.samples >= STUCK_MIN_SAMPLES
            and self.until_ms - self.since_ms >= STUCK_MIN_MS
        )

    def falls_to(self, following: Run) -> bool:
        """Tell whether the count of the run after this one is the glitch that sites have shown."""
        return following.viewers == GLITCH_COUNT and self.viewers is not None and self.viewers >= STUCK_MIN_VIEWERS
