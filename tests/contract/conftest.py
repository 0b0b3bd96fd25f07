"""What the contract suites run on: the fake always, the real part as an integration test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Protocol

import pytest
from tests.fakes.bus import MemoryBroker, MemoryLog, MemorySink

from airtide.bus.topics import landing_group, platform_topics
from airtide.domain.models import Platform
from airtide.pipeline.ports import SnapshotLog, SnapshotSink

POLLED = Platform.CHZZK
"""Has its topics on the bus; no other test of a session uses it."""
WITHOUT_TOPICS = Platform.KICK


class Bus(Protocol):
    """A broker seen by the contract suites."""

    sink: SnapshotSink
    log: SnapshotLog

    def append(
        self, topic: str, topic_partition: int, value: bytes | None, headers: Sequence[tuple[str, bytes | None]] = ()
    ) -> None: ...
    def drop_before(self, topic: str, topic_partition: int, offset: int) -> None: ...
    def read_noted(self, platform: Platform) -> Mapping[tuple[str, int], int]: ...
    def unreachable(self) -> tuple[SnapshotSink, SnapshotLog]: ...


class MemoryBus:
    def __init__(self) -> None:
        self.broker = MemoryBroker([POLLED])
        self.sink = MemorySink(self.broker)
        self.log = MemoryLog(self.broker)

    def append(self, topic, topic_partition, value, headers=()):
        self.broker.append(topic, topic_partition, value, headers)

    def drop_before(self, topic, topic_partition, offset):
        self.broker.drop_before(topic, topic_partition, offset)

    def read_noted(self, platform):
        return self.broker.group_offsets[landing_group(platform)]

    def unreachable(self):
        broker = MemoryBroker()
        broker.is_down = True
        return MemorySink(broker), MemoryLog(broker)


class KafkaBus:
    def __init__(self, config: Mapping[str, str]) -> None:
        from confluent_kafka.admin import AdminClient

        from airtide.bus.producer import KafkaSink
        from airtide.bus.ranges import KafkaLog

        self._reach = {"bootstrap.servers": config["bootstrap.servers"], "log_level": 0}
        self._admin = AdminClient(self._reach)  # a client that nobody holds answers nothing
        self.sink = KafkaSink(config, deadline_s=20)
        self.log = KafkaLog(config, deadline_s=10)

    def append(self, topic, topic_partition, value, headers=()):
        from confluent_kafka import Producer

        with Producer(self._reach) as producer:
            producer.produce(topic, value, partition=topic_partition, headers=list(headers))

    def drop_before(self, topic, topic_partition, offset):
        from confluent_kafka import TopicPartition

        [future] = self._admin.delete_records([TopicPartition(topic, topic_partition, offset)]).values()
        future.result(timeout=20)

    def read_noted(self, platform):
        from confluent_kafka import ConsumerGroupTopicPartitions

        asked = [ConsumerGroupTopicPartitions(landing_group(platform))]
        [future] = self._admin.list_consumer_group_offsets(asked).values()
        return {(noted.topic, noted.partition): noted.offset for noted in future.result(timeout=20).topic_partitions}

    def unreachable(self):
        from airtide.bus.producer import KafkaSink
        from airtide.bus.ranges import KafkaLog

        nobody = {"bootstrap.servers": "127.0.0.1:1"}
        return KafkaSink(nobody, deadline_s=0.5), KafkaLog(nobody, deadline_s=0.5)

    def close(self) -> None:
        self.sink.close()
        self.log.close()


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.integration)])
def bus(request: pytest.FixtureRequest) -> Iterator[Bus]:
    """A bus with the topics of one platform, and whatever earlier tests left in them."""
    if request.param == "memory":
        yield MemoryBus()
        return
    from airtide.bus.setup import ensure_topics

    config = request.getfixturevalue("kafka")
    topics = platform_topics(
        POLLED, snapshot_partitions=4, replication_factor=1, min_insync_replicas=1, raw_age=timedelta(days=1)
    )
    ensure_topics(config, topics, deadline_s=60)
    _remove_topics_of(WITHOUT_TOPICS, config)
    real = KafkaBus(config)
    yield real
    real.close()


def _remove_topics_of(platform: Platform, config: Mapping[str, str]) -> None:
    """Take away what another test of the session may have prepared for every site."""
    from confluent_kafka.admin import AdminClient

    from airtide.bus.topics import snapshots_topic, sweeps_topic

    with AdminClient({"bootstrap.servers": config["bootstrap.servers"]}) as admin:
        known = admin.list_topics(timeout=20).topics
        gone = [topic for topic in (snapshots_topic(platform), sweeps_topic(platform)) if topic in known]
        for removed in admin.delete_topics(gone, operation_timeout=20).values() if gone else ():
            removed.result()
