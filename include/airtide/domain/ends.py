"""When a broadcast is over although the site has not said so: shown, withdrawn by a later sample, never counted.

The rule looks at what has landed and at nothing else, so that the order of landing does not matter. Times are epoch
milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

MAX_SILENCE = timedelta(hours=1)
"""The widest gap that is ever bridged: whoever is silent for longer would not be counted in between."""

MISSES_TO_END = 2
"""One sweep may overlook a broadcast: a page moves while it is read, a cache is a minute old."""

FLOOR_MARGIN = 2
"""A listing that was left at a floor speaks of a broadcast only when this many times the floor was its last count."""


class EndedBy(StrEnum):
    """Who says that a broadcast is over."""

    SITE = "site"
    ABSENCE = "absence"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Miss:
    """A sweep after a broadcast's last sample that should have met it and did not."""

    tick_ms: int
    viewer_floor: int = 0
    """Where its listing was left; 0 when it was read whole, or asked by id."""


@dataclass(frozen=True, slots=True)
class InferredEnd:
    """An end that no site told."""

    ended_at_ms: int
    ended_by: EndedBy


def infer_end(
    last_sampled_ms: int, last_viewers: int | None, misses: Iterable[Miss], *, latest_ms: int, max_silence_ms: int
) -> InferredEnd | None:
    """Return the end of a broadcast without one told; None while it is live or unseen.

    It is absent from the first tick that misses it once a second one does, both within the longest silence; else it
    is silent since its last sample once `latest_ms`, the latest tick that has landed, lies farther away than that.
    """
    until_ms = last_sampled_ms + max_silence_ms
    ticks = sorted(
        {
            miss.tick_ms
            for miss in misses
            if last_sampled_ms < miss.tick_ms <= until_ms and _would_be_listed(last_viewers, miss.viewer_floor)
        }
    )
    if len(ticks) >= MISSES_TO_END:
        return InferredEnd(ticks[0], EndedBy.ABSENCE)
    if latest_ms > until_ms:
        return InferredEnd(last_sampled_ms, EndedBy.SILENCE)
    return None


def _would_be_listed(last_viewers: int | None, viewer_floor: int) -> bool:
    return viewer_floor == 0 or (last_viewers is not None and last_viewers >= FLOOR_MARGIN * viewer_floor)
