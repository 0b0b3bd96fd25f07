"""The messages of landed ranges: is each of them one row of one object, a dead letter, or counted as expired?"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from typing import NamedTuple

from airtide.domain.audited import AuditedBatch, LedgerState, Place, Run
from airtide.domain.batches import SNAPSHOTS, kind_of_topic
from airtide.pipeline.verify.findings import Finding, FindingKind

DEAD_LETTER = "a dead letter"


class Piece(NamedTuple):
    """Messages of which one source tells."""

    start_offset: int
    end_offset: int
    source: str
    """The key of an object, DEAD_LETTER, or the batch that landed them."""


@dataclass(slots=True)
class _Tally:
    """What was found of the messages of one batch."""

    snapshots: int = 0
    dead_letters: int = 0
    absent: list[tuple[Place, Run]] = field(default_factory=list)

    def take(self, place: Place, landed: Piece, pieces: Iterable[Piece]) -> None:
        """Count what sorted pieces hold of one of the batch's ranges, and note what none does."""
        reached = landed.start_offset
        for piece in pieces:
            start_offset, end_offset = max(piece.start_offset, reached), min(piece.end_offset, landed.end_offset)
            if start_offset > reached:
                self.absent.append((place, Run(reached, start_offset)))
            count = max(end_offset - start_offset, 0)
            if piece.source == DEAD_LETTER:
                self.dead_letters += count
            elif kind_of_topic(place.topic) == SNAPSHOTS:
                self.snapshots += count
            reached = max(reached, end_offset)
        if reached < landed.end_offset:
            self.absent.append((place, Run(reached, landed.end_offset)))


class _Index:
    """Pieces of one place, sorted, of which those that meet a run are found without a look at the others."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self.pieces = sorted(pieces)
        self._starts = [piece.start_offset for piece in self.pieces]
        self._reached = list(accumulate((piece.end_offset for piece in self.pieces), max))

    def find(self, start_offset: int, end_offset: int) -> Sequence[Piece]:
        """Return the pieces that may meet [start_offset, end_offset)."""
        return self.pieces[bisect_right(self._reached, start_offset) : bisect_left(self._starts, end_offset)]


class Messages:
    """Collects where messages stand, object by object, and then holds them against the landed ranges.

    What it keeps is runs of offsets, not offsets: a few for each object.
    """

    def __init__(
        self, state: LedgerState, audited_from: datetime, count_delivered: Callable[[Place, Run], int]
    ) -> None:
        """Hold messages against the batches of `state`.

        `count_delivered` tells how many messages readers get of a run: Kafka's own records take up offsets, too.
        """
        self._batches = state.batches
        self._count_delivered = count_delivered
        self._audited_from = audited_from
        self._pieces: defaultdict[Place, list[Piece]] = defaultdict(list)
        self.absent: Counter[Place] = Counter()
        """Messages of a place that are neither row nor dead letter, and no finding."""
        for place, offsets in state.dead_letters.items():
            self._pieces[place] += [Piece(offset, offset + 1, DEAD_LETTER) for offset in offsets]

    def add(self, object_key: str, runs: Iterable[tuple[Place, Run]]) -> None:
        """Take the rows of an object."""
        for place, run in runs:
            self._pieces[place].append(Piece(*run, object_key))

    def check(self) -> Iterator[Finding]:
        """Yield what stands twice, what stands somewhere without having landed, and what stands nowhere."""
        ranges: defaultdict[Place, list[Piece]] = defaultdict(list)
        tallies: dict[str, _Tally] = {}
        for batch in self._batches:
            tallies[name_batch(batch)] = _Tally()
            for place, run in batch.runs:
                ranges[place].append(Piece(*run, name_batch(batch)))
        for place in sorted({*ranges, *self._pieces}):
            found, landed = _Index(self._pieces[place]), _Index(ranges[place])
            yield from _find_doubles(place, found.pieces)
            yield from _find_foreign(place, found.pieces, landed)
            for part in landed.pieces:
                tallies[part.source].take(place, part, found.find(part.start_offset, part.end_offset))
        for batch in self._batches:
            yield from self._check_batch(batch, tallies[name_batch(batch)])

    def _check_batch(self, batch: AuditedBatch, tally: _Tally) -> Iterator[Finding]:
        is_audited = self._can_be_counted(batch)
        absent = sum(run.end_offset - run.start_offset for _, run in tally.absent)
        if is_audited and absent > batch.expired:
            delivered = [(place, run, self._count_delivered(place, run)) for place, run in tally.absent]
            absent = sum(count for _, _, count in delivered)
            if absent > batch.expired:
                yield from _find_missing(batch, delivered, absent)
        else:
            for place, run in tally.absent:
                self.absent[place] += run.end_offset - run.start_offset
        if is_audited:
            yield from _compare_counts(batch, "snapshots", batch.snapshots, tally.snapshots)
            yield from _compare_counts(batch, "dead letters", batch.dead_letters, tally.dead_letters)
        if is_audited and absent < batch.expired:
            yield from _compare_counts(batch, "expired messages", batch.expired, absent)

    def _can_be_counted(self, batch: AuditedBatch) -> bool:
        """Tell whether all that the batch landed is looked at: neither its objects nor its dead letters are too old."""
        oldest = min(batch.planned_at, batch.min_sampled_at or batch.planned_at)
        return oldest >= self._audited_from


def name_batch(batch: AuditedBatch) -> str:
    """Return what findings call a batch."""
    return f"batch {batch.batch_id}"


def _find_missing(batch: AuditedBatch, delivered: Sequence[tuple[Place, Run, int]], absent: int) -> Iterator[Finding]:
    text = f"{name_batch(batch)} landed them, but they are no row of a listed object and no dead letter"
    if batch.expired:
        text += f"; only {batch.expired} of its {absent} such messages are told to have expired"
    for place, run, count in delivered:
        if count:
            yield Finding(kind=FindingKind.MISSING, text=text, count=count, place=place, run=run)


def _compare_counts(batch: AuditedBatch, what: str, said: int, found: int) -> Iterator[Finding]:
    if said != found:
        text = f"{name_batch(batch)} counts {said} {what}, but there are {found}"
        yield Finding(kind=FindingKind.COUNTS, text=text, count=abs(said - found))


def _find_doubles(place: Place, pieces: Sequence[Piece]) -> Iterator[Finding]:
    reached, source = 0, ""
    for piece in pieces:
        if piece.start_offset < reached:
            twice = Run(piece.start_offset, min(reached, piece.end_offset))
            sources = f"{source} twice" if piece.source == source else f"{source} and in {piece.source}"
            yield Finding(
                kind=FindingKind.DOUBLE,
                text=f"they stand in {sources}",
                count=twice.end_offset - twice.start_offset,
                place=place,
                run=twice,
            )
        if piece.end_offset > reached:
            reached, source = piece.end_offset, piece.source


def _find_foreign(place: Place, pieces: Sequence[Piece], landed: _Index) -> Iterator[Finding]:
    for piece in pieces:
        holes = _Tally()
        holes.take(place, piece, landed.find(piece.start_offset, piece.end_offset))
        for _, run in holes.absent:
            yield Finding(
                kind=FindingKind.FOREIGN,
                text=f"they stand in {piece.source}, but no landed batch holds them",
                count=run.end_offset - run.start_offset,
                place=place,
                run=run,
            )
