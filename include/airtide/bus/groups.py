"""How far landing and capturing are behind, by partition: for the collection page and lag monitors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from confluent_kafka import KafkaException, TopicPartition

from airtide.bus.backlog import read_first_times
from airtide.bus.link import BrokerLink, Deadline
from airtide.bus.offsets import describe
from airtide.bus.topics import CAPTURE_GROUP, snapshots_topic, sweeps_topic
from airtide.domain.lags import PartitionLag
from airtide.domain.models import Platform


def read_lag(
    config: Mapping[str, str], platform: Platform, positions: Mapping[tuple[str, int], int], *, deadline_s: float
) -> Sequence[PartitionLag]:
    """Return the lag of every partition of a platform's two topics, snapshots first, in the order of partitions.

    `positions` is next_offset by topic and partition. One message is read of each partition where any waits. Raises
    `PartUnreachable` when the broker does not answer within `deadline_s`, `MisconfiguredError` when a topic is missing.
    """
    with BrokerLink(config, deadline_s=deadline_s) as link:
        topics = [snapshots_topic(platform), sweeps_topic(platform)]
        return _measure(link, topics, positions, link.start_deadline())


def read_capture_lag(config: Mapping[str, str], platform: Platform, *, deadline_s: float) -> Sequence[PartitionLag]:
    """Return how far the group that captures pictures is behind in a platform's snapshots; raises like `read_lag`."""
    with BrokerLink(config, deadline_s=deadline_s) as link:
        deadline = link.start_deadline()
        topic = snapshots_topic(platform)
        return _measure(link, [topic], _read_committed(link, topic, deadline), deadline)


def _read_committed(link: BrokerLink, topic: str, deadline: Deadline) -> dict[tuple[str, int], int]:
    """Return the group's offsets; none for a partition of which it has committed nothing.

    A consumer asks for them that does not join, for the reason that `noting` gives.
    """
    [facts] = describe(link, [topic], deadline)
    consumer = link.build_consumer({"group.id": CAPTURE_GROUP, "enable.auto.commit": False})
    try:
        asked = [TopicPartition(topic, number) for number in facts.end_offsets]
        told = consumer.committed(asked, timeout=deadline.left_s())
    except KafkaException as failure:
        raise link.explain(failure.args[0], f"tell the offsets of the group {CAPTURE_GROUP}") from failure
    finally:
        consumer.close()
    return {(topic, place.partition): place.offset for place in told if place.offset >= 0}


def _measure(
    link: BrokerLink, topics: Sequence[str], positions: Mapping[tuple[str, int], int], deadline: Deadline
) -> list[PartitionLag]:
    lags = [
        PartitionLag(
            topic=topic.topic,
            topic_partition=number,
            low_offset=low,
            next_offset=positions.get((topic.topic, number), low),
            end_offset=topic.end_offsets[number],
        )
        for topic in describe(link, topics, deadline)
        for number, low in sorted(topic.low_offsets.items())
    ]
    first = {(lag.topic, lag.topic_partition): max(lag.next_offset, lag.low_offset) for lag in lags}
    waiting = {(lag.topic, lag.topic_partition) for lag in lags if lag.lag > lag.lost}
    since = read_first_times(link, {place: first[place] for place in waiting}, deadline) if waiting else {}
    return [replace(lag, waiting_since=since.get((lag.topic, lag.topic_partition))) for lag in lags]
