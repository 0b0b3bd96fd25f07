"""What the broker says of topics and offsets, asked of it now and never of a cache."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import OffsetSpec

from airtide.bus.link import BrokerLink, Deadline
from airtide.domain.batches import TopicFacts
from airtide.domain.errors import TopicReplaced
from airtide.domain.positions import kafka_id

_LEADER_MOVES = (
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.FENCED_LEADER_EPOCH,
    KafkaError.UNKNOWN_LEADER_EPOCH,
)
"""Passes by itself: a topic was just made, or a broker just started or left. The client does not try again."""
_LEADER_SETTLES_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicLayout:
    """A topic's id and its partitions."""

    topic: str
    topic_id: str
    topic_partitions: Sequence[int]


def read_layouts(link: BrokerLink, topics: Sequence[str], deadline: Deadline) -> list[TopicLayout]:
    """Return the layout of each topic, in the order asked; raises `MisconfiguredError` when one does not exist."""
    futures = link.admin.describe_topics(TopicCollection(list(topics)), request_timeout=deadline.left_s())
    layouts = []
    for topic in topics:
        found = link.wait(futures[topic], f"describe the topic {topic}", deadline)
        ids = sorted(partition.id for partition in found.partitions)
        layouts.append(TopicLayout(topic=topic, topic_id=str(found.topic_id), topic_partitions=ids))
    return layouts


def check_topic_ids(link: BrokerLink, topic_ids: Mapping[str, str], deadline: Deadline) -> None:
    """Raise `TopicReplaced` when a topic is not the one whose id was noted; asked after a read, it speaks for it."""
    for layout in read_layouts(link, list(topic_ids), deadline):
        noted = topic_ids[layout.topic]
        if kafka_id(noted) != layout.topic_id:
            raise TopicReplaced(
                f"{layout.topic} on Kafka at {link.servers} was made anew (its id is {layout.topic_id}, not {noted}) "
                f"after this batch was planned. Land again: that tells how to go on"
            )


def read_end_offsets(
    link: BrokerLink, layout: TopicLayout, deadline: Deadline, *, isolation: IsolationLevel
) -> dict[int, int]:
    """Return the end offset of every partition of a topic.

    For readers of committed messages it is the last stable offset: nothing before it can still be undecided.
    """
    return _list_offsets(link, layout, OffsetSpec.latest(), deadline, isolation)


def describe(link: BrokerLink, topics: Sequence[str], deadline: Deadline) -> list[TopicFacts]:
    """Return id, first kept and end offsets of each topic, for readers of committed messages."""
    committed = IsolationLevel.READ_COMMITTED
    return [
        TopicFacts(
            topic=layout.topic,
            topic_id=layout.topic_id,
            low_offsets=_list_offsets(link, layout, OffsetSpec.earliest(), deadline, committed),
            end_offsets=_list_offsets(link, layout, OffsetSpec.latest(), deadline, committed),
        )
        for layout in read_layouts(link, topics, deadline)
    ]


def _list_offsets(
    link: BrokerLink, layout: TopicLayout, which: OffsetSpec, deadline: Deadline, isolation: IsolationLevel
) -> dict[int, int]:
    asked = {TopicPartition(layout.topic, number): which for number in layout.topic_partitions}
    while True:
        futures = link.admin.list_offsets(asked, isolation_level=isolation, request_timeout=deadline.left_s())
        try:
            return {place.partition: link.ask(told, deadline).offset for place, told in futures.items()}
        except KafkaException as failure:
            error = failure.args[0]
            if error.code() not in _LEADER_MOVES or deadline.has_passed:
                raise link.explain(error, f"tell the offsets of {layout.topic}") from failure
        time.sleep(_LEADER_SETTLES_S)
