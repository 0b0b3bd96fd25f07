from __future__ import annotations

from contextlib import suppress

import pytest
from confluent_kafka import KafkaError, KafkaException, Message

from airtide.bus.link import BrokerLink
from airtide.bus.reading import read_ranges
from airtide.domain.batches import OffsetRange
from airtide.domain.errors import MessagesLost, OffsetAhead, PartUnreachable


class ScriptedConsumer:
    """Hands out what it was told to, a list a call, and nothing afterwards."""

    def __init__(self, *answers: list[Message], watermarks: tuple[int, int] = (0, 0)) -> None:
        self.answers = list(answers)
        self.watermarks = watermarks
        self.assigned: list[tuple[str, int, int]] = []

    def assign(self, partitions):
        self.assigned = [(p.topic, p.partition, p.offset) for p in partitions]

    def incremental_unassign(self, partitions):
        done = {(p.topic, p.partition) for p in partitions}
        self.assigned = [start for start in self.assigned if start[:2] not in done]

    def unassign(self):
        self.assigned = []

    def consume(self, num_messages, timeout):
        return self.answers.pop(0) if self.answers else []

    def get_watermark_offsets(self, partition, timeout):
        if self.watermarks == (-1, -1):
            raise KafkaException(KafkaError(KafkaError._TRANSPORT))
        return self.watermarks


def message(topic_partition: int, offset: int, topic: str = "t") -> Message:
    return Message(topic=topic, partition=topic_partition, offset=offset, value=b"v")


def partition_end(topic_partition: int, offset: int) -> Message:
    error = KafkaError(KafkaError._PARTITION_EOF)
    return Message(topic="t", partition=topic_partition, offset=offset, value=b"text of the event", error=error)


def failure(code: int, offset: int = 0) -> Message:
    return Message(topic="t", partition=0, offset=offset, error=KafkaError(code))


def span(topic_partition: int, start_offset: int, end_offset: int, topic: str = "t") -> OffsetRange:
    return OffsetRange(topic=topic, topic_partition=topic_partition, start_offset=start_offset, end_offset=end_offset)


def read(consumer: ScriptedConsumer, *ranges: OffsetRange, deadline_s: float = 0.05) -> list[tuple[str, int, int]]:
    link = BrokerLink({"bootstrap.servers": "broker:9092"}, deadline_s=deadline_s)
    records = read_ranges(link, consumer, ranges, link.start_deadline())
    return [(r.topic, r.topic_partition, r.record_offset) for r in records]


def test_a_broker_that_says_nothing_is_unreachable_not_empty():
    with pytest.raises(PartUnreachable, match="offsets 5 to 9 of t, partition 0"):
        read(ScriptedConsumer(), span(0, 5, 10))


def test_a_batch_that_stays_incomplete_yields_nothing():
    consumer = ScriptedConsumer([message(0, 5), message(0, 6)])
    with pytest.raises(PartUnreachable, match="offsets 7 to 9"):
        read(consumer, span(0, 5, 10))


@pytest.mark.parametrize(
    ("code", "kind"), [(KafkaError._BAD_MSG, PartUnreachable), (KafkaError.UNKNOWN_LEADER_EPOCH, PartUnreachable)]
)
def test_an_error_in_a_messages_place_is_never_taken_for_a_message(code, kind):
    with pytest.raises(kind):
        read(ScriptedConsumer([message(0, 0), failure(code)], [message(0, 1)]), span(0, 0, 2))


def test_an_offset_that_was_dropped_is_told_with_its_count():
    consumer = ScriptedConsumer([failure(KafkaError._AUTO_OFFSET_RESET, 5)], watermarks=(8, 20))
    with pytest.raises(MessagesLost, match="3 messages"):
        read(consumer, span(0, 5, 10))


def test_an_offset_beyond_the_log_is_told_apart_from_a_dropped_one():
    consumer = ScriptedConsumer([failure(KafkaError._AUTO_OFFSET_RESET, 30)], watermarks=(8, 20))
    with pytest.raises(OffsetAhead, match="ends at offset 20"):
        read(consumer, span(0, 30, 31))


def test_a_broker_lost_while_asking_what_was_dropped_is_unreachable():
    consumer = ScriptedConsumer([failure(KafkaError._AUTO_OFFSET_RESET, 5)], watermarks=(-1, -1))
    with pytest.raises(PartUnreachable):
        read(consumer, span(0, 5, 10))


def test_a_log_that_ends_too_early_is_told_after_waiting_for_more():
    with pytest.raises(OffsetAhead, match="ends at offset 7"):
        read(ScriptedConsumer([message(0, 5), message(0, 6), partition_end(0, 7)]), span(0, 5, 10))


def test_a_log_that_grows_after_its_end_was_seen_is_read_on():
    consumer = ScriptedConsumer([message(0, 5), partition_end(0, 6)], [message(0, 6)])
    assert read(consumer, span(0, 5, 7)) == [("t", 0, 5), ("t", 0, 6)]


def test_messages_come_in_order_of_topic_partition_and_offset():
    consumer = ScriptedConsumer(
        [message(1, 0), message(0, 8), message(0, 0, "s")], [message(0, 9), message(1, 1), message(0, 1, "s")]
    )
    assert read(consumer, span(1, 0, 2), span(0, 8, 10), span(0, 0, 2, "s")) == [
        ("s", 0, 0),
        ("s", 0, 1),
        ("t", 0, 8),
        ("t", 0, 9),
        ("t", 1, 0),
        ("t", 1, 1),
    ]


def test_offsets_that_are_no_messages_are_passed_over():
    consumer = ScriptedConsumer([message(0, 0), message(0, 3), message(0, 7)])
    assert read(consumer, span(0, 0, 6)) == [("t", 0, 0), ("t", 0, 3)]


def test_markers_at_the_end_of_the_log_count_as_read():
    consumer = ScriptedConsumer([message(0, 0), partition_end(0, 2)])
    assert read(consumer, span(0, 0, 2)) == [("t", 0, 0)]


def test_nothing_beyond_the_range_is_kept():
    consumer = ScriptedConsumer([message(0, 0), message(0, 1), message(0, 2)], [message(0, 3), message(1, 0)])
    assert read(consumer, span(0, 0, 2), span(1, 0, 1)) == [("t", 0, 0), ("t", 0, 1), ("t", 1, 0)]


def test_a_partition_that_is_read_is_let_go_while_others_go_on():
    consumer = ScriptedConsumer([message(0, 0)], [message(1, 0)])
    seen = []
    consumer.consume = lambda *_: (seen.append(list(consumer.assigned)), consumer.answers.pop(0))[1]
    read(consumer, span(0, 0, 1), span(1, 0, 1))
    assert seen == [[("t", 0, 0), ("t", 1, 0)], [("t", 1, 0)]]


def test_nothing_stays_assigned_after_success_or_failure():
    for consumer in (ScriptedConsumer([message(0, 0)]), ScriptedConsumer([failure(KafkaError._BAD_MSG)])):
        with suppress(PartUnreachable):
            read(consumer, span(0, 0, 1))
        assert consumer.assigned == []


def test_empty_ranges_ask_nothing():
    consumer = ScriptedConsumer()
    assert read(consumer, span(0, 4, 4)) == []
