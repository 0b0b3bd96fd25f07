"""What the ledger in memory makes of silence and of odd counts, by the plainest code that keeps the rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from airtide.domain.batches import OffsetRange
from airtide.domain.ends import InferredEnd, Miss, infer_end
from airtide.domain.landed import LandedRows
from airtide.domain.models import Outcome, Scope, Sweep

Count = tuple[int, int | None]
"""(tick in epoch milliseconds, viewers)."""


class CountHistory:
    """The counts of every broadcast in the order of landing, and what is odd about them."""

    def __init__(self) -> None:
        self._counts: dict[int, list[Count]] = {}
        self.flags: set[tuple[int, int, str]] = set()
        """(broadcast key, sampled_at in epoch milliseconds, flag)"""

    def last_viewers(self, key: int) -> int | None:
        return self._counts[key][-1][1] if key in self._counts else None

    def add(self, rows: LandedRows) -> None:
        told: dict[int, list[Count]] = defaultdict(list)
        for tick, key, viewers in zip(
            rows.samples.sampled_at_ms, rows.samples.broadcast_key, rows.samples.viewers, strict=True
        ):
            told[key].append((tick, viewers))
        for key, counts in told.items():
            known = self._counts.get(key, [])
            if known and counts[0][0] <= known[-1][0]:
                # out of order: no mark is made, and what follows goes on from this batch alone
                if counts[-1][0] > known[-1][0]:
                    self._counts[key] = cut_into_runs(counts)[-1]
                continue
            self._counts[key] = known + counts
            self.flags |= {(key, tick, flag) for tick, flag in find_odd(self._counts[key], counts[0][0])}
            starts = {run[0][0] for run in cut_into_runs(self._counts[key])}
            self.flags |= {
                (key, row.sampled_at_ms, row.flag)
                for row in rows.flags
                if row.broadcast_key == key
                and row.flag not in ("stuck", "glitch_to_one")
                and row.sampled_at_ms in starts
            }


def cut_into_runs(counts: list[Count]) -> list[list[Count]]:
    """Return stretches of one known count; a hidden count is a stretch of its own."""
    runs: list[list[Count]] = []
    for count in counts:
        if runs and count[1] is not None and count[1] == runs[-1][-1][1]:
            runs[-1].append(count)
        else:
            runs.append([count])
    return runs


def find_odd(counts: list[Count], from_tick: int) -> Iterable[tuple[int, str]]:
    """Yield (tick, flag) of the runs that look wrong and reach `from_tick`."""
    before: int | None = None
    for run in cut_into_runs(counts):
        (since, viewers), (until, _) = run[0], run[-1]
        if (
            until >= from_tick
            and viewers is not None
            and viewers >= 20
            and len(run) >= 6
            and until - since >= 3_600_000
        ):
            yield since, "stuck"
        if since >= from_tick and viewers == 1 and before is not None and before >= 20:
            yield since, "glitch_to_one"
        before = viewers


def find_settled(
    sweeps: Iterable[Sweep], positions: Mapping[tuple[str, int], tuple[str, int, int]], topic: str
) -> list[Sweep]:
    """Return the sweeps whose messages have all landed."""
    reached = {number: following for (name, number), (_, _, following) in positions.items() if name == topic}
    return [
        sweep for sweep in sweeps if all(reached.get(number, -1) >= end for number, end in sweep.end_offsets.items())
    ]


def find_end(
    broadcast_id: str,
    last_sampled_ms: int,
    last_viewers: int | None,
    settled: Iterable[Sweep],
    lost: Iterable[OffsetRange],
    *,
    max_silence_ms: int,
) -> InferredEnd | None:
    """Return the end that the settled sweeps imply."""
    settled, lost = list(settled), list(lost)
    if not settled:
        return None
    misses = [
        Miss(round(sweep.sampled_at.timestamp() * 1000), sweep.viewer_floor or 0)
        for sweep in settled
        if _speaks_of(sweep, broadcast_id, lost)
    ]
    latest_ms = max(round(sweep.sampled_at.timestamp() * 1000) for sweep in settled)
    return infer_end(last_sampled_ms, last_viewers, misses, latest_ms=latest_ms, max_silence_ms=max_silence_ms)


def _speaks_of(sweep: Sweep, broadcast_id: str, lost: list[OffsetRange]) -> bool:
    if sweep.scope is Scope.BY_ID:
        return broadcast_id in sweep.absent
    if sweep.outcome is not Outcome.COMPLETE or sweep.is_filtered or sweep.rejects:
        return False
    return not any(
        part.start_offset < sweep.end_offsets.get(part.topic_partition, 0)
        and part.end_offset > sweep.end_offsets.get(part.topic_partition, 0) - sweep.snapshots
        for part in lost
    )
