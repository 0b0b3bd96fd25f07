"""Random broadcasts with everything that goes wrong: gaps at the limit, hidden counts, odd starts and ends."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from airtide.domain.cells import ObservedBroadcast, ViewerSample
from airtide.domain.periods import HOUR_MS, Period, ZoneDay

NOON_MS = 1_767_268_800_000
"""2026-01-01 12:00 UTC."""
MINUTE_S = 60
_CADENCES_S = (1, 7, 60, 300, 900, 1_800)
_DISTANCES_S = (1, 59, 60, 61, 180, 300, 899, 900, 901, 1_799, 3_599, 3_600, 3_601, 7_200, 90_000, 200_000)


def days_of(zone: str, first_midnight_ms: int, lengths_h: tuple[int, ...]) -> list[ZoneDay]:
    """Return days of the given lengths that follow one another."""
    days, start_ms = [], first_midnight_ms
    for number, length_h in enumerate(lengths_h):
        end_ms = start_ms + length_h * HOUR_MS
        days.append(ZoneDay(zone, f"day {number}", Period(start_ms, end_ms)))
        start_ms = end_ms
    return days


ZONE_DAYS = (
    *days_of("UTC", NOON_MS - 84 * HOUR_MS, (24,) * 45),
    *days_of("ahead", NOON_MS - 93 * HOUR_MS, (24,) * 45),
    *days_of("shifting", NOON_MS - 80 * HOUR_MS, (24, 24, 24, 23, 25, 24, 23, 25) * 6),
)


def distances_s() -> st.SearchStrategy[int]:
    """Seconds between things, often exactly where a rule changes."""
    return st.sampled_from(_DISTANCES_S) | st.integers(1, 4_000)


@st.composite
def sample_lists(draw: st.DrawFn, *, max_size: int = 12, cadence_s: int | None = None) -> tuple[ViewerSample, ...]:
    """Draw the samples of one broadcast, ascending."""
    instant_s = NOON_MS // 1_000 + draw(st.integers(-7_200, 7_200))
    samples = []
    for _ in range(draw(st.integers(1, max_size))):
        samples.append(
            ViewerSample(
                sampled_at_ms=instant_s * 1_000,
                viewers=draw(st.none() | st.integers(0, 5)),
                cadence_s=cadence_s or draw(st.sampled_from(_CADENCES_S)),
                category_key=draw(st.integers(0, 2)),
                language=draw(st.sampled_from(["", "ko", "en"])),
            )
        )
        instant_s += draw(distances_s())
    return tuple(samples)


@st.composite
def bounds_beside(draw: st.DrawFn, samples: Sequence[ViewerSample]) -> int | None:
    """Draw a start or end beside any of the samples, at one of them, or none."""
    if draw(st.booleans()):
        return None
    anchor_ms = draw(st.sampled_from(samples)).sampled_at_ms
    milliseconds = draw(distances_s()) * 1_000 + draw(st.sampled_from([0, 0, 1, 999]))
    return anchor_ms + draw(st.sampled_from([-1, 0, 1])) * milliseconds


@st.composite
def broadcasts(draw: st.DrawFn, *, key: int = 1, max_size: int = 12) -> ObservedBroadcast:
    """Draw one broadcast."""
    samples = draw(sample_lists(max_size=max_size))
    return ObservedBroadcast(
        broadcast_key=key,
        channel_key=key % 2,
        samples=samples,
        started_at_ms=draw(bounds_beside(samples)),
        ended_at_ms=draw(bounds_beside(samples)),
    )
