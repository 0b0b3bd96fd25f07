"""What the numbers of a period mean, in exact integers: the reference that every engine must equal to the last unit.

viewer_ms are viewer-milliseconds; a count times a time is never rounded. Averages and shares are exact fractions,
made when somebody reads them and never kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from airtide.domain.cells import Cell, ObservedBroadcast, ViewerSample, cells, live_from, live_until
from airtide.domain.periods import HOUR_MS, Period

DEFINITIONS_VERSION = 1
"""Kept with every published row; raised when a definition changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """The sums of cells and samples inside a period; `+` adds them up over parts or over broadcasts."""

    samples: int = 0
    """Samples taken inside."""
    known_samples: int = 0
    """Of those, the ones with a viewer count."""
    airtime_ms: int = 0
    """Σw, w being the length of a cell inside the period."""
    known_airtime_ms: int = 0
    """Σw over the cells with a viewer count."""
    viewer_ms: int = 0
    """Σv·w over the cells with a viewer count."""
    peak_viewers: int | None = None
    """Largest count of a sample taken inside; None when there is none."""
    peak_at_ms: int | None = None
    """Earliest instant of that count."""

    def __add__(self, other: Measures) -> Measures:
        peak_viewers, peak_at_ms = larger_peak(
            (self.peak_viewers, self.peak_at_ms), (other.peak_viewers, other.peak_at_ms)
        )
        return Measures(
            samples=self.samples + other.samples,
            known_samples=self.known_samples + other.known_samples,
            airtime_ms=self.airtime_ms + other.airtime_ms,
            known_airtime_ms=self.known_airtime_ms + other.known_airtime_ms,
            viewer_ms=self.viewer_ms + other.viewer_ms,
            peak_viewers=peak_viewers,
            peak_at_ms=peak_at_ms,
        )

    @property
    def is_empty(self) -> bool:
        """True when neither a sample nor a part of a cell lies inside: hourly and category tables have no such row."""
        return self.samples == 0 and self.airtime_ms == 0

    @property
    def hours_watched(self) -> Fraction:
        """viewer_ms ÷ 3,600,000."""
        return Fraction(self.viewer_ms, HOUR_MS)

    @property
    def average_viewers(self) -> Fraction | None:
        """viewer_ms ÷ known_airtime_ms; None when nothing is known."""
        return Fraction(self.viewer_ms, self.known_airtime_ms) if self.known_airtime_ms else None

    @property
    def known_share(self) -> Fraction | None:
        """known_airtime_ms ÷ airtime_ms: what hidden counts take away; None without airtime."""
        return Fraction(self.known_airtime_ms, self.airtime_ms) if self.airtime_ms else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayMeasures:
    """The measures of a day and the time that was live in it, seen or not."""

    measures: Measures
    live_ms: int
    """Length of [L₀, L₁) inside the day, or the sum of it over broadcasts."""

    def __add__(self, other: DayMeasures) -> DayMeasures:
        return DayMeasures(measures=self.measures + other.measures, live_ms=self.live_ms + other.live_ms)

    @property
    def coverage(self) -> Fraction | None:
        """airtime_ms ÷ live_ms: what holes take away; None when nothing was live."""
        return Fraction(self.measures.airtime_ms, self.live_ms) if self.live_ms else None


def larger_peak(
    one: tuple[int | None, int | None], other: tuple[int | None, int | None]
) -> tuple[int | None, int | None]:
    """Return the (viewers, instant) with more viewers, the earlier on a tie; (None, None) is less than any."""
    known = [(-viewers, at_ms) for viewers, at_ms in (one, other) if viewers is not None and at_ms is not None]
    if not known:
        return None, None
    negated, at_ms = min(known)
    return -negated, at_ms


def measure_time(sample: ViewerSample, start_ms: int, end_ms: int, period: Period) -> Measures:
    """Return the time that [start_ms, end_ms), a part of the cell of `sample`, brings to a period."""
    inside_ms = period.overlap_ms(start_ms, end_ms)
    if sample.viewers is None:
        return Measures(airtime_ms=inside_ms)
    return Measures(airtime_ms=inside_ms, known_airtime_ms=inside_ms, viewer_ms=sample.viewers * inside_ms)


