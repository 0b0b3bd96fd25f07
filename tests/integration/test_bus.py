"""The bus on a real broker: what no fake can show."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType
from tests.fakes.observations import make_batch, make_snapshot, make_sweep
from tests.services import running_kafka

from airtide.bus import producer as producer_module
from airtide.bus.backlog import Backlog, find_backlog
from airtide.bus.encode import encode_snapshot
from airtide.bus.groups import read_lag
from airtide.bus.producer import KafkaSink
from airtide.bus.ranges import KafkaLog
from airtide.bus.reading import CONSUMER_SETTINGS
from airtide.bus.setup import ensure_topics
from airtide.bus.topics import TopicSpec, landing_group, platform_topics, snapshots_topic, sweeps_topic
from airtide.domain.batches import TopicFacts
from airtide.domain.errors import MisconfiguredError, OffsetAhead, PartUnreachable
from airtide.domain.models import Platform
from airtide.local.home import Home

PLATFORM = Platform.CHZZK
SNAPSHOTS, SWEEPS = snapshots_topic(PLATFORM), sweeps_topic(PLATFORM)
NOBODY = {"bootstrap.servers": "127.0.0.1:1"}
TOPICS = platform_topics(
    PLATFORM, snapshot_partitions=4, replication_factor=1, min_insync_replicas=1, raw_age=timedelta(days=1)
)

pytestmark = pytest.mark.integration


def reach(config: Mapping[str, str]) -> dict[str, str | int]:
    return {"bootstrap.servers": config["bootstrap.servers"], "log_level": 0}


@pytest.fixture
def config(kafka) -> Mapping[str, str]:
    """The running broker with the topics of PLATFORM."""
    ensure_topics(kafka, TOPICS, deadline_s=20)
    return kafka


@pytest.fixture
def sink(config) -> Iterator[KafkaSink]:
    with KafkaSink(config, deadline_s=20) as made:
        yield made


@pytest.fixture
def log(config) -> Iterator[KafkaLog]:
    with KafkaLog(config, deadline_s=20) as made:
        yield made


@pytest.fixture
def landed(log) -> dict[tuple[str, int], int]:
    """Positions that stand at the end of everything."""
    return {(f.topic, number): end for f in log.describe_topics(PLATFORM) for number, end in f.end_offsets.items()}


def new_topic(**changes: int) -> TopicSpec:
    return replace(TOPICS[0], name=f"airtide.test-{uuid4().hex[:8]}", **changes)


def read_settings(config: Mapping[str, str], topic: str) -> dict[str, str]:
    admin = AdminClient(reach(config))
    [future] = admin.describe_configs([ConfigResource(ResourceType.TOPIC, topic)]).values()
    return {name: entry.value for name, entry in future.result(timeout=20).items()}


def read_group(config: Mapping[str, str], group: str) -> dict[tuple[str, int], int]:
    admin = AdminClient(reach(config))
    [future] = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)]).values()
    return {(noted.topic, noted.partition): noted.offset for noted in future.result(timeout=20).topic_partitions}


def wait_until(holds: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < give_up_at
        time.sleep(0.05)


class TestTopics:
    def test_are_made_as_told(self, kafka):
        topic = new_topic(partitions=3, retention_ms=7_200_000)
        assert ensure_topics(kafka, [topic], deadline_s=20) == [topic.name]
        assert topic.config().items() <= read_settings(kafka, topic.name).items()
        found = AdminClient(reach(kafka)).list_topics(topic.name, timeout=20).topics[topic.name]
        assert len(found.partitions) == 3

    def test_made_twice_are_left_alone(self, kafka):
        topic = new_topic()
        ensure_topics(kafka, [topic], deadline_s=20)
        assert ensure_topics(kafka, [topic], deadline_s=20) == []

    def test_a_new_one_beside_an_old_one_is_made(self, kafka):
        old, new = new_topic(), new_topic()
        ensure_topics(kafka, [old], deadline_s=20)
        assert ensure_topics(kafka, [old, new], deadline_s=20) == [new.name]

    def test_follow_their_settings(self, kafka):
        topic = new_topic()
        ensure_topics(kafka, [topic], deadline_s=20)
        ensure_topics(kafka, [replace(topic, retention_ms=3_600_000)], deadline_s=20)
        wait_until(lambda: read_settings(kafka, topic.name)["retention.ms"] == "3600000")

    def test_with_another_partition_count_are_refused(self, kafka):
        topic = new_topic(partitions=2)
        ensure_topics(kafka, [topic], deadline_s=20)
        with pytest.raises(MisconfiguredError, match="has 2 partitions, the settings say 5"):
            ensure_topics(kafka, [replace(topic, partitions=5)], deadline_s=20)

    def test_with_more_replicas_than_brokers_are_refused(self, kafka):
        with pytest.raises(MisconfiguredError, match=r"replication factor"):
            ensure_topics(kafka, [new_topic(replication_factor=9)], deadline_s=20)


class TestTransactions:
    """Nothing of ours writes in transactions; a log that holds some must not stall or mislead a landing."""

    @pytest.fixture
    def producer(self, config) -> Producer:
        made = Producer(reach(config) | {"transactional.id": f"test-{uuid4().hex[:8]}"})
        made.init_transactions(20)
        made.begin_transaction()
        return made

    def write(self, producer: Producer, broadcast_id: str) -> None:
        producer.produce(SNAPSHOTS, encode_snapshot(make_snapshot(broadcast_id)), partition=0)
        producer.flush(20)

    def wait_for_end(self, log: KafkaLog, before: Sequence[TopicFacts], offsets: int) -> Sequence[TopicFacts]:
        """Return the topics once `offsets` more are decided: the broker writes the marker after it has answered."""
        end = before[0].end_offsets[0] + offsets
        wait_until(lambda: log.describe_topics(PLATFORM)[0].end_offsets[0] == end)
        return log.describe_topics(PLATFORM)

    def test_markers_at_the_end_of_a_range_are_read_over(self, log, producer):
        before = log.describe_topics(PLATFORM)
        self.write(producer, "kept")
        producer.commit_transaction(20)
        batch = make_batch(before, self.wait_for_end(log, before, 2))
        assert log.read_batch(batch).snapshots.broadcast_id == ["kept"]

    def test_what_was_taken_back_is_not_read(self, log, producer):
        before = log.describe_topics(PLATFORM)
        self.write(producer, "taken back")
        producer.abort_transaction(20)
        producer.begin_transaction()
        self.write(producer, "kept")
        producer.commit_transaction(20)
        batch = make_batch(before, self.wait_for_end(log, before, 4))
        assert log.read_batch(batch).snapshots.broadcast_id == ["kept"]

    def test_what_is_undecided_is_not_offered(self, log, producer):
        before = log.describe_topics(PLATFORM)
        self.write(producer, "undecided")
        assert log.describe_topics(PLATFORM)[0].end_offsets == before[0].end_offsets
        producer.abort_transaction(20)


class TestPublishing:
    def test_a_channels_partition_is_the_one_that_java_chooses(self, sink, log):
        before = log.describe_topics(PLATFORM)
        # murmur2 of these texts in Kafka's own tests: 479470107, -790332482, -973932308
        chosen = {"abc": 479470107, "foobar": -790332482, "21": -973932308}
        sink.publish_snapshots(PLATFORM, [make_snapshot(c, channel_id=c) for c in chosen])
        columns = log.read_batch(make_batch(before, log.describe_topics(PLATFORM))).snapshots
        found = dict(zip(columns.channel_id, columns.topic_partition, strict=True))
        assert found == {channel: (murmur2 & 0x7FFFFFFF) % 4 for channel, murmur2 in chosen.items()}

    def test_more_than_the_queue_holds_goes_through(self, config, log, monkeypatch):
        small = {**producer_module._PRODUCER_SETTINGS, "queue.buffering.max.messages": 10}
        monkeypatch.setattr(producer_module, "_PRODUCER_SETTINGS", small)
        before = log.describe_topics(PLATFORM)
        with KafkaSink(config, deadline_s=20) as sink:
            ends = sink.publish_snapshots(PLATFORM, [make_snapshot(f"b{n}") for n in range(200)])
        assert sum(ends.values()) - sum(before[0].end_offsets.values()) == 200

    def test_the_record_time_is_that_of_producing(self, config, sink, landed):
        sink.publish_snapshots(PLATFORM, [make_snapshot()])
        found = find_backlog(config, PLATFORM, landed, deadline_s=20)
        assert abs(datetime.now(UTC) - found.oldest_snapshot_at) < timedelta(minutes=1)


class TestBacklog:
    def test_is_empty_where_everything_is_landed(self, config, landed):
        assert find_backlog(config, PLATFORM, landed, deadline_s=20) == Backlog(
            sweeps_waiting=False, snapshots_waiting=0, oldest_snapshot_at=None
        )

    def test_counts_snapshots_and_tells_the_age_of_the_first(self, config, sink, landed):
        not_before = datetime.now(UTC) - timedelta(milliseconds=1)
        sink.publish_snapshots(PLATFORM, [make_snapshot(f"b{n}") for n in range(9)])
        not_after = datetime.now(UTC)
        sink.publish_snapshots(PLATFORM, [make_snapshot(f"later {n}") for n in range(9)])
        found = find_backlog(config, PLATFORM, landed, deadline_s=20)
        assert (found.sweeps_waiting, found.snapshots_waiting) == (False, 18)
        assert not_before <= found.oldest_snapshot_at <= not_after

    def test_sees_a_sweep_record_alone(self, config, sink, landed):
        sink.publish_sweep(make_sweep())
        assert find_backlog(config, PLATFORM, landed, deadline_s=20).sweeps_waiting

    def test_begins_with_the_first_kept_message_where_nothing_was_landed(self, config, sink):
        sink.publish_snapshots(PLATFORM, [make_snapshot()])
        sink.publish_sweep(make_sweep())
        found = find_backlog(config, PLATFORM, {}, deadline_s=20)
        assert found.sweeps_waiting
        assert found.snapshots_waiting >= 1

    def test_refuses_a_position_beyond_the_log_instead_of_waiting_for_ever(self, config, landed):
        landed[SNAPSHOTS, 2] += 1
        with pytest.raises(OffsetAhead, match="partition 2"):
            find_backlog(config, PLATFORM, landed, deadline_s=20)

    def test_moves_no_groups_offsets(self, config, sink, log, landed):
        log.note_positions(PLATFORM, landed)
        sink.publish_snapshots(PLATFORM, [make_snapshot(f"b{n}") for n in range(9)])
        find_backlog(config, PLATFORM, landed, deadline_s=20)
        assert read_group(config, landing_group(PLATFORM)) == landed
        assert read_group(config, CONSUMER_SETTINGS["group.id"]) == {}


class TestLag:
    def test_is_told_for_every_partition(self, config, sink, landed):
        sink.publish_snapshots(PLATFORM, [make_snapshot("b", channel_id="abc")] * 3)
        lags = read_lag(config, PLATFORM, landed, deadline_s=20)
        assert [(lag.topic, lag.topic_partition, lag.lag, lag.lost) for lag in lags] == [
            (SNAPSHOTS, 0, 0, 0),
            (SNAPSHOTS, 1, 0, 0),
            (SNAPSHOTS, 2, 0, 0),
            (SNAPSHOTS, 3, 3, 0),
            (SWEEPS, 0, 0, 0),
        ]
        assert [lag.waiting_since is not None for lag in lags] == [False, False, False, True, False]
        assert abs((datetime.now(UTC) - lags[3].waiting_since).total_seconds()) < 60

    def test_tells_what_was_dropped_before_it_was_landed(self, config, sink, landed):
        sink.publish_snapshots(PLATFORM, [make_snapshot("b", channel_id="abc")] * 3)
        low = landed[SNAPSHOTS, 3] + 2
        admin = AdminClient(reach(config))
        [future] = admin.delete_records([TopicPartition(SNAPSHOTS, 3, low)]).values()
        future.result(timeout=20)
        [lag] = [lag for lag in read_lag(config, PLATFORM, landed, deadline_s=20) if lag.topic_partition == 3]
        assert (lag.low_offset, lag.lag, lag.lost) == (low, 3, 2)


class TestBrokerDown:
    """Every call fails in bounded time and says where; none returns as if there were nothing."""

    def fails_in_time(self, call, deadline_s=0.5):
        began = time.monotonic()
        with pytest.raises(PartUnreachable, match=r"127\.0\.0\.1:\d+ did not .* within"):
            call()
        assert time.monotonic() - began < deadline_s + 15

    def test_from_the_start(self):
        self.fails_in_time(lambda: ensure_topics(NOBODY, TOPICS, deadline_s=0.5))
        self.fails_in_time(lambda: find_backlog(NOBODY, PLATFORM, {}, deadline_s=0.5))
        self.fails_in_time(lambda: read_lag(NOBODY, PLATFORM, {}, deadline_s=0.5))

    def test_a_log_whose_notes_were_not_taken_is_closed_in_time(self, caplog):
        log = KafkaLog(NOBODY, deadline_s=0.5)
        log.note_positions(PLATFORM, {(sweeps_topic(PLATFORM), 0): 1})
        assert "is not shown right" in caplog.text
        began = time.monotonic()
        log.close()
        assert time.monotonic() - began < 15

    def test_in_the_middle(self, tmp_path):
        with running_kafka(Home(tmp_path)) as config:
            ensure_topics(config, TOPICS, deadline_s=20)
            sink, log = KafkaSink(config, deadline_s=5), KafkaLog(config, deadline_s=5)
            before = log.describe_topics(PLATFORM)
            sink.publish_snapshots(PLATFORM, [make_snapshot(f"b{n}") for n in range(100)])
            batch = make_batch(before, log.describe_topics(PLATFORM))
            assert len(log.read_batch(batch).snapshots) == 100
        with sink, log:
            self.fails_in_time(lambda: sink.publish_snapshots(PLATFORM, [make_snapshot()]), deadline_s=5)
            self.fails_in_time(lambda: log.read_batch(batch), deadline_s=5)
            self.fails_in_time(lambda: log.describe_topics(PLATFORM), deadline_s=5)


def test_a_member_of_the_readers_group_does_not_disturb_a_read(config, sink, log):
    before = log.describe_topics(PLATFORM)
    sink.publish_snapshots(PLATFORM, [make_snapshot(f"b{n}") for n in range(20)])
    joining = {"group.id": CONSUMER_SETTINGS["group.id"], "enable.auto.commit": False}
    with Consumer(reach(config) | joining) as member:
        member.subscribe([SNAPSHOTS])
        wait_until(lambda: member.poll(0.1) is None and bool(member.assignment()))
        batch = make_batch(before, log.describe_topics(PLATFORM))
        assert len(log.read_batch(batch).snapshots) == 20
