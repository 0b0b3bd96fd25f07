"""How far a platform is landed, held against what Kafka still has: what comes next, and what is gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from airtide.domain.batches import OffsetRange, TopicFacts
from airtide.domain.errors import MessagesLost, MisconfiguredError, OffsetAhead, TopicReplaced
from airtide.domain.models import Platform

_LIFE = "~"
"""No id of Kafka's holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """The next offset to land of one topic partition, and the topic that it was counted in."""

    topic: str
    topic_partition: int
    topic_id: str
    """Kafka's id of the topic; `<id>~2` once its log was cut short, for the same offsets are other messages then, and
    must have other names in lake and ledger."""
    next_offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedLosses:
    """What one accept-loss writes, or would write."""

    losses: Sequence[Loss]
    superseded: int | None
    """The planned batch that is given up with them; its other ranges are planned anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What is gone of one topic partition, and where landing goes on."""

    gone: OffsetRange
    """Empty, at the position, when the topic was made anew or cut short: nobody can tell how long the old one was."""
    topic_id: str
    """The topic that the gone offsets were counted in."""
    reason: str
    restart: Position


def check_position(position: Position, topic: TopicFacts, platform: Platform) -> None:
    """Raise `TopicReplaced`, `MessagesLost` or `OffsetAhead` when landing cannot simply go on from the position."""
    where = f"{position.topic}, partition {position.topic_partition}"
    accept = f"To give up what is gone and go on, run `airtide accept-loss {platform}`"
    if kafka_id(position.topic_id) != topic.topic_id:
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
            "was cut short, or connection airtide_kafka names a wrong cluster. Where the log was cut, "
            f"`airtide accept-loss {platform}` lands again all that it holds; what had landed before stays as it is"
        )


def find_losses(
    positions: Sequence[Position], topic: TopicFacts, planned: Sequence[OffsetRange] = ()
) -> Sequence[Loss]:
    """Return what of the topic can never be landed from its positions on, nothing when all of it can.

    `planned` are ranges that are to be read next. When the log ends before them or before a position, its offsets have
    been given to other messages, and nobody can tell from which one on: the whole topic is begun anew.
    """
    lows = [_low_of(position, topic) for position in positions]
    reached = [(position.topic_partition, position.next_offset) for position in positions]
    reached += [(part.topic_partition, part.end_offset) for part in planned if part.topic == topic.topic]
    if any(kafka_id(position.topic_id) != topic.topic_id for position in positions):
        return [
            _begin_anew(position, low, topic.topic_id, "the topic was made anew")
            for position, low in zip(positions, lows, strict=True)
        ]
    if any(topic.end_offsets[number] < offset for number, offset in reached):
        reason = "the log was cut short: what it holds is landed again from its beginning"
        return [
            _begin_anew(position, low, _renew(position.topic_id), reason)
            for position, low in zip(positions, lows, strict=True)
        ]
    return [_skip(position, low) for position, low in zip(positions, lows, strict=True) if low > position.next_offset]


def choose_losses(
    positions: Mapping[str, Sequence[Position]],
    topics: Sequence[TopicFacts],
    planned: Sequence[OffsetRange],
    wanted: OffsetRange | None,
    platform: Platform,
) -> Sequence[Loss]:
    """Return what is given up of a platform's topics: the range `wanted`, or without one all that is gone."""
    if wanted is None:
        return [loss for topic in topics for loss in find_losses(positions[topic.topic], topic, planned)]
    topic = next((topic for topic in topics if topic.topic == wanted.topic), None)
    if topic is None:
        known = ", ".join(topic.topic for topic in topics)
        raise MisconfiguredError(f"{platform} has no topic {wanted.topic}: there are {known}")
    return [give_up(positions[topic.topic], topic, wanted, platform)]


def give_up(positions: Sequence[Position], topic: TopicFacts, wanted: OffsetRange, platform: Platform) -> Loss:
    """Return what it takes to go on behind a range that Kafka may still hold: it begins at a position, or is refused.

    Raises `MisconfiguredError` with the range that is possible; `TopicReplaced` or `OffsetAhead` when offsets cannot be
    told from those of another log.
    """
    position = next((position for position in positions if position.topic_partition == wanted.topic_partition), None)
    if position is None:
        known = ", ".join(str(position.topic_partition) for position in positions) or "none that was ever landed"
        raise MisconfiguredError(f"{topic.topic} has no partition {wanted.topic_partition} to land: there are {known}")
    with suppress(MessagesLost):  # what is gone may be given up together with what follows it
        check_position(position, topic, platform)
    end_offset = topic.end_offsets[wanted.topic_partition]
    where = f"{topic.topic}, partition {wanted.topic_partition}"
    if position.next_offset == end_offset:
        raise MisconfiguredError(f"{where}: everything up to offset {end_offset} is landed, nothing can be given up")
    if wanted.start_offset != position.next_offset or not wanted.start_offset < wanted.end_offset <= end_offset:
        raise MisconfiguredError(
            f"{where}: offsets {wanted.start_offset} to {wanted.end_offset} cannot be given up: a range begins at the "
            f"position, {position.next_offset}, and ends at {position.next_offset + 1} to {end_offset} (exclusive)"
        )
    return Loss(
        gone=wanted,
        topic_id=position.topic_id,
        reason="given up on purpose",
        restart=replace(position, next_offset=wanted.end_offset),
    )


def _begin_anew(position: Position, low_offset: int, topic_id: str, reason: str) -> Loss:
    restart = replace(position, topic_id=topic_id, next_offset=low_offset)
    return Loss(
        gone=_range_from(position, position.next_offset), topic_id=position.topic_id, reason=reason, restart=restart
    )


def _skip(position: Position, low_offset: int) -> Loss:
    return Loss(
        gone=_range_from(position, low_offset),
        topic_id=position.topic_id,
        reason="Kafka dropped them before they were landed",
        restart=replace(position, next_offset=low_offset),
    )


def _range_from(position: Position, end_offset: int) -> OffsetRange:
    return OffsetRange(
        topic=position.topic,
        topic_partition=position.topic_partition,
        start_offset=position.next_offset,
        end_offset=end_offset,
    )


def kafka_id(topic_id: str) -> str:
    """Return Kafka's own id of a topic from the one that positions are counted in."""
    return topic_id.partition(_LIFE)[0]


def _renew(topic_id: str) -> str:
    kafka_id, _, life = topic_id.partition(_LIFE)
    return f"{kafka_id}{_LIFE}{int(life or 1) + 1}"


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
