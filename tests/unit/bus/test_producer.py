from __future__ import annotations

import logging

import pytest
from confluent_kafka import KafkaError, KafkaException
from tests.fakes.observations import make_snapshot, make_sweep

from airtide.bus import producer as producer_module
from airtide.bus.link import BrokerLink
from airtide.bus.offsets import TopicLayout
from airtide.bus.producer import MOST_RAW_BYTES, RAW_BYTES_HEADER, KafkaSink
from airtide.bus.records import REJECT_HEADER
from airtide.domain.errors import MisconfiguredError, PartUnreachable
from airtide.domain.models import Platform, Reject


class ScriptedProducer:
    """Acknowledges what is produced, except as told."""

    def __init__(
        self,
        *,
        refuse: KafkaError | None = None,
        fail: dict[int, int] | None = None,
        keep: int = 0,
        queue: int = 1000,
    ) -> None:
        self.refuse, self.fail, self.keep, self.queue = refuse, fail or {}, keep, queue
        self.produced, self.waiting, self.calls = [], [], []

    def produce(self, topic, value, key, *, headers, on_delivery):
        if self.refuse:
            raise KafkaException(self.refuse)
        if len(self.waiting) == self.queue:
            raise BufferError("queue full")
        self.waiting.append((len(self.produced), on_delivery))
        self.produced.append((topic, key, value, headers))

    def poll(self, timeout):
        self.calls.append("poll")
        self._serve(0)

    def flush(self, timeout):
        self.calls.append("flush")
        self._serve(self.keep)
        return len(self.waiting)

    def _serve(self, keep):
        while len(self.waiting) > keep:
            number, report = self.waiting.pop(0)
            report(KafkaError(self.fail[number]) if number in self.fail else None, None)

    def purge(self):
        self.calls.append("purge")

    def close(self):
        self.calls.append("close")


@pytest.fixture
def producers(monkeypatch):
    """The producers that the sink will open, in order; no broker behind them."""
    opened = []
    monkeypatch.setattr(BrokerLink, "build_producer", lambda _link, _own: opened.pop(0))
    monkeypatch.setattr(
        producer_module,
        "read_layouts",
        lambda _link, topics, _deadline: [TopicLayout(topic=topics[0], topic_id="i", topic_partitions=[0, 1])],
    )
    monkeypatch.setattr(producer_module, "read_end_offsets", lambda *_args, **_kwargs: {0: 5, 1: 9})
    return opened


@pytest.fixture
def sink():
    return KafkaSink({"bootstrap.servers": "broker:9092"}, deadline_s=0.2)


def snapshots(count):
    return [make_snapshot(f"b{n}") for n in range(count)]


def test_one_failed_report_fails_the_sweep(sink, producers):
    producers.append(ScriptedProducer(fail={4: KafkaError.NOT_ENOUGH_REPLICAS}))
    with pytest.raises(PartUnreachable, match=r"acknowledge 1 of 10 messages for airtide\.snapshots\.chzzk\.v1"):
        sink.publish_snapshots(Platform.CHZZK, snapshots(10))


def test_messages_without_a_report_fail_the_sweep(sink, producers):
    producers.append(ScriptedProducer(keep=2))
    with pytest.raises(PartUnreachable, match="acknowledge 2 of 3 messages"):
        sink.publish_snapshots(Platform.CHZZK, snapshots(3))


def test_a_sweep_record_without_a_report_fails_too(sink, producers):
    producers.append(ScriptedProducer(keep=1))
    with pytest.raises(PartUnreachable, match=r"airtide\.sweeps\.chzzk\.v1"):
        sink.publish_sweep(make_sweep())


def test_a_queue_that_never_empties_fails_within_the_deadline(sink, producers):
    stuck = ScriptedProducer(queue=3)
    stuck.poll = lambda timeout: None
    producers.append(stuck)
    with pytest.raises(PartUnreachable, match="take message 4"):
        sink.publish_snapshots(Platform.CHZZK, snapshots(5))


