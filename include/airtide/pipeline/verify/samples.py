"""The samples of an hour: are they the first row per key of the objects, and has each its detail?

Nothing here goes row by row: an hour may hold hundreds of thousands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from airtide.domain.audited import NONE, AuditedBatch, Integers, KeptSamples, ObjectRows, Place, SnapshotRows
from airtide.pipeline.verify.findings import Finding, FindingKind

_NEVER_LANDED = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldSamples:
    """Samples as rows of objects tell them; `batch` is the one that landed the row."""

    sampled_at_ms: Integers
    broadcast_key: Integers
    viewers: Integers
    cadence_s: Integers
    record_offset: Integers
    batch: Integers

    def take(self, which: np.ndarray[tuple[int], np.dtype[np.bool_]] | Integers) -> ToldSamples:
        """Return some of the rows."""
        return ToldSamples(
            sampled_at_ms=self.sampled_at_ms[which],
            broadcast_key=self.broadcast_key[which],
            viewers=self.viewers[which],
            cadence_s=self.cadence_s[which],
            record_offset=self.record_offset[which],
            batch=self.batch[which],
        )

    def within(self, from_ms: int, to_ms: int) -> ToldSamples:
        """Return the rows of [from_ms, to_ms)."""
        return self.take((self.sampled_at_ms >= from_ms) & (self.sampled_at_ms < to_ms))

    def find_hours(self) -> list[datetime]:
        """Return the hours of the rows."""
        return [
            datetime.fromtimestamp(hour * 3600, UTC) for hour in np.unique(self.sampled_at_ms // 3_600_000).tolist()
        ]


class LandingOrder:
    """Tells which batch landed a message."""

    def __init__(self, batches: Sequence[AuditedBatch]) -> None:
        runs: dict[Place, list[tuple[int, int]]] = {}
        for batch in batches:
            for place, run in batch.runs:
                runs.setdefault(place, []).append((run.start_offset, batch.batch_id))
        self._runs: Mapping[Place, Integers] = {
            place: np.array(sorted(found), dtype=np.int64).T for place, found in runs.items()
        }

    def tell(self, held: ObjectRows, rows: SnapshotRows) -> ToldSamples:
        """Return the rows with their batches; what no batch landed comes last."""
        batch = np.full(len(rows.record_offset), _NEVER_LANDED, dtype=np.int64)
        for number, place in enumerate(held.places):
            if place in self._runs:
                starts, batch_ids = self._runs[place]
                mine = np.flatnonzero(rows.place == number)
                index = np.searchsorted(starts, rows.record_offset[mine], side="right") - 1
                batch[mine[index >= 0]] = batch_ids[index[index >= 0]]
        return ToldSamples(
            sampled_at_ms=rows.sampled_at_ms,
            broadcast_key=rows.broadcast_key,
            viewers=rows.viewers,
            cadence_s=rows.cadence_s,
            record_offset=rows.record_offset,
            batch=batch,
        )


def join_samples(parts: Sequence[ToldSamples]) -> ToldSamples:
    """Return the rows of all parts."""
    nothing = np.empty(0, dtype=np.int64)

    def join(name: str) -> Integers:
        return np.concatenate([nothing, *(getattr(part, name) for part in parts)])

    return ToldSamples(**{name: join(name) for name in ToldSamples.__dataclass_fields__})


def find_first(told: ToldSamples) -> ToldSamples:
    """Return one row per (sampled_at, broadcast): of the first landed batch, of that the one of lowest offset."""
    order = np.lexsort((told.record_offset, told.batch, told.broadcast_key, told.sampled_at_ms))
    ordered = told.take(order)
    is_first = np.ones(len(order), dtype=np.bool_)
    is_first[1:] = (np.diff(ordered.sampled_at_ms) != 0) | (np.diff(ordered.broadcast_key) != 0)
    return ordered.take(is_first)


def check_samples(
    told: ToldSamples, kept: KeptSamples, findings_shown: int
) -> Iterator[tuple[FindingKind, int, list[Finding]]]:
    """Yield, of each kind, how many samples are not as the objects tell them, and the first of these."""
    first = find_first(told)
    told_at, kept_at = _match(first, kept)
    is_told, is_kept = np.zeros(len(first.batch), np.bool_), np.zeros(len(kept.viewers), np.bool_)
    is_told[told_at], is_kept[kept_at] = True, True
    differs = (first.viewers[told_at] != kept.viewers[kept_at]) | (first.cadence_s[told_at] != kept.cadence_s[kept_at])
    has_detail = kept.detail_of != NONE
    for kind, rows, at, text in (
        (FindingKind.SAMPLE_MISSING, first, ~is_told, "a listed object holds it, but live.sample does not"),
        (FindingKind.SAMPLE_FOREIGN, kept, ~is_kept, "live.sample holds it, but no listed object does"),
        (FindingKind.SAMPLE_DIFFERS, first, told_at[differs], "viewers or cadence are not those of its first message"),
        (FindingKind.DETAIL_MISSING, kept, ~has_detail, "live.broadcast_detail has no row for it"),
        (
            FindingKind.DETAIL_FOREIGN,
            kept,
            has_detail & (kept.detail_of != kept.broadcast_key),
            "its attributes are those of another broadcast",
        ),
    ):
        ticks, keys = rows.sampled_at_ms[at], rows.broadcast_key[at]
        yield (
            kind,
            len(ticks),
            [
                Finding(kind=kind, text=text, sampled_at_ms=int(tick), broadcast_key=int(key))
                for tick, key in zip(ticks[:findings_shown], keys[:findings_shown], strict=True)
            ],
        )


def _match(first: ToldSamples, kept: KeptSamples) -> tuple[Integers, Integers]:
    """Return the indexes, in both, of the samples that stand in both; each is unique in itself."""
    ticks = np.concatenate([first.sampled_at_ms, kept.sampled_at_ms])
    keys = np.concatenate([first.broadcast_key, kept.broadcast_key])
    # a stable sort: of two that are equal the one that was told comes before the one that was kept
    order = np.lexsort((keys, ticks))
    pairs = np.flatnonzero((np.diff(ticks[order]) == 0) & (np.diff(keys[order]) == 0))
    return order[pairs], order[pairs + 1] - len(first.sampled_at_ms)
