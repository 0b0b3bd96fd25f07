"""Bounded reads: exactly the offsets asked for, by assignment, never as a member of a group.

A partition is read to its end when its position has reached it. Positions are compared, not messages counted: the
markers of transactions take up offsets and are never delivered, and where they come last only the end-of-partition
event tells that the position has passed them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, cast

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from airtide.bus.link import BrokerLink, Deadline
from airtide.bus.records import RawRecord
from airtide.domain.batches import OffsetRange
from airtide.domain.errors import AirtideError, MessagesLost, OffsetAhead

Place = tuple[str, int]
"""A topic and one of its partitions."""

CONSUMER_SETTINGS: Mapping[str, Any] = {
    "group.id": "airtide.read",  # the client wants one; never subscribed or committed, so no such group comes to be
    "auto.offset.reset": "error",
    "enable.auto.commit": False,
    "enable.partition.eof": True,
    "isolation.level": "read_committed",
    "fetch.wait.max.ms": 100,
    # a batch ends long before a backlog does: what is fetched beyond it is thrown away. With the client's own limits
    # that halves the rate; a small queue alone stalls for its back-off of a second
    "fetch.message.max.bytes": 262_144,
    "queued.max.messages.kbytes": 4096,
    "fetch.queue.backoff.ms": 10,
}

_MOST_AT_ONCE = 1000
"""Larger calls wait for partitions that run dry, smaller ones cost more a message."""
_LOOK_EVERY_S = 0.2


class Delivered(Protocol):
    """A message as a consumer hands it out; without a value when it is an end-of-partition event."""

    def topic(self) -> str: ...
    def partition(self) -> int: ...
    def offset(self) -> int: ...
    def value(self) -> bytes | None: ...
    def headers(self) -> list[tuple[str, bytes | None]] | None: ...
    def timestamp(self) -> tuple[int, int]: ...
    def error(self) -> KafkaError | None: ...


@contextmanager
def assigned(consumer: Consumer, starts: Mapping[Place, int]) -> Iterator[None]:
    """Read from `starts`, and from nothing afterwards."""
    consumer.assign([TopicPartition(topic, number, start) for (topic, number), start in starts.items()])
    try:
        yield
    finally:
        consumer.unassign()


def fetch(link: BrokerLink, consumer: Consumer, wanted: int, deadline: Deadline) -> list[Delivered]:
    """Return the next messages and end-of-partition events, at most `wanted`; none when nothing came for a moment.

    Raises what an error in their place means: `MessagesLost` or `OffsetAhead` when the offset is not in the log.
    """
    at_once = min(max(wanted, 1), _MOST_AT_ONCE)
    messages = cast("list[Delivered]", consumer.consume(at_once, min(_LOOK_EVERY_S, deadline.left_s())))
    for message in messages:
        error = message.error()
        if error is not None and error.code() != KafkaError._PARTITION_EOF:
            raise _explain(link, consumer, message, error, deadline)
    return messages


def read_ranges(
    link: BrokerLink, consumer: Consumer, ranges: Sequence[OffsetRange], deadline: Deadline
) -> list[RawRecord]:
    """Return every message of the ranges, ordered by topic, partition and offset.

    Raises `MessagesLost` when the broker no longer holds the first one, `OffsetAhead` when its log ends too early,
    `PartUnreachable` when the deadline passes first.
    """
    reader = _RangeReader(ranges)
    with assigned(consumer, reader.positions):
        while reader.open_ends:
            if deadline.has_passed:
                raise reader.explain_standstill(link)
            finished = reader.take(fetch(link, consumer, reader.count_missing(), deadline))
            if finished and reader.open_ends:
                consumer.incremental_unassign([TopicPartition(*place) for place in finished])
    return reader.records_in_order()


class _RangeReader:
    def __init__(self, ranges: Sequence[OffsetRange]) -> None:
        filled = [r for r in ranges if r.start_offset < r.end_offset]
        self.open_ends: dict[Place, int] = {(r.topic, r.topic_partition): r.end_offset for r in filled}
        self.positions: dict[Place, int] = {(r.topic, r.topic_partition): r.start_offset for r in filled}
        self._found: dict[Place, list[RawRecord]] = {place: [] for place in self.open_ends}
        self._log_ends: dict[Place, int] = {}

    def count_missing(self) -> int:
        return sum(end - self.positions[place] for place, end in self.open_ends.items())

    def take(self, messages: Sequence[Delivered]) -> list[Place]:
        """Keep what lies inside the ranges; return the places that are read to their end now."""
        finished = []
        for message in messages:
            place = (message.topic(), message.partition())
            end = self.open_ends.get(place)
            if end is None:
                continue
            offset = message.offset()
            if message.error() is not None:
                self.positions[place] = self._log_ends[place] = offset
            else:
                if offset < end:
                    self._found[place].append(RawRecord._make((*place, offset, message.value(), message.headers())))
                self.positions[place] = offset + 1
            if self.positions[place] >= end:
                del self.open_ends[place]
                finished.append(place)
        return finished

    def records_in_order(self) -> list[RawRecord]:
        return [record for place in sorted(self._found) for record in self._found[place]]

    def explain_standstill(self, link: BrokerLink) -> AirtideError:
        (topic, number), end = next(iter(self.open_ends.items()))
        position = self.positions[topic, number]
        if self._log_ends.get((topic, number)) == position:
            return _cut_short(link, topic, number, position, end)
        return link.explain_silence(f"hand out offsets {position} to {end - 1} of {topic}, partition {number}")


def _explain(
    link: BrokerLink, consumer: Consumer, message: Delivered, error: KafkaError, deadline: Deadline
) -> AirtideError:
    topic, number, offset = message.topic(), message.partition(), message.offset()
    if error.code() != KafkaError._AUTO_OFFSET_RESET:
        return link.explain(error, f"hand out messages of {topic}, partition {number}")
    try:
        low, high = consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=deadline.left_s())
    except KafkaException as failure:
        return link.explain(failure.args[0], f"tell the offsets of {topic}, partition {number}")
    if offset > high:
        return _cut_short(link, topic, number, high, offset)
    return MessagesLost(
        f"Kafka at {link.servers} no longer holds offsets {offset} to {low - 1} of {topic}, partition {number}: "
        f"{low - offset} messages were dropped before they were landed; `airtide accept-loss` records that and goes on"
    )


def _cut_short(link: BrokerLink, topic: str, number: int, log_end: int, wanted: int) -> OffsetAhead:
    return OffsetAhead(
        f"{topic}, partition {number}, ends at offset {log_end} on Kafka at {link.servers}, but {wanted} was reached "
        "before: the log was cut short or this is another cluster; see what the connection airtide_kafka names"
    )
