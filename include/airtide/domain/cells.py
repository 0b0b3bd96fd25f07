"""The time that each sample of a broadcast stands for.

Written for samples (tᵢ, vᵢ, cᵢ), i = 1…n, in time order: an instant, a viewer count or None, and the cadence
promised when the sample was taken. gᵢ = min(3·cᵢ, 60 min) is the widest distance to the next sample that is
bridged. S and E are the start and the end as the site told them. Times are epoch milliseconds UTC; instants and
cadences are whole seconds, so that every halving below is exact.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from airtide.domain.keys import NO_CATEGORY_KEY

SECOND_MS = 1_000
LONGEST_CADENCE_S = 30 * 60
LONGEST_GAP_MS = 60 * 60 * SECOND_MS
"""No distance above this is bridged, whatever the cadence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewerSample:
    """One viewer number of one broadcast; raises ValueError for what the arithmetic cannot halve or bound."""

    sampled_at_ms: int
    """The tick; whole seconds."""
    viewers: int | None
    """None when the count is hidden; 0 is a number."""
    cadence_s: int
    """What the poller promised until the next sample, 1 s to 30 min."""
    category_key: int = NO_CATEGORY_KEY
    language: str = ""
    """Empty when none was told."""

    def __post_init__(self) -> None:
        if self.sampled_at_ms % SECOND_MS:
            raise ValueError(f"a tick is a whole second, not {self.sampled_at_ms} ms")
        if not 1 <= self.cadence_s <= LONGEST_CADENCE_S:
            raise ValueError(f"a cadence is 1 s to {LONGEST_CADENCE_S} s, not {self.cadence_s} s")

    @property
    def cadence_ms(self) -> int:
        """cᵢ in milliseconds."""
        return self.cadence_s * SECOND_MS

    @property
    def max_gap_ms(self) -> int:
        """gᵢ = min(3·cᵢ, 60 min): a next sample farther away than this leaves a gap."""
        return min(3 * self.cadence_ms, LONGEST_GAP_MS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedBroadcast:
    """Everything known of one broadcast: its samples, at least one, and its bounds as the site told them."""

    broadcast_key: int
    channel_key: int
    samples: tuple[ViewerSample, ...]
    """Strictly ascending in time; see `keep_first_per_instant`."""
    started_at_ms: int | None = None
    """S: the earliest start told in any message."""
    ended_at_ms: int | None = None
    """E: the latest end told by the site in any message; an inferred end is not one."""

    def __post_init__(self) -> None:
        if not self.samples:
            raise ValueError(f"broadcast {self.broadcast_key} has no sample")
        if any(b.sampled_at_ms <= a.sampled_at_ms for a, b in pairwise(self.samples)):
            raise ValueError(f"the samples of broadcast {self.broadcast_key} do not ascend in time")


@dataclass(frozen=True, slots=True)
class Cell:
    """The stretch [start_ms, end_ms) that a sample stands for; may be empty."""

    sample: ViewerSample
    start_ms: int
    end_ms: int


def keep_first_per_instant(samples: Iterable[ViewerSample]) -> tuple[ViewerSample, ...]:
    """Return the samples in time order; of several at one instant the one given first stays."""
    by_instant: dict[int, ViewerSample] = {}
    for sample in samples:
        by_instant.setdefault(sample.sampled_at_ms, sample)
    return tuple(by_instant[instant] for instant in sorted(by_instant))


def sides_between_ms(earlier: ViewerSample, later: ViewerSample) -> tuple[int, int]:
    """Return how far `earlier` reaches after itself and `later` before itself, for neighbours in time.

    Up to gᵢ apart they meet in the middle. Farther apart lies a gap: the earlier one holds for its cadence, the later
    one reaches back by nothing, and what remains is nobody's time.
    """
    distance_ms = later.sampled_at_ms - earlier.sampled_at_ms
    if distance_ms <= earlier.max_gap_ms:
        return distance_ms // 2, distance_ms // 2
    return earlier.cadence_ms, 0


def start_of_first_cell(first: ViewerSample, started_at_ms: int | None) -> int:
    """Return l₁ = min(S, t₁) if S is known and t₁ − S ≤ g₁, else t₁ − c₁/2."""
    if started_at_ms is not None and first.sampled_at_ms - started_at_ms <= first.max_gap_ms:
        return min(started_at_ms, first.sampled_at_ms)
    return first.sampled_at_ms - first.cadence_ms // 2


def end_of_last_cell(last: ViewerSample, ended_at_ms: int | None) -> int:
    """Return rₙ = max(E, tₙ) if E is known and E − tₙ ≤ gₙ, else tₙ + cₙ/2."""
    if ended_at_ms is not None and ended_at_ms - last.sampled_at_ms <= last.max_gap_ms:
        return max(ended_at_ms, last.sampled_at_ms)
    return last.sampled_at_ms + last.cadence_ms // 2


def live_from(first: ViewerSample, started_at_ms: int | None) -> int:
    """Return L₀ = min(S, t₁), or l₁ when S is unknown; S counts however far before the first sample it lies."""
    if started_at_ms is None:
        return start_of_first_cell(first, None)
    return min(started_at_ms, first.sampled_at_ms)


def live_until(last: ViewerSample, ended_at_ms: int | None) -> int:
    """Return L₁ = max(E, tₙ), or rₙ when E is unknown; E counts however far after the last sample it lies."""
    if ended_at_ms is None:
        return end_of_last_cell(last, None)
    return max(ended_at_ms, last.sampled_at_ms)


def cells(broadcast: ObservedBroadcast) -> tuple[Cell, ...]:
    """Return one cell per sample, in time order, none overlapping another.

    rᵢ = lᵢ₊₁ = (tᵢ + tᵢ₊₁)/2 where tᵢ₊₁ − tᵢ ≤ gᵢ; else rᵢ = tᵢ + cᵢ and lᵢ₊₁ = tᵢ₊₁. S decides only where the first
    cell starts, E only where the last one ends: neither cuts a cell between samples nor drops one.
    """
    samples = broadcast.samples
    starts_ms = [start_of_first_cell(samples[0], broadcast.started_at_ms)]
    ends_ms = []
    for earlier, later in pairwise(samples):
        after_ms, before_ms = sides_between_ms(earlier, later)
        ends_ms.append(earlier.sampled_at_ms + after_ms)
        starts_ms.append(later.sampled_at_ms - before_ms)
    ends_ms.append(end_of_last_cell(samples[-1], broadcast.ended_at_ms))
    return tuple(map(Cell, samples, starts_ms, ends_ms))
