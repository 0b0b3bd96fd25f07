"""What every `SnapshotLog` promises to a landing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.contract.conftest import POLLED, WITHOUT_TOPICS
from tests.fakes.observations import TICK, make_batch, make_snapshot, make_sweep

from airtide.bus.encode import encode_snapshot
from airtide.bus.topics import snapshots_topic, sweeps_topic
from airtide.domain.batches import Batch, OffsetRange
from airtide.domain.errors import MessagesLost, MisconfiguredError, OffsetAhead, PartUnreachable, TopicReplaced
from airtide.domain.models import Platform, Reject

SNAPSHOTS, SWEEPS = snapshots_topic(POLLED), sweeps_topic(POLLED)


def batch_of(*ranges: OffsetRange) -> Batch:
    return Batch(batch_id=1, platform=POLLED, ranges=ranges, topic_ids={}, planned_at=TICK)


def test_a_broker_that_does_not_answer_is_never_an_empty_answer(bus):
    _, log = bus.unreachable()
    wanted = batch_of(OffsetRange(topic=SNAPSHOTS, topic_partition=0, start_offset=0, end_offset=1))
    with pytest.raises(PartUnreachable):
        log.describe_topics(POLLED)
    with pytest.raises(PartUnreachable):
        log.read_batch(wanted)


def test_positions_that_cannot_be_noted_fail_nothing(bus):
    _, log = bus.unreachable()
    log.note_positions(POLLED, {(SNAPSHOTS, 0): 1})


def test_missing_topics_say_what_makes_them(bus):
    with pytest.raises(MisconfiguredError, match="airtide up"):
        bus.log.describe_topics(WITHOUT_TOPICS)


def test_both_topics_are_described_with_every_partition(bus):
    snapshots, sweeps = bus.log.describe_topics(POLLED)
    assert (snapshots.topic, sorted(snapshots.low_offsets), sorted(snapshots.end_offsets)) == (
        SNAPSHOTS,
        [0, 1, 2, 3],
        [0, 1, 2, 3],
    )
    assert (sweeps.topic, sorted(sweeps.low_offsets), sorted(sweeps.end_offsets)) == (SWEEPS, [0], [0])
    assert snapshots.topic_id != sweeps.topic_id


def test_the_id_of_a_topic_stays(bus):
    ids = [[facts.topic_id for facts in bus.log.describe_topics(POLLED)] for _ in range(2)]
    assert ids[0] == ids[1]


def test_a_batch_holds_its_ranges_and_nothing_around_them(bus):
    bus.sink.publish_snapshots(POLLED, [make_snapshot(f"before {n}") for n in range(20)])
    before = bus.log.describe_topics(POLLED)
    bus.sink.publish_snapshots(POLLED, [make_snapshot(f"inside {n}") for n in range(20)])
    after = bus.log.describe_topics(POLLED)
    bus.sink.publish_snapshots(POLLED, [make_snapshot(f"behind {n}") for n in range(20)])

    read = bus.log.read_batch(make_batch(before, after))

    assert sorted(read.snapshots.broadcast_id) == sorted(f"inside {n}" for n in range(20))
    assert (read.sweeps, read.dead_letters) == ([], [])


def test_messages_come_by_partition_and_offset_without_a_gap(bus):
    before = bus.log.describe_topics(POLLED)
    bus.sink.publish_snapshots(POLLED, [make_snapshot(f"b{n}") for n in range(50)])
    batch = make_batch(before, bus.log.describe_topics(POLLED))

    columns = bus.log.read_batch(batch).snapshots

    places = list(zip(columns.topic_partition, columns.record_offset, strict=True))
    assert places == [
        (r.topic_partition, offset)
        for r in batch.ranges
        if r.topic == SNAPSHOTS
        for offset in range(r.start_offset, r.end_offset)
    ]


def test_a_batch_read_again_is_the_same(bus):
    before = bus.log.describe_topics(POLLED)
    bus.sink.publish_snapshots(POLLED, [make_snapshot(f"b{n}") for n in range(30)])
    bus.sink.publish_sweep(make_sweep())
    batch = make_batch(before, bus.log.describe_topics(POLLED))
    first = bus.log.read_batch(batch)
    bus.sink.publish_snapshots(POLLED, [make_snapshot(f"later {n}") for n in range(30)])
    assert bus.log.read_batch(batch) == first


def test_batches_follow_one_another(bus):
    found = []
    for n in range(3):
        before = bus.log.describe_topics(POLLED)
        bus.sink.publish_snapshots(POLLED, [make_snapshot(f"round {n}")])
        found += bus.log.read_batch(make_batch(before, bus.log.describe_topics(POLLED))).snapshots.broadcast_id
    assert found == ["round 0", "round 1", "round 2"]


def test_a_batch_of_empty_ranges_is_empty(bus):
    facts = bus.log.describe_topics(POLLED)
    read = bus.log.read_batch(make_batch(facts, facts))
    assert (len(read.snapshots), read.sweeps, read.dead_letters) == (0, [], [])


def test_a_sweep_comes_with_its_offset(bus):
    before = bus.log.describe_topics(POLLED)
    sweep = make_sweep(end_offsets={0: 5, 1: 0}, spend={"default": 7}, absent=("a", "b"), error="page 3: HTTP 502")
    bus.sink.publish_sweep(sweep)
    batch = make_batch(before, bus.log.describe_topics(POLLED))
    [record] = bus.log.read_batch(batch).sweeps
    assert record.sweep == sweep
    assert (record.topic_partition, record.record_offset) == (0, before[1].end_offsets[0])


def test_a_bad_message_becomes_a_dead_letter_and_the_rest_goes_on(bus):
    before = bus.log.describe_topics(POLLED)
    bus.append(SNAPSHOTS, 2, encode_snapshot(make_snapshot("good 1")))
    bus.append(SNAPSHOTS, 2, b'{"v": 1', [("trace", b"7")])
    bus.append(SNAPSHOTS, 2, None)
    bus.append(SNAPSHOTS, 2, encode_snapshot(make_snapshot("good 2")))

    read = bus.log.read_batch(make_batch(before, bus.log.describe_topics(POLLED)))

    start = before[0].end_offsets[2]
    assert read.snapshots.broadcast_id == ["good 1", "good 2"]
    assert [(d.topic, d.topic_partition, d.record_offset, d.reason, d.raw) for d in read.dead_letters] == [
        (SNAPSHOTS, 2, start + 1, "not_json", b'{"v": 1'),
        (SNAPSHOTS, 2, start + 2, "no_value", None),
    ]
    assert list(read.dead_letters[0].headers) == [("trace", b"7")]


def test_a_record_that_a_parser_refused_keeps_its_bytes_and_its_reason(bus):
    before = bus.log.describe_topics(POLLED)
    bus.sink.publish_snapshots(POLLED, [Reject(platform=POLLED, reason="no_broadcast_id", raw=b'{"live": 1}')])
    [letter] = bus.log.read_batch(make_batch(before, bus.log.describe_topics(POLLED))).dead_letters
    assert (letter.reason, letter.raw) == ("no_broadcast_id", b'{"live": 1}')


def test_a_message_of_another_platform_is_a_dead_letter(bus):
    before = bus.log.describe_topics(POLLED)
    bus.append(SNAPSHOTS, 0, encode_snapshot(make_snapshot(platform=Platform.TWITCH)))
    read = bus.log.read_batch(make_batch(before, bus.log.describe_topics(POLLED)))
    assert [d.reason for d in read.dead_letters] == ["wrong_platform"]
    assert len(read.snapshots) == 0


def test_messages_that_are_gone_are_told_and_never_skipped(bus):
    before = bus.log.describe_topics(POLLED)
    for n in range(5):
        bus.append(SNAPSHOTS, 1, encode_snapshot(make_snapshot(f"b{n}")))
    batch = make_batch(before, bus.log.describe_topics(POLLED))
    bus.drop_before(SNAPSHOTS, 1, before[0].end_offsets[1] + 3)
    with pytest.raises(MessagesLost, match=SNAPSHOTS):
        bus.log.read_batch(batch)
    assert bus.log.describe_topics(POLLED)[0].low_offsets[1] == before[0].end_offsets[1] + 3


@pytest.mark.parametrize("ahead", [0, 1], ids=["the end lies beyond the log", "the start does"])
def test_a_log_that_ends_before_the_batch_is_told(bus, ahead):
    end = bus.log.describe_topics(POLLED)[0].end_offsets[3]
    wanted = OffsetRange(topic=SNAPSHOTS, topic_partition=3, start_offset=end + ahead, end_offset=end + ahead + 1)
    with pytest.raises(OffsetAhead, match=SNAPSHOTS):
        bus.log.read_batch(batch_of(wanted))


def test_messages_of_another_topic_of_the_same_name_are_never_taken_for_the_batch_s(bus):
    before = bus.log.describe_topics(POLLED)
    bus.append(SNAPSHOTS, 1, encode_snapshot(make_snapshot()))
    batch = make_batch(before, bus.log.describe_topics(POLLED))
    earlier = replace(batch, topic_ids={**batch.topic_ids, SNAPSHOTS: "the topic before"})
    with pytest.raises(TopicReplaced, match=SNAPSHOTS):
        bus.log.read_batch(earlier)
    cut_short_once = replace(batch, topic_ids={name: f"{topic_id}~2" for name, topic_id in batch.topic_ids.items()})
    assert len(bus.log.read_batch(cut_short_once).snapshots) == 1


def test_noted_positions_are_the_groups_offsets(bus):
    bus.log.note_positions(POLLED, {(SNAPSHOTS, 0): 7, (SWEEPS, 0): 1})
    bus.log.note_positions(POLLED, {(SNAPSHOTS, 0): 9})
    noted = bus.read_noted(POLLED)
    assert (noted[SNAPSHOTS, 0], noted[SWEEPS, 0]) == (9, 1)


def test_every_field_of_a_snapshot_arrives(bus):
    before = bus.log.describe_topics(POLLED)
    snapshot = make_snapshot(
        viewers=None,
        channel_handle="@handle",
        channel_name="방송 채널",
        title="제목 🎮",
        category_id="c1",
        category_name="게임",
        language="ko",
        fetched_at=TICK + timedelta(milliseconds=1500),
        started_at=TICK - timedelta(hours=3),
        ended_at=TICK + timedelta(seconds=1),
        thumbnail_url="https://pictures.invalid/1.jpg",
        watch_url="https://site.invalid/1",
        is_mature=True,
        tags=("한국어", "fps"),
        flags=("possibly_hidden",),
    )
    bus.sink.publish_snapshots(POLLED, [snapshot])
    columns = bus.log.read_batch(make_batch(before, bus.log.describe_topics(POLLED))).snapshots
    tick_ms = int(TICK.timestamp()) * 1000
    assert list(columns.sampled_at_ms) == [tick_ms]
    assert list(columns.fetched_at_ms) == [tick_ms + 1500]
    assert columns.started_at_ms == [tick_ms - 3 * 3_600_000]
    assert columns.ended_at_ms == [tick_ms + 1000]
    same = "viewers channel_handle channel_name title category_id category_name language thumbnail_url watch_url"
    for name in f"{same} is_mature tags flags sweep_id broadcast_id channel_id cadence_s".split():
        assert getattr(columns, name) == [getattr(snapshot, name)]
