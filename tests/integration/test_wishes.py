"""The feed on a real broker: what is read, what is committed, and what becomes of it when the group changes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from tests.fakes.observations import TICK, make_snapshot
from tests.proxies import TcpProxy

from airtide.bus import membership, wishes
from airtide.bus.encode import encode_snapshot
from airtide.bus.setup import ensure_topics
from airtide.bus.topics import TopicSpec, snapshots_topic
from airtide.bus.wishes import KafkaWishFeed
from airtide.domain.errors import CredentialsRejected, MisconfiguredError, PartUnreachable
from airtide.domain.keys import hash_id
from airtide.domain.models import Platform

POLLED = Platform.CHZZK
TOPIC = snapshots_topic(POLLED)
DEADLINE_S = 5.0
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.integration


class Topic:
    """A snapshots topic of this test's own, with four partitions."""

    def __init__(self, config, name: str) -> None:
        self.config = config
        self.name = name
        spec = TopicSpec(
            name=name,
            partitions=4,
            replication_factor=1,
            min_insync_replicas=1,
            retention_ms=86_400_000,
            segment_ms=3_600_000,
        )
        ensure_topics(config, [spec], deadline_s=60)

    def write(self, broadcast_id: str, partition: int = 0, *, headers=(), raw: bytes | None = None, **values) -> None:
        value = encode_snapshot(make_snapshot(broadcast_id, thumbnail_url=f"https://p/{broadcast_id}", **values))
        with Producer({"bootstrap.servers": self.config["bootstrap.servers"]}) as producer:
            producer.produce(self.name, raw if raw is not None else value, partition=partition, headers=list(headers))

    def commit(self, group: str, offset: int) -> None:
        """Set the group's offset of the first partition, as nobody's."""
        with closing(Consumer({"bootstrap.servers": self.config["bootstrap.servers"], "group.id": group})) as consumer:
            consumer.commit(offsets=[TopicPartition(self.name, 0, offset)], asynchronous=False)

    def drop_before(self, offset: int) -> None:
        """Have Kafka drop messages of the first partition, as retention does."""
        with AdminClient({"bootstrap.servers": self.config["bootstrap.servers"]}) as admin:
            [dropped] = admin.delete_records([TopicPartition(self.name, 0, offset)]).values()
            dropped.result(timeout=20)

    def committed(self, group: str) -> dict[int, int]:
        consumer = Consumer({"bootstrap.servers": self.config["bootstrap.servers"], "group.id": group})
        with closing(consumer):
            told = consumer.committed([TopicPartition(self.name, number) for number in range(4)], timeout=20)
        return {place.partition: place.offset for place in told if place.offset >= 0}


@pytest.fixture
def group(monkeypatch) -> str:
    name = f"airtide.capture-{uuid4().hex[:8]}"
    monkeypatch.setattr(wishes, "CAPTURE_GROUP", name)
    return name


@pytest.fixture
def topic(kafka, monkeypatch) -> Iterator[Topic]:
    name = f"airtide.snapshots.test-{uuid4().hex[:8]}.v1"
    monkeypatch.setattr(wishes, "snapshots_topic", lambda _platform: name)
    yield Topic(kafka, name)
    with AdminClient({"bootstrap.servers": kafka["bootstrap.servers"]}) as admin:
        admin.delete_topics([name])[name].result()


@contextmanager
def member(config, deadline_s: float = DEADLINE_S) -> Iterator[KafkaWishFeed]:
    with closing(KafkaWishFeed(config, [POLLED], deadline_s=deadline_s)) as feed:
        yield feed


def key(broadcast_id: str) -> int:
    return hash_id(POLLED, broadcast_id)


def work_off(feed: KafkaWishFeed, wanted: int, within_s: float = 30) -> set[int]:
    """Commit batch after batch until so many broadcasts were wished for; return them."""
    found: set[int] = set()
    ends_at = time.monotonic() + within_s
    while len(found) < wanted and time.monotonic() < ends_at:
        batch = feed.read(1000, 1)
        keys = {wish.broadcast_key for wish in batch.wishes}
        if batch.commit(keys):
            found |= keys
    return found


def test_the_newest_of_each_live_broadcast_is_a_wish_and_the_rest_asks_for_nothing(topic, group):
    topic.write("a", viewers=5)
    topic.write("a", sampled_at=TICK + MINUTE, viewers=7)
    topic.write("b", 1, viewers=9)
    topic.write("c", 2, viewers=None)
    topic.write("gone", 2)
    topic.write("gone", 2, sampled_at=TICK + MINUTE, ended_at=TICK)
    topic.write("refused", 3, headers=[("reject", b"why")])
    topic.write("x", 3, raw=b"{not json")
    topic.write("y", 3, raw=b'{"v": 2}')
    with member(topic.config) as feed:
        batch = feed.read(1000, 15)
        assert [(w.broadcast_key, w.viewers) for w in batch.wishes] == [(key("a"), 7), (key("b"), 9), (key("c"), None)]
        newest = batch.wishes[0]
        assert (newest.sampled_at, newest.picture_url) == (TICK + MINUTE, "https://p/a")
        assert newest.channel_key == hash_id(POLLED, "channel of a")
        assert (batch.messages, batch.is_caught_up) == (9, True)
        assert batch.commit({wish.broadcast_key for wish in batch.wishes})
    assert topic.committed(group) == {0: 2, 1: 1, 2: 3, 3: 3}


