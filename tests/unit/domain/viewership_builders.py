"""Short ways to write broadcasts in tests: times of a first day as "HH:MM" or "HH:MM:SS", past 24:00 on the next."""

from __future__ import annotations

from airtide.domain.cells import ObservedBroadcast, ViewerSample
from airtide.domain.periods import Period

FIRST_DAY_MS = 1_767_225_600_000
"""2026-01-01 00:00 UTC."""


def at(clock: str) -> int:
    """Return epoch milliseconds of a time of the first day."""
    hours, minutes, seconds = (*map(int, clock.split(":")), 0)[:3]
    return FIRST_DAY_MS + ((hours * 60 + minutes) * 60 + seconds) * 1_000


def span(start: str, end: str) -> Period:
    """Return the period between two times."""
    return Period(at(start), at(end))


def ms(*, hours: int = 0, minutes: int = 0, seconds: float = 0) -> int:
    """Return a length of time in milliseconds."""
    return int(((hours * 60 + minutes) * 60 + seconds) * 1_000)


def sample(clock: str, viewers: int | None, *, minutes: int = 5, category: int = 0, language: str = "") -> ViewerSample:
    """Return a sample taken at `clock` with a cadence of `minutes`."""
    return ViewerSample(
        sampled_at_ms=at(clock), viewers=viewers, cadence_s=60 * minutes, category_key=category, language=language
    )


def broadcast(
    *samples: ViewerSample, start: str | None = None, end: str | None = None, key: int = 1, channel: int = 1
) -> ObservedBroadcast:
    """Return a broadcast of these samples, with S and E where told."""
    return ObservedBroadcast(
        broadcast_key=key,
        channel_key=channel,
        samples=samples,
        started_at_ms=None if start is None else at(start),
        ended_at_ms=None if end is None else at(end),
    )
