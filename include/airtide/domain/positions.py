"""How far a platform is landed, held against what Kafka still has: what comes next, and what is gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from airtide.domain.batches import OffsetRange, TopicFacts
from airtide.domain.errors import MessagesLost, MisconfiguredError, OffsetAhead, TopicReplaced
from airtide.domain.models import Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """The next offset to land of one topic partition, and the topic that it was counted in."""

    topic: str
    topic_partition: int
    topic_id: str
    next_offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What is gone of one topic partition, and where landing goes on."""

    gone: OffsetRange
    """Empty, at the position, when the topic was made anew: nobody can tell how long the old one was."""
    topic_id: str
    """The topic that the gone offsets were counted in."""
    reason: str
    restart: Position


def check_position(position: Position, topic: TopicFacts, platform: Platform) -> None:
    """Raise `TopicReplaced`, `MessagesLost` or `OffsetAhead` when landing cannot simply go on from the position."""
    where = f"{position.topic}, partition {position.topic_partition}"
    accept = f"To give up what is gone and go on, run `airtide accept-loss {platform}`"
    if position.topic_id != topic.topic_id:
        raise TopicReplaced(
            f"{where}: the topic was made anew (its id is {topic.topic_id}, not {position.topic_id}), so that offset "
            f"{position.next_offset} means another message. {accept}; or connection airtide_kafka names a wrong cluster"
        )
    low_offset = _low_of(position, topic)
    if low_offset > position.next_offset:
        raise MessagesLost(
            f"{where}: Kafka no longer holds {low_offset - position.next_offset} messages that were to be landed next, "
            f"offsets {position.next_offset} to {low_offset - 1}. {accept}"
        )
    end_offset = topic.end_offsets[position.topic_partition]
    if end_offset < position.next_offset:
        raise OffsetAhead(
            f"{where}: landing has reached offset {position.next_offset}, but the topic ends at {end_offset}: its log "
            "was cut short, or connection airtide_kafka names a wrong cluster"
        )


def find_loss(position: Position, topic: TopicFacts) -> Loss | None:
    """Return what of the topic partition can never be landed any more, None when all of it can."""
    low_offset = _low_of(position, topic)
    if position.topic_id != topic.topic_id:
        end_offset, reason = position.next_offset, "the topic was made anew"
    elif low_offset > position.next_offset:
        end_offset, reason = low_offset, "Kafka dropped them before they were landed"
    else:
        return None
    return Loss(
        gone=OffsetRange(
            topic=position.topic,
            topic_partition=position.topic_partition,
            start_offset=position.next_offset,
            end_offset=end_offset,
        ),
        topic_id=position.topic_id,
        reason=reason,
        restart=Position(
            topic=position.topic,
            topic_partition=position.topic_partition,
            topic_id=topic.topic_id,
            next_offset=low_offset,
        ),
    )


def cap_ranges(positions: Sequence[Position], topic: TopicFacts, max_messages: int) -> list[OffsetRange]:
    """Return one range for each position in the topic, together about `max_messages` at most; empty ones at the end.

    What is too much is taken from all partitions in the same proportion, so that they stay abreast in time; at most one
    message a partition is taken beyond.
    """
    waiting = [topic.end_offsets[position.topic_partition] - position.next_offset for position in positions]
    total = sum(waiting)
    if total > max_messages:
        waiting = [-(-messages * max_messages // total) for messages in waiting]
    return [
        OffsetRange(
            topic=position.topic,
            topic_partition=position.topic_partition,
            start_offset=position.next_offset,
            end_offset=position.next_offset + messages,
        )
        for position, messages in zip(positions, waiting, strict=True)
    ]


def _low_of(position: Position, topic: TopicFacts) -> int:
    low_offset = topic.low_offsets.get(position.topic_partition)
    if low_offset is None:
        raise MisconfiguredError(
            f"{position.topic} has lost partition {position.topic_partition}: a topic keeps its number of partitions; "
            "make it again with as many as before"
        )
    return low_offset