def measure_sample(sample: ViewerSample) -> Measures:
    """Return what a sample brings to the period it was taken in, without time."""
    if sample.viewers is None:
        return Measures(samples=1)
    return Measures(samples=1, known_samples=1, peak_viewers=sample.viewers, peak_at_ms=sample.sampled_at_ms)


def measure_cell(cell: Cell, period: Period) -> Measures:
    """Return what a cell brings to a period: time for the part inside, a sample when its instant is inside."""
    time_inside = measure_time(cell.sample, cell.start_ms, cell.end_ms, period)
    return time_inside + measure_sample(cell.sample) if period.holds(cell.sample.sampled_at_ms) else time_inside


def measure(broadcast: ObservedBroadcast, period: Period) -> Measures:
    """Return the measures of a broadcast in a period; all zero where nothing of it lies inside."""
    return sum_measures(measure_cell(cell, period) for cell in cells(broadcast))


def measure_by_category(broadcast: ObservedBroadcast, period: Period) -> dict[int, Measures]:
    """Return the measures by category key, without empty ones; every part of a cell has its sample's own category."""
    totals: defaultdict[int, Measures] = defaultdict(Measures)
    for cell in cells(broadcast):
        totals[cell.sample.category_key] += measure_cell(cell, period)
    return {category_key: total for category_key, total in totals.items() if not total.is_empty}


def measure_day(broadcast: ObservedBroadcast, day: Period) -> DayMeasures | None:
    """Return the row of a broadcast in a day, or None where it has none.

    A row exists when the day meets [l₁, max(L₁, tₙ + 1 ms)), even with no sample in it: a day that was all hole has
    live time and coverage 0. Days before l₁ have no row, however early S is.
    """
    if not _is_told_of(broadcast, day):
        return None
    first, last = broadcast.samples[0], broadcast.samples[-1]
    live_ms = day.overlap_ms(live_from(first, broadcast.started_at_ms), live_until(last, broadcast.ended_at_ms))
    return DayMeasures(measures=measure(broadcast, day), live_ms=live_ms)


def _is_told_of(broadcast: ObservedBroadcast, day: Period) -> bool:
    last = broadcast.samples[-1]
    rows_from_ms = cells(broadcast)[0].start_ms
    rows_until_ms = max(live_until(last, broadcast.ended_at_ms), last.sampled_at_ms + 1)
    return day.meets(rows_from_ms, rows_until_ms)


def sum_measures(parts: Iterable[Measures]) -> Measures:
    """Return the sum over parts of a broadcast, or over broadcasts of a channel, category, language or platform.

    The peak is the largest of one broadcast, not of all together: for that see `concurrency.find_peak_concurrent`.
    """
    return sum(parts, Measures())


def sum_days(days: Iterable[DayMeasures | None]) -> DayMeasures | None:
    """Return the sum over those broadcasts that have a row, or None when none has.

    A channel live twice at once counts both, in airtime as in live time.
    """
    rows = [day for day in days if day is not None]
    return sum(rows, DayMeasures(measures=Measures(), live_ms=0)) if rows else None


def count_active_channels(broadcasts: Iterable[ObservedBroadcast], period: Period) -> int:
    """Return how many channels have a sample taken inside the period."""
    return len(
        {
            broadcast.channel_key
            for broadcast in broadcasts
            if any(period.holds(sample.sampled_at_ms) for sample in broadcast.samples)
        }
    )


def find_language(broadcast: ObservedBroadcast, period: Period) -> str:
    """Return the language of a broadcast in a period: of its last sample before the period's end, else of its first."""
    before_end = [sample for sample in broadcast.samples if sample.sampled_at_ms < period.end_ms]
    return (before_end or broadcast.samples)[-1 if before_end else 0].language
