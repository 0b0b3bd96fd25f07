"""What lies beyond the landed positions, without reading more than a message a partition and without committing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from airtide.bus.instants import to_datetime
from airtide.bus.link import BrokerLink, Deadline
from airtide.bus.offsets import describe
from airtide.bus.reading import CONSUMER_SETTINGS, Place, assigned, fetch
from airtide.bus.topics import snapshots_topic, sweeps_topic
from airtide.domain.batches import TopicFacts
from airtide.domain.errors import OffsetAhead
from airtide.domain.models import Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What a landing would find."""

    sweeps_waiting: bool
    snapshots_waiting: int
    """Offsets beyond the positions; markers of transactions count."""
    oldest_snapshot_at: datetime | None
    """When the oldest waiting snapshot was produced; asked only while no sweep waits, else None."""


def find_backlog(
    config: Mapping[str, str], platform: Platform, positions: Mapping[tuple[str, int], int], *, deadline_s: float
) -> Backlog:
    """Return what waits beyond `positions` (next offset by topic and partition; where none is known, from the first).

    Raises `PartUnreachable` when the broker does not answer within `deadline_s`, `OffsetAhead` when a position lies
    beyond the end of its log: nothing would ever seem to wait there.
    """
    with BrokerLink(config, deadline_s=deadline_s) as link:
        deadline = link.start_deadline()
        snapshots, sweeps = describe(link, [snapshots_topic(platform), sweeps_topic(platform)], deadline)
        waiting_sweeps = _find_waiting(link, sweeps, positions)
        waiting = _find_waiting(link, snapshots, positions)
        times = read_first_times(link, waiting, deadline) if waiting and not waiting_sweeps else {}
    return Backlog(
        sweeps_waiting=bool(waiting_sweeps),
        snapshots_waiting=sum(snapshots.end_offsets[number] - start for (_, number), start in waiting.items()),
        oldest_snapshot_at=min(times.values(), default=None),
    )


def _find_waiting(link: BrokerLink, facts: TopicFacts, positions: Mapping[Place, int]) -> dict[Place, int]:
    waiting = {}
    for number, end in facts.end_offsets.items():
        low = facts.low_offsets[number]
        position = positions.get((facts.topic, number), low)
        if position > end:
            raise OffsetAhead(
                f"{facts.topic}, partition {number}, is landed up to offset {position}, but ends at {end} on Kafka at "
                f"{link.servers}: the topic was made anew, its log cut short, or this is another cluster"
            )
        if max(position, low) < end:
            waiting[facts.topic, number] = max(position, low)
    return waiting


def read_first_times(link: BrokerLink, waiting: Mapping[Place, int], deadline: Deadline) -> dict[Place, datetime]:
    """Return when the first message of each waiting partition was produced; none for one where only markers wait."""
    unread = set(waiting)
    times = {}
    consumer = link.build_consumer(CONSUMER_SETTINGS)
    try:
        with assigned(consumer, waiting):
            while unread:
                if deadline.has_passed:
                    raise link.explain_silence(f"hand out the first waiting messages of {len(unread)} partitions")
                for message in fetch(link, consumer, len(unread), deadline):
                    place = (message.topic(), message.partition())
                    if place in unread and message.error() is None:
                        times[place] = to_datetime(message.timestamp()[1])
                    unread.discard(place)
    finally:
        consumer.close()
    return times