def test_only_what_lies_before_the_first_undone_message_is_committed_and_the_rest_is_read_again(topic, group):
    for broadcast_id in ("a", "b", "c", "a"):
        topic.write(broadcast_id)
    topic.write("d", 1)
    with member(topic.config) as feed:
        batch = feed.read(1000, 15)
        assert batch.commit({key("b"), key("d")})
        assert topic.committed(group) == {1: 1}
        assert batch.commit({key("b"), key("d"), key("a")})
        assert topic.committed(group) == {0: 2, 1: 1}
        topic.write("e")  # behind what was left: not read before it
        topic.write("f", 1)
        later = feed.read(1000, 15)
        assert [wish.broadcast_key for wish in later.wishes] == [key("f")]
        assert later.is_caught_up
        assert later.commit({key("f")})
    assert topic.committed(group) == {0: 2, 1: 2}
    with member(topic.config) as feed:
        assert {wish.broadcast_key for wish in feed.read(1000, 15).wishes} == {key("a"), key("c"), key("e")}


def test_a_batch_is_bounded_and_the_next_goes_on(topic, group):
    for number in range(7):
        topic.write(str(number))
    with member(topic.config) as feed:
        batches = [feed.read(3, 15) for _ in range(2)]
        assert [(batch.messages, batch.is_caught_up) for batch in batches] == [(3, False), (0, True)]
    with member(topic.config) as feed:
        counts = []
        for _ in range(3):
            batch = feed.read(3, 15)
            counts.append((batch.messages, batch.is_caught_up))
            assert batch.commit({wish.broadcast_key for wish in batch.wishes})
        assert counts == [(3, False), (3, False), (1, True)]
    assert topic.committed(group) == {0: 7}


def test_partitions_that_go_to_another_member_are_not_committed_and_come_back_whole(topic, group):
    for number in range(4):
        topic.write(str(number), number)
    everything = {key(str(number)) for number in range(4)}
    with member(topic.config) as first:
        batch = first.read(1000, 15)
        assert batch.messages == 4
        with member(topic.config) as second:
            second.read(1000, 1)  # asks to join; the first one has to give up two partitions
            ends_at = time.monotonic() + 20
            while batch.commit(set()) and time.monotonic() < ends_at:
                time.sleep(0.1)
            assert time.monotonic() < ends_at
            assert topic.committed(group) == {}
            with ThreadPoolExecutor(2) as pool:
                mine, theirs = pool.map(work_off, (first, second), (2, 2))
            assert (len(theirs), len(mine), theirs | mine) == (2, 2, everything)
    assert topic.committed(group) == dict.fromkeys(range(4), 1)


def test_a_commit_of_a_member_that_the_group_has_forgotten_changes_nothing(topic, group, monkeypatch):
    monkeypatch.setitem(membership._MEMBER_SETTINGS, "max.poll.interval.ms", 6_000)
    monkeypatch.setitem(membership._MEMBER_SETTINGS, "session.timeout.ms", 6_000)
    topic.write("a")
    topic.write("b")
    with member(topic.config) as first, member(topic.config) as second:
        batch = first.read(1000, 15)
        assert batch.messages == 2
        time.sleep(6.5)  # stands still for longer than a member may
        assert work_off(second, 2) == {key("a"), key("b")}
        assert topic.committed(group) == {0: 2}
        assert not batch.commit({key("a")})
        assert topic.committed(group) == {0: 2}


def test_what_kafka_dropped_before_it_was_read_is_passed(topic, group):
    for number in range(5):
        topic.write(str(number))
    topic.commit(group, 1)
    topic.drop_before(3)
    with member(topic.config) as feed:
        batch = feed.read(1000, 15)
        assert {wish.broadcast_key for wish in batch.wishes} == {key("3"), key("4")}
        assert (batch.is_caught_up, batch.commit({key("3"), key("4")})) == (True, True)
    assert topic.committed(group)[0] == 5


def test_a_topic_that_was_made_anew_is_read_from_its_beginning(topic, group):
    topic.write("a")
    topic.commit(group, 99)  # as of the topic before
    with member(topic.config) as feed:
        batch = feed.read(1000, 15)
        assert [wish.broadcast_key for wish in batch.wishes] == [key("a")]
        assert batch.commit({key("a")})
    assert topic.committed(group)[0] == 1


@pytest.mark.parametrize("is_silent", [True, False])
def test_a_broker_that_is_down_fails_the_read_in_time(kafka, topic, group, is_silent):
    host, port = kafka["bootstrap.servers"].split(":")
    with closing(TcpProxy(host, int(port))) as proxy:
        proxy.is_silent = is_silent
        if not is_silent:
            proxy.refuse()
        began = time.monotonic()
        nowhere = {**kafka, "bootstrap.servers": f"127.0.0.1:{proxy.port}"}
        with (
            pytest.raises(PartUnreachable, match=r"did not let a member join the group airtide\.capture.*airtide doct"),
            member(nowhere) as feed,
        ):
            feed.read(10, 1)
        assert time.monotonic() - began < 2 * DEADLINE_S + 5


def test_a_topic_that_does_not_exist_is_told(kafka, group, monkeypatch):
    monkeypatch.setattr(wishes, "snapshots_topic", lambda _platform: "airtide.snapshots.nowhere.v1")
    with pytest.raises((MisconfiguredError, CredentialsRejected), match="no such topic"), member(kafka) as feed:
        feed.read(10, 1)
