"""The exact truth about a day's broadcasts: what every sampled estimate of them is held against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from airtide.simulators.world.audience import STEP_LEAD_S, STEP_S, Audience
from airtide.simulators.world.randomness import Integers
from airtide.simulators.world.schedule import Broadcast

_STEP_MS = STEP_S * 1000


class Truth(NamedTuple):
    """One broadcast in a period. Times are epoch milliseconds, `viewer_ms` is viewers times milliseconds."""

    broadcast: Broadcast
    live_ms: int
    known_ms: int
    """Time live with a count that the site told."""
    viewer_ms: int
    """Viewers summed over the known time."""
    peak_viewers: int | None
    """Largest known count, None where none was told."""
    peak_at_ms: int | None
    """The first instant of the period at which it was reached."""


def measure_audience(audience: Audience, from_ms: int, to_ms: int, since_ms: Mapping[str, int]) -> list[Truth]:
    """Sum the counts of every broadcast that is live somewhere in [from_ms, to_ms).

    Args:
        audience: one day's counts.
        from_ms: begin of the period.
        to_ms: end of the period.
        since_ms: by broadcast id, a later begin for single broadcasts (such as the moment they were found).
    """
    late = [since_ms.get(broadcast.broadcast_id, from_ms) for broadcast in audience.schedule.broadcasts]
    begin_ms = np.maximum(np.maximum(np.array(late, dtype=np.int64), from_ms), audience.started_s * 1000)
    end_ms = np.minimum(audience.ended_s * 1000, to_ms)
    live = np.flatnonzero(begin_ms < end_ms)
    if not len(live):
        return []

    starts = audience.offset[:-1]
    row = np.repeat(np.arange(len(starts)), np.diff(audience.offset))
    step_ms = (np.arange(len(row)) - starts[row] + audience.first_step[row]) * _STEP_MS - STEP_LEAD_S * 1000
    weight_ms = np.minimum(step_ms + _STEP_MS, end_ms[row]) - np.maximum(step_ms, begin_ms[row])
    weight_ms = np.where(audience.known, np.maximum(weight_ms, 0), 0)
    known_ms = np.add.reduceat(weight_ms, starts)
    viewer_ms = np.add.reduceat(weight_ms * audience.viewers, starts)
    # no count is below 0, so that -1 stands for "not told in the period"
    told = np.where(weight_ms > 0, audience.viewers, -1)
    peak = np.maximum.reduceat(told, starts)
    peak_at_ms = np.maximum(step_ms[_find_first(told, peak, starts, row)], begin_ms)
    return [
        Truth(
            broadcast=audience.schedule.broadcasts[place],
            live_ms=int(end_ms[place] - begin_ms[place]),
            known_ms=int(known_ms[place]),
            viewer_ms=int(viewer_ms[place]),
            peak_viewers=int(peak[place]) if peak[place] >= 0 else None,
            peak_at_ms=int(peak_at_ms[place]) if peak[place] >= 0 else None,
        )
        for place in live.tolist()
    ]


def _find_first(values: Integers, wanted: Integers, starts: Integers, row: Integers) -> Integers:
    """Find in each row of end-to-end values the place of the first one that equals the row's wanted value."""
    places = np.where(values == wanted[row], np.arange(len(values)), len(values))
    first: Integers = np.minimum.reduceat(places, starts)
    return first