def test_a_message_too_large_is_no_broker_that_is_down(sink, producers):
    producers.append(ScriptedProducer(refuse=KafkaError(KafkaError.MSG_SIZE_TOO_LARGE)))
    with pytest.raises(MisconfiguredError, match="larger than"):
        sink.publish_snapshots(Platform.CHZZK, snapshots(1))


@pytest.mark.parametrize(
    "broken",
    [
        ScriptedProducer(keep=1),
        ScriptedProducer(fail={0: KafkaError._MSG_TIMED_OUT}),
        ScriptedProducer(refuse=KafkaError(KafkaError._FATAL)),
    ],
    ids=["unreported", "failed", "refused"],
)
def test_a_failed_sweep_leaves_nothing_that_a_later_call_could_deliver(sink, producers, broken):
    fresh = ScriptedProducer()
    producers += [broken, fresh]
    with pytest.raises(PartUnreachable):
        sink.publish_snapshots(Platform.CHZZK, snapshots(2))
    assert broken.calls[-2:] == ["purge", "close"]
    sink.publish_snapshots(Platform.CHZZK, snapshots(1))
    assert len(fresh.produced) == 1


def test_a_record_that_cannot_be_written_abandons_the_sweep(sink, producers):
    broken = ScriptedProducer()
    producers.append(broken)
    naive = make_snapshot().sampled_at.replace(tzinfo=None)
    with pytest.raises(ValueError, match="no time zone"):
        sink.publish_snapshots(Platform.CHZZK, [*snapshots(2), make_snapshot("b9", sampled_at=naive)])
    assert broken.calls[-2:] == ["purge", "close"]


def test_a_full_queue_is_waited_for(sink, producers):
    producers.append(scripted := ScriptedProducer(queue=3))
    assert sink.publish_snapshots(Platform.CHZZK, snapshots(10)) == {0: 5, 1: 9}
    assert len(scripted.produced) == 10
    assert "poll" in scripted.calls


def test_one_producer_serves_every_call_until_it_is_closed(sink, producers):
    producers += [first := ScriptedProducer(), second := ScriptedProducer()]
    with sink:
        sink.publish_snapshots(Platform.CHZZK, snapshots(1))
        sink.publish_sweep(make_sweep())
    assert (len(first.produced), first.calls[-1]) == (2, "close")
    sink.publish_sweep(make_sweep())
    assert len(second.produced) == 1


def test_keys_are_channels_and_refused_records_carry_their_reason(sink, producers):
    producers.append(scripted := ScriptedProducer())
    sink.publish_snapshots(
        Platform.CHZZK,
        [
            make_snapshot("b1", channel_id="채널"),
            Reject(platform=Platform.CHZZK, reason="no_title", raw=b"{}", channel_id="c2"),
            Reject(platform=Platform.CHZZK, reason="no_id", raw=b"?"),
        ],
    )
    assert [(key, headers) for _, key, _, headers in scripted.produced] == [
        ("채널".encode(), []),
        (b"c2", [(REJECT_HEADER, "no_title")]),
        (None, [(REJECT_HEADER, "no_id")]),
    ]
    assert [value for _, _, value, _ in scripted.produced[1:]] == [b"{}", b"?"]


def test_a_refused_record_larger_than_a_message_is_cut_and_says_so(sink, producers):
    producers.append(scripted := ScriptedProducer())
    huge = Reject(platform=Platform.CHZZK, reason="odd", raw=b"x" * (MOST_RAW_BYTES + 1))
    sink.publish_snapshots(Platform.CHZZK, [huge])
    [(_, _, value, headers)] = scripted.produced
    assert len(value) == MOST_RAW_BYTES
    assert headers == [(REJECT_HEADER, "odd"), (RAW_BYTES_HEADER, str(MOST_RAW_BYTES + 1))]


def test_what_is_published_is_one_line_with_its_size(sink, producers, caplog):
    caplog.set_level(logging.INFO, logger="airtide.bus.producer")
    producers.append(ScriptedProducer())
    sink.publish_snapshots(Platform.CHZZK, [make_snapshot("b1"), make_snapshot("b2")])
    [line] = [record.getMessage() for record in caplog.records]
    assert line.startswith("published topic=airtide.snapshots.chzzk.v1 messages=2 seconds=")
