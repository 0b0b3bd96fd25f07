"""The ranges of a topic partition: do what landed and what was given up lie end to end, and does Kafka agree?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from airtide.domain.audited import AuditedPosition, LedgerState, Place, Run
from airtide.domain.batches import TopicFacts
from airtide.domain.positions import kafka_id
from airtide.pipeline.verify.findings import Finding, FindingKind


def check_ranges(state: LedgerState) -> Iterator[Finding]:
    """Yield where landed ranges and losses do not tile [first planned, position) of a topic partition.

    Of an earlier life of a topic nobody knows where it began or ended: its ranges must only leave no hole.
    """
    runs: defaultdict[Place, list[Run]] = defaultdict(list)
    for place, run in _all_runs(state):
        runs[place].append(run)
    positions = {position.place: position for position in state.positions}
    for place in sorted({*runs, *positions}):
        yield from _check_tiling(place, sorted(runs[place]), positions.get(place))


def _all_runs(state: LedgerState) -> Iterator[tuple[Place, Run]]:
    for batch in state.batches:
        yield from batch.runs
    for place, run in state.losses:
        if run.start_offset < run.end_offset:
            yield place, run


def _check_tiling(place: Place, runs: Sequence[Run], position: AuditedPosition | None) -> Iterator[Finding]:
    reached = position.first_offset if position else runs[0].start_offset
    for run in runs:
        if run.start_offset > reached:
            yield _gap(place, Run(reached, run.start_offset))
        elif run.start_offset < reached:
            twice = Run(run.start_offset, min(reached, run.end_offset))
            yield Finding(
                kind=FindingKind.OVERLAP,
                text="two batches or losses hold them",
                count=twice.end_offset - twice.start_offset,
                place=place,
                run=twice,
            )
        reached = max(reached, run.end_offset)
    if position and reached < position.next_offset:
        yield _gap(place, Run(reached, position.next_offset))
    elif position and reached > position.next_offset:
        yield Finding(
            kind=FindingKind.POSITION,
            text=f"landed up to {reached}, but the position is {position.next_offset}",
            count=reached - position.next_offset,
            place=place,
        )


def _gap(place: Place, run: Run) -> Finding:
    return Finding(
        kind=FindingKind.GAP,
        text="the position has passed them, and neither a landed batch nor an accepted loss holds them",
        count=run.end_offset - run.start_offset,
        place=place,
        run=run,
    )


def check_log(positions: Sequence[AuditedPosition], topics: Mapping[str, TopicFacts]) -> Iterator[Finding]:
    """Yield where Kafka's log does not fit the positions; what waits behind a position is no fault."""
    for position in positions:
        place, following = position.place, position.next_offset
        facts = topics.get(place.topic)
        if facts is None or place.topic_partition not in facts.end_offsets:
            yield Finding(kind=FindingKind.TOPIC_REPLACED, text="Kafka has no such topic partition", place=place)
        elif kafka_id(place.topic_id) != facts.topic_id:
            text = f"its id is {facts.topic_id}, positions belong to {place.topic_id}"
            yield Finding(kind=FindingKind.TOPIC_REPLACED, text=text, place=place)
        elif following > (end_offset := facts.end_offsets[place.topic_partition]):
            text = f"landing has reached offset {following}, but the log ends at {end_offset}"
            yield Finding(kind=FindingKind.BEYOND_END, text=text, count=following - end_offset, place=place)
        elif following < (low_offset := facts.low_offsets[place.topic_partition]):
            yield Finding(
                kind=FindingKind.DROPPED,
                text="Kafka no longer holds what was to be landed next",
                count=low_offset - following,
                place=place,
                run=Run(following, low_offset),
            )
