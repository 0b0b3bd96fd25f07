"""What every `SnapshotSink` promises to a poll."""

from __future__ import annotations

import pytest
from tests.contract.conftest import POLLED, WITHOUT_TOPICS
from tests.fakes.observations import TICK, make_batch, make_snapshot, make_sweep

from airtide.bus.encode import encode_snapshot
from airtide.bus.topics import snapshots_topic, sweeps_topic
from airtide.domain.dead_letters import MendedMessage, read_sighting
from airtide.domain.errors import MisconfiguredError, PartUnreachable
from airtide.domain.models import Reject, Sighting


def read_since(bus, before):
    return bus.log.read_batch(make_batch(before, bus.log.describe_topics(POLLED)))


def test_a_broker_that_does_not_answer_fails_the_sweep(bus):
    sink, _ = bus.unreachable()
    with pytest.raises(PartUnreachable):
        sink.publish_snapshots(POLLED, [make_snapshot()])
    with pytest.raises(PartUnreachable):
        sink.publish_snapshots(POLLED, [])
    with pytest.raises(PartUnreachable):
        sink.publish_sweep(make_sweep())
    with pytest.raises(PartUnreachable):
        sink.publish_mended(snapshots_topic(POLLED), [MendedMessage(value=b"{}", key=None, replay_of="0:1")])


def test_a_missing_topic_says_what_makes_it(bus):
    with pytest.raises(MisconfiguredError, match="airtide up"):
        bus.sink.publish_snapshots(WITHOUT_TOPICS, [])
    with pytest.raises(MisconfiguredError, match="airtide up"):
        bus.sink.publish_sweep(make_sweep(platform=WITHOUT_TOPICS))
    with pytest.raises(MisconfiguredError, match="airtide up"):
        bus.sink.publish_mended(sweeps_topic(WITHOUT_TOPICS), [])


def test_the_end_offsets_of_every_partition_come_back(bus):
    ends = bus.sink.publish_snapshots(POLLED, [make_snapshot(f"b{n}") for n in range(10)])
    [snapshots, _] = bus.log.describe_topics(POLLED)
    assert snapshots.topic == snapshots_topic(POLLED)
    assert ends == snapshots.end_offsets
    assert sorted(ends) == [0, 1, 2, 3]


def test_a_sweep_without_snapshots_still_learns_the_end_offsets(bus):
    ends = bus.sink.publish_snapshots(POLLED, [make_snapshot()])
    assert bus.sink.publish_snapshots(POLLED, []) == ends


def test_every_record_is_in_the_log_once(bus):
    before = bus.log.describe_topics(POLLED)
    rejects = [Reject(platform=POLLED, reason="bad", raw=b"%d" % n, channel_id=f"c{n}") for n in range(3)]
    ends = bus.sink.publish_snapshots(POLLED, [*(make_snapshot(f"b{n}") for n in range(40)), *rejects])
    read = read_since(bus, before)
    assert sorted(read.snapshots.broadcast_id) == sorted(f"b{n}" for n in range(40))
    assert sorted(letter.raw for letter in read.dead_letters) == [b"0", b"1", b"2"]
    assert sum(ends.values()) - sum(before[0].end_offsets.values()) == 43


def test_a_channel_keeps_its_partition_and_its_order(bus):
    before = bus.log.describe_topics(POLLED)
    for viewers in range(5):
        bus.sink.publish_snapshots(
            POLLED, [make_snapshot(f"b{c}", channel_id=f"c{c}", viewers=viewers) for c in range(8)]
        )
    columns = read_since(bus, before).snapshots
    for channel in range(8):
        rows = [row for row, channel_id in enumerate(columns.channel_id) if channel_id == f"c{channel}"]
        assert len({columns.topic_partition[row] for row in rows}) == 1
        assert [columns.viewers[row] for row in rows] == [0, 1, 2, 3, 4]


def test_a_title_that_no_store_can_hold_costs_only_its_characters(bus):
    before = bus.log.describe_topics(POLLED)
    bus.sink.publish_snapshots(POLLED, [make_snapshot(title="half \ud83d and \0", tags=("a\0",), channel_id="\udead")])
    read = read_since(bus, before)
    assert read.snapshots.title == ["half \N{REPLACEMENT CHARACTER} and \N{REPLACEMENT CHARACTER}"]
    assert read.snapshots.channel_id == ["\N{REPLACEMENT CHARACTER}"]
    assert read.snapshots.tags == [("a\N{REPLACEMENT CHARACTER}",)]


def test_a_refused_record_says_when_it_was_seen(bus):
    seen = Sighting(sweep_id="chzzk:2026-01-31T12:00:00Z:0badcafe", sampled_at=TICK, fetched_at=TICK, cadence_s=300)
    before = bus.log.describe_topics(POLLED)
    bus.sink.publish_snapshots(POLLED, [Reject(platform=POLLED, reason="bad", raw=b"?", seen=seen)])
    [letter] = read_since(bus, before).dead_letters
    assert read_sighting(letter.headers) == seen


def test_a_mended_message_goes_to_the_partition_of_its_channel(bus):
    before = bus.log.describe_topics(POLLED)
    bus.sink.publish_snapshots(POLLED, [make_snapshot("b1", channel_id="abc")])
    mended = MendedMessage(value=encode_snapshot(make_snapshot("b2", channel_id="abc")), key="abc", replay_of="3:17")
    bus.sink.publish_mended(snapshots_topic(POLLED), [mended])
    read = read_since(bus, before)
    assert (read.snapshots.broadcast_id, read.dead_letters) == (["b1", "b2"], [])
    assert len(set(read.snapshots.topic_partition)) == 1
