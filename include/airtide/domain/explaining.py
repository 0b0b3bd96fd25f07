"""Why a broadcast's day has the numbers it has: each of its samples, and the time in the day that it stands for.

The samples of a day, of an hour before it and of one after it are enough. What lies farther away reaches into no cell
of the day, so that a day is explained without reading a broadcast that has been live for weeks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from airtide.domain.cells import Cell, ObservedBroadcast, ViewerSample, cells, live_from, live_until
from airtide.domain.periods import HOUR_MS, Period
from airtide.domain.viewership import DayMeasures, measure_cell, sum_measures


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledStretch:
    """What is known of one broadcast around a day: the samples near it, and the bounds of the whole."""

    samples: tuple[ViewerSample, ...]
    """Those taken in the day, in the hour before it and in the one after it, ascending; may be none."""
    first_sampled_at_ms: int
    """Of the whole broadcast, like `last_sampled_at_ms`."""
    last_sampled_at_ms: int
    started_at_ms: int | None = None
    """S: the earliest start told."""
    ended_at_ms: int | None = None
    """E: the latest end told by the site."""


@dataclass(frozen=True, slots=True)
class WeighedSample:
    """A sample and what it brings to a day."""

    cell: Cell
    weight_ms: int
    """Length of the cell inside the day."""
    is_inside: bool
    """The sample was taken in the day; another one only reaches into it."""

    @property
    def viewer_ms(self) -> int:
        """Viewers times weight; 0 where the count is hidden, as the sums have it."""
        return (self.cell.sample.viewers or 0) * self.weight_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedDay:
    """One broadcast's day: every sample that brings anything to it, and what all of them add up to."""

    samples: tuple[WeighedSample, ...]
    totals: DayMeasures


def near(day: Period) -> Period:
    """Return the stretch whose samples explain a day."""
    return Period(day.start_ms - HOUR_MS, day.end_ms + HOUR_MS)


def explain_day(stretch: SampledStretch, day: Period) -> ExplainedDay | None:
    """Weigh every sample of a broadcast that was taken in a day or reaches into it, by the cells of the reference.

    None where the broadcast has no row in the day, as `viewership.measure_day`.
    """
    found = _find_cells(stretch)
    is_first, is_last = _holds_ends(stretch)
    rows_from_ms = found[0].start_ms if is_first else stretch.first_sampled_at_ms
    live_from_ms = live_from(found[0].sample, stretch.started_at_ms) if is_first else stretch.first_sampled_at_ms
    live_until_ms = live_until(found[-1].sample, stretch.ended_at_ms) if is_last else stretch.last_sampled_at_ms
    # beyond the samples at hand only the site's word can reach the day
    live_from_ms = min(live_from_ms, _or(stretch.started_at_ms, live_from_ms))
    live_until_ms = max(live_until_ms, _or(stretch.ended_at_ms, live_until_ms))
    if not day.meets(rows_from_ms, max(live_until_ms, stretch.last_sampled_at_ms + 1)):
        return None
    weighed = tuple(_weigh(found, day))
    measures = sum_measures(measure_cell(one.cell, day) for one in weighed)
    live_ms = day.overlap_ms(live_from_ms, live_until_ms)
    return ExplainedDay(samples=weighed, totals=DayMeasures(measures=measures, live_ms=live_ms))


def find_differences(kept: DayMeasures | None, computed: DayMeasures | None) -> list[str]:
    """Return a sentence for every number of a kept row that differs from what samples add up to; none when equal."""
    if kept is None or computed is None:
        if kept is computed:
            return []
        return ["a row is kept, and nothing was sampled for it" if kept else "no row is kept, though it was sampled"]
    pairs = zip(_list_numbers(kept), _list_numbers(computed), strict=True)
    return [
        f"{name}: {_tell(held)} is kept, {_tell(summed)} follows from the samples"
        for (name, held), (_, summed) in pairs
        if held != summed
    ]


def _list_numbers(row: DayMeasures) -> list[tuple[str, int | None]]:
    numbers = asdict(row.measures) | {"live_ms": row.live_ms}
    return list(numbers.items())


def _tell(number: int | None) -> str:
    return "none" if number is None else f"{number:,}"


def _weigh(found: Sequence[Cell], day: Period) -> Iterator[WeighedSample]:
    for cell in found:
        weighed = WeighedSample(cell, day.overlap_ms(cell.start_ms, cell.end_ms), day.holds(cell.sample.sampled_at_ms))
        if weighed.weight_ms or weighed.is_inside:
            yield weighed


def _holds_ends(stretch: SampledStretch) -> tuple[bool, bool]:
    """Tell whether the first and the last sample of the whole broadcast are among those at hand."""
    if not stretch.samples:
        return False, False
    return (
        stretch.samples[0].sampled_at_ms == stretch.first_sampled_at_ms,
        stretch.samples[-1].sampled_at_ms == stretch.last_sampled_at_ms,
    )


def _find_cells(stretch: SampledStretch) -> tuple[Cell, ...]:
    """Return the cells of the samples at hand, right wherever they lie in the day.

    The sample before those at hand is farther than an hour from the first that lies in the day, or this one's cell
    begins before the day anyway: it may begin with its sample, as after a hole. The last one holds for its cadence.
    """
    if not stretch.samples:
        return ()
    is_first, is_last = _holds_ends(stretch)
    first, last = stretch.samples[0], stretch.samples[-1]
    return cells(
        ObservedBroadcast(
            broadcast_key=0,
            channel_key=0,
            samples=stretch.samples,
            started_at_ms=stretch.started_at_ms if is_first else first.sampled_at_ms,
            ended_at_ms=stretch.ended_at_ms if is_last else last.sampled_at_ms + last.cadence_ms,
        )
    )


def _or(instant_ms: int | None, otherwise_ms: int) -> int:
    return otherwise_ms if instant_ms is None else instant_ms
