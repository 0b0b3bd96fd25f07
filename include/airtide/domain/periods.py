"""Stretches of time that numbers are told for: periods [start, end) in epoch milliseconds UTC, hours, zone days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

HOUR_MS = 3_600_000
"""One hour in milliseconds."""


@dataclass(frozen=True, slots=True)
class Period:
    """The half-open stretch [start_ms, end_ms)."""

    start_ms: int
    end_ms: int

    def __post_init__(self) -> None:
        if self.end_ms <= self.start_ms:
            raise ValueError(f"a period ends after it starts, not [{self.start_ms}, {self.end_ms})")

    def holds(self, instant_ms: int) -> bool:
        """Tell whether `instant_ms` lies inside; the start does, the end does not."""
        return self.start_ms <= instant_ms < self.end_ms

    def overlap_ms(self, start_ms: int, end_ms: int) -> int:
        """Return how many milliseconds of [start_ms, end_ms) lie inside; 0 when none do."""
        return max(0, min(self.end_ms, end_ms) - max(self.start_ms, start_ms))

    def meets(self, start_ms: int, end_ms: int) -> bool:
        """Tell whether the half-open stretch [start_ms, end_ms) has a millisecond inside."""
        return self.start_ms < end_ms and start_ms < self.end_ms


ALL_TIME = Period(-(2**62), 2**62)
"""Cuts nothing."""


@dataclass(frozen=True, slots=True)
class ZoneDay:
    """A day of a time zone as the calendar table tells it; nothing here converts local time."""

    zone: str
    day: str
    """Local date, YYYY-MM-DD."""
    period: Period
    """23, 24 or 25 whole hours."""


def floor_to_hour(instant_ms: int) -> int:
    """Return the start of the hour that holds `instant_ms`, in epoch milliseconds."""
    return instant_ms - instant_ms % HOUR_MS


def hours_touching(from_ms: int, to_ms: int) -> range:
    """Return the starts of the hours that have an instant in the closed stretch [from_ms, to_ms]."""
    return range(floor_to_hour(from_ms), to_ms + 1, HOUR_MS)


def days_touching(days: Iterable[ZoneDay], from_ms: int, to_ms: int) -> frozenset[ZoneDay]:
    """Return the days that have an instant in the closed stretch [from_ms, to_ms]."""
    return frozenset(day for day in days if day.period.meets(from_ms, to_ms + 1))
