"""What a batch tells of counts that stand still or look wrong: its runs of equal counts, broadcast by broadcast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from airtide.domain.batches import SnapshotColumns
from airtide.domain.flags import Flag, Run
from airtide.domain.landed import FlagRow
from airtide.pipeline.attributes import SnapshotKeys


@dataclass(frozen=True, slots=True)
class FoundRuns:
    """The first and the last run of every broadcast in a batch, and the odd samples in it.

    What the first run goes on from is known in the warehouse only; flags of its first sample say so.
    """

    first: Mapping[int, Run] = field(default_factory=dict)
    last: Mapping[int, Run] = field(default_factory=dict)
    flags: Sequence[FlagRow] = ()


def find_runs(snapshots: SnapshotColumns, keys: SnapshotKeys, order: Sequence[int]) -> FoundRuns:
    """Return the runs of the samples in `order`, which is ascending in time."""
    first: dict[int, Run] = {}
    last: dict[int, Run] = {}
    flags: list[FlagRow] = []
    broadcast, counts, ticks, told = keys.broadcast, snapshots.viewers, snapshots.sampled_at_ms, snapshots.flags
    for i in order:
        key, viewers, tick_ms = broadcast[i], counts[i], ticks[i]
        run = last.get(key)
        if run is not None and viewers is not None and viewers == run.viewers:
            last[key] = Run(viewers, run.since_ms, tick_ms, run.samples + 1)
            continue
        opened = Run(viewers, tick_ms, tick_ms, 1)
        last[key] = opened
        if told[i]:
            flags += [FlagRow(key, tick_ms, flag, is_first=run is None) for flag in told[i]]
        if run is None:
            continue
        first.setdefault(key, run)
        if run.falls_to(opened):
            flags.append(FlagRow(key, tick_ms, Flag.GLITCH_TO_ONE, is_first=False))
        if run is not first[key] and run.is_stuck():
            flags.append(FlagRow(key, run.since_ms, Flag.STUCK, is_first=False))
    flags += [FlagRow(key, last[key].since_ms, Flag.STUCK, is_first=False) for key in first if last[key].is_stuck()]
    return FoundRuns({**last, **first}, last, flags)
