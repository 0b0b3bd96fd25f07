"""Landing on parts in memory: what goes where, and what a second try does."""

from __future__ import annotations

import json
import logging
from datetime import timedelta

import pytest
from tests.fakes.bus import MemoryBroker, MemoryLog, MemorySink
from tests.fakes.lake import MemoryStore
from tests.fakes.ledger import MemoryLedger
from tests.fakes.observations import TICK, make_snapshot, make_sweep
from tests.oracle import assert_whole

from airtide.bus.decode import decode_snapshots
from airtide.bus.topics import snapshots_topic, sweeps_topic
from airtide.domain.clock import SetClock
from airtide.domain.errors import Fenced, MessagesLost, OffsetAhead, PartUnreachable, TooManyBadRecords
from airtide.domain.keys import hash_id
from airtide.domain.models import Platform, Reject
from airtide.lake.lake import SnapshotLake
from airtide.pipeline.accept_loss import accept_loss
from airtide.pipeline.dead_letters import restore_message
from airtide.pipeline.land import LandingOutcome, LandingStatus, land_platform
from airtide.pipeline.stop_line import BadRecordLimits

POLLED = Platform.CHZZK
SNAPSHOTS, SWEEPS = snapshots_topic(POLLED), sweeps_topic(POLLED)
CADENCE = timedelta(minutes=5)
LIMITS = BadRecordLimits(max_in_row=500, max_share=0.5, min_for_share=20)


class Parts:
    """A platform's broker, store and ledger, and a clock that stands just after the tick."""

    def __init__(self) -> None:
        self.broker = MemoryBroker([POLLED])
        self.sink = MemorySink(self.broker)
        self.log = MemoryLog(self.broker)
        self.store = MemoryStore()
        self.ledger = MemoryLedger()
        self.clock = SetClock(TICK + timedelta(minutes=1))

    def publish(self, *records) -> None:
        self.sink.publish_snapshots(POLLED, records)

    def land(self, *, max_snapshots: int = 1000, limits: BadRecordLimits = LIMITS, **options) -> LandingOutcome:
        return land_platform(
            POLLED,
            log=self.log,
            lake=SnapshotLake(self.store),
            ledger=self.ledger,
            clock=self.clock,
            max_snapshots=max_snapshots,
            limits=limits,
            **options,
        )

    def assert_whole(self) -> None:
        assert_whole(self.ledger.view, self.store, POLLED)

    def viewers(self) -> dict[str, list[int | None]]:
        """Return the samples' viewers in time order, by the broadcast's key."""
        found: dict[str, list[int | None]] = {}
        for (_, key), row in sorted(self.ledger.view.samples.items()):
            found.setdefault(key, []).append(row.viewers)
        return found


@pytest.fixture
def parts() -> Parts:
    return Parts()


def key_of(broadcast_id: str) -> int:
    return hash_id(POLLED, broadcast_id)


def test_a_broker_that_is_down_is_an_error_and_not_an_empty_landing(parts):
    parts.broker.is_down = True
    with pytest.raises(PartUnreachable):
        parts.land()


def test_a_store_that_is_down_leaves_the_batch_planned_and_nothing_landed(parts):
    parts.publish(make_snapshot())
    parts.store.is_down = True
    with pytest.raises(PartUnreachable):
        parts.land()
    assert [row.state for row in parts.ledger.view.batches.values()] == ["planned"]
    assert parts.ledger.view.samples == {}


def test_too_many_bad_messages_stop_the_line_before_anything_is_written(parts):
    parts.publish(*(make_snapshot(f"b{n}") for n in range(20)))
    for _ in range(21):
        parts.broker.append(SNAPSHOTS, 0, b"not json")
    with pytest.raises(TooManyBadRecords, match="21 of 41 snapshot messages"):
        parts.land()
    assert parts.store.objects == {}
    view = parts.ledger.view
    assert (view.samples, view.dead_letters, set(parts.ledger.read_positions(POLLED).values())) == ({}, {}, {0})
    assert [row.state for row in view.batches.values()] == ["planned"]
    outcome = parts.land(limits=BadRecordLimits(max_in_row=500, max_share=1, min_for_share=20))
    assert (outcome.batches, outcome.samples, outcome.dead_letters) == (1, 20, 21)
    parts.assert_whole()


def test_records_that_the_poll_refused_stop_no_line(parts):
    parts.publish(*(Reject(platform=POLLED, reason="no id", raw=b"{}") for _ in range(600)), make_snapshot())
    outcome = parts.land()
    assert (outcome.dead_letters, outcome.samples) == (600, 1)


def test_nothing_new_is_nothing_to_land(parts):
    outcome = parts.land()
    assert (outcome.status, outcome.batches) == (LandingStatus.NOTHING_TO_LAND, 0)
    assert outcome.to_dict()["status"] == "nothing to land"


def test_everything_that_is_there_at_the_start_lands_batch_after_batch(parts):
    parts.publish(*(make_snapshot(f"b{n}") for n in range(50)))
    parts.sink.publish_sweep(make_sweep(snapshots=50))
    outcome = parts.land(max_snapshots=20)
    assert (outcome.status, outcome.batches, outcome.samples, outcome.sweeps) == (LandingStatus.LANDED, 3, 50, 1)
    assert parts.land().status is LandingStatus.NOTHING_TO_LAND
    parts.assert_whole()


def test_landed_positions_are_noted_for_lag_monitors(parts):
    parts.publish(make_snapshot())
    parts.land()
    assert parts.broker.group_offsets[f"airtide.land-{POLLED}"] == parts.ledger.read_positions(POLLED)


def test_what_is_older_than_the_raw_age_is_counted_and_written_nowhere(parts):
    long_ago = TICK - parts.ledger.raw_age - CADENCE
    parts.publish(make_snapshot("old", sampled_at=long_ago), make_snapshot("new"))
    parts.sink.publish_sweep(make_sweep(sampled_at=long_ago))
    outcome = parts.land()
    assert (outcome.expired, outcome.samples, outcome.sweeps) == (2, 1, 0)
    assert len(parts.store.objects) == 1
    assert list(parts.ledger.view.broadcasts) == [key_of("new")]
    parts.assert_whole()


def test_a_tick_in_the_future_is_a_dead_letter_that_holds_the_message(parts):
    ahead = make_snapshot("early", sampled_at=TICK + timedelta(minutes=7), title="곧 시작", tags=("a",))
    parts.publish(ahead, make_snapshot("b1", sampled_at=TICK + timedelta(minutes=6)))
    outcome = parts.land()
    assert (outcome.dead_letters, outcome.samples) == (1, 1)
    assert list(parts.ledger.view.dead_letters.values()) == ["future"]
    [letter] = parts.ledger.letters
    assert json.loads(letter.raw)["title"] == "곧 시작"
    assert "raw is written anew" in letter.detail
    parts.assert_whole()


def test_a_dead_letter_s_bytes_are_the_message_again(parts):
    parts.publish(
        make_snapshot(
            title='제목 " \\ \n',
            viewers=None,
            started_at=TICK - timedelta(milliseconds=1),
            tags=("하나", "two"),
            is_mature=False,
            category_id="game",
        )
    )
    [partition] = [p for p in parts.broker.partitions(SNAPSHOTS) if p.records]
    first, _ = decode_snapshots(POLLED, partition.records)
    again = partition.records[0]._replace(value=restore_message(POLLED, first, 0))
    assert decode_snapshots(POLLED, [again]) == (first, [])
    assert json.loads(again.value) == json.loads(partition.records[0].value)


def test_a_record_refused_by_its_parser_is_a_dead_letter_and_the_rest_lands(parts):
    parts.publish(Reject(platform=POLLED, reason="no id", raw=b"{}"), make_snapshot())
    outcome = parts.land()
    assert (outcome.dead_letters, outcome.samples) == (1, 1)
    assert list(parts.ledger.view.dead_letters.values()) == ["no id"]
    parts.assert_whole()


def test_a_message_with_an_end_is_no_sample_and_ends_its_broadcast(parts):
    ended_at = TICK + timedelta(minutes=3)
    parts.publish(
        make_snapshot(),
        make_snapshot(sampled_at=TICK + CADENCE, viewers=None, ended_at=ended_at),
    )
    outcome = parts.land()
    assert outcome.samples == 1
    bounds = parts.ledger.view.broadcasts[key_of("b1")]
    assert (bounds.ended_at_ms, bounds.ended_by) == (ended_at.timestamp() * 1000, "site")
    assert bounds.last_sampled_at_ms == TICK.timestamp() * 1000
    assert sum(rows for _, rows, _ in parts.ledger.view.objects.values()) == 2
    parts.assert_whole()


def test_of_two_samples_of_one_tick_the_lowest_offset_stays_within_a_batch(parts):
    parts.publish(make_snapshot(viewers=1), make_snapshot(viewers=2), make_snapshot(viewers=3))
    assert parts.land().samples == 1
    assert parts.viewers() == {key_of("b1"): [1]}
    parts.assert_whole()


def test_of_two_samples_of_one_tick_the_first_to_land_stays_across_batches(parts):
    parts.publish(make_snapshot(viewers=1))
    parts.land()
    parts.publish(make_snapshot(viewers=2), make_snapshot(viewers=5, sampled_at=TICK + CADENCE))
    outcome = parts.land()
    assert (outcome.samples, outcome.duplicate_samples) == (1, 1)
    assert parts.viewers() == {key_of("b1"): [1, 5]}
    parts.assert_whole()


def test_a_batch_s_counts_add_up_to_its_messages(parts):
    long_ago = TICK - parts.ledger.raw_age - CADENCE
    parts.publish(
        make_snapshot(),
        make_snapshot(),
        make_snapshot(ended_at=TICK),
        make_snapshot("old", sampled_at=long_ago),
        make_snapshot("early", sampled_at=TICK + timedelta(hours=1)),
        Reject(platform=POLLED, reason="no id", raw=b"{}"),
    )
    parts.sink.publish_sweep(make_sweep())
    parts.sink.publish_sweep(make_sweep(sampled_at=long_ago))
    parts.land()
    [row] = parts.ledger.view.batches.values()
    assert (row.snapshots, row.dead_letters, row.expired) == (3, 2, 2)
    assert sum(part.end_offset - part.start_offset for part in row.ranges) == 3 + 2 + 2 + 1
    parts.assert_whole()


def test_hidden_viewers_stay_hidden(parts):
    parts.publish(make_snapshot(viewers=None))
    parts.land()
    assert parts.viewers() == {key_of("b1"): [None]}


def test_the_start_is_the_earliest_one_that_any_message_tells(parts):
    early, late = TICK - timedelta(hours=3), TICK - timedelta(hours=1)
    parts.publish(
        make_snapshot(started_at=late),
        make_snapshot(started_at=early),
        make_snapshot(started_at=None, sampled_at=TICK + CADENCE),
    )
    parts.land()
    assert parts.ledger.view.broadcasts[key_of("b1")].started_at_ms == early.timestamp() * 1000


def test_each_sample_names_the_attributes_that_it_was_seen_with(parts):
    parts.publish(
        make_snapshot(title="one"),
        make_snapshot(title="two", sampled_at=TICK + CADENCE),
        make_snapshot(title="one", sampled_at=TICK + 2 * CADENCE),
    )
    parts.clock.set(TICK + timedelta(hours=1))
    parts.land()
    titles = [parts.ledger.view.details[row.detail_key][2] for _, row in sorted(parts.ledger.view.samples.items())]
    assert titles == ["one", "two", "one"]


def test_attributes_count_from_their_first_sample_even_if_it_lands_last(parts):
    parts.clock.set(TICK + timedelta(hours=1))
    parts.publish(make_snapshot(sampled_at=TICK + CADENCE))
    parts.land()
    parts.publish(make_snapshot(sampled_at=TICK))
    parts.land()
    [(_, seen_ms, *_)] = parts.ledger.view.details.values()
    assert seen_ms == TICK.timestamp() * 1000


def test_a_channel_has_the_name_that_was_seen_last(parts):
    parts.clock.set(TICK + timedelta(hours=1))
    parts.publish(make_snapshot(channel_name="new", sampled_at=TICK + CADENCE), make_snapshot(channel_name="old"))
    parts.land()
    parts.publish(make_snapshot("b2", channel_id="channel of b1", channel_name="oldest", sampled_at=TICK - CADENCE))
    parts.land()
    assert parts.ledger.view.channels == {"channel of b1": (None, "new")}


@pytest.mark.parametrize("at_once", [True, False])
def test_a_name_that_newer_ticks_do_not_tell_stays_however_many_come_at_once(parts, at_once):
    parts.publish(make_snapshot(channel_name="told", category_id="c1", category_name="told"))
    if not at_once:
        parts.land()
    parts.publish(make_snapshot(channel_name=None, category_id="c1", category_name=None, sampled_at=TICK + CADENCE))
    parts.land()
    assert parts.ledger.view.channels == {"channel of b1": (None, "told")}
    assert parts.ledger.view.categories == {"c1": "told"}


def test_an_id_whose_key_belongs_to_another_is_a_dead_letter_and_the_rest_lands(parts):
    parts.ledger.taken_keys[key_of("b1")] = "another"
    parts.publish(make_snapshot("b1"), make_snapshot("b2"))
    outcome = parts.land()
    assert (outcome.dead_letters, outcome.samples) == (1, 1)
    assert list(parts.ledger.view.dead_letters.values()) == ["key_collision"]
    assert list(parts.ledger.view.broadcasts) == [key_of("b2")]
    parts.assert_whole()


def test_a_batch_that_was_planned_before_is_read_again_as_it_was(parts):
    parts.publish(make_snapshot("b1"))
    parts.ledger.fail_before_commit = PartUnreachable("gone")
    with pytest.raises(PartUnreachable):
        parts.land()
    written = dict(parts.store.objects)
    parts.publish(make_snapshot("b1", sampled_at=TICK + CADENCE))
    parts.clock.set(TICK + timedelta(hours=1))
    outcome = parts.land()
    assert (outcome.batches, outcome.samples) == (2, 2)
    assert written.items() <= parts.store.objects.items()
    parts.assert_whole()


def test_what_a_retry_writes_does_not_depend_on_when_it_runs(parts):
    at_the_edge = TICK - parts.ledger.raw_age + CADENCE
    parts.publish(make_snapshot("edge", sampled_at=at_the_edge), make_snapshot("b1"))
    parts.ledger.fail_before_commit = PartUnreachable("gone")
    with pytest.raises(PartUnreachable):
        parts.land()
    parts.clock.set(TICK + timedelta(hours=1))
    outcome = parts.land()
    assert (outcome.samples, outcome.expired) == (1, 0)
    assert_whole(parts.ledger.view, parts.store, POLLED, oldest=TICK + timedelta(hours=1) - parts.ledger.raw_age)


def test_a_commit_that_nobody_could_confirm_is_not_landed_twice(parts):
    parts.publish(make_snapshot())
    parts.ledger.fail_after_commit = PartUnreachable("no answer")
    with pytest.raises(PartUnreachable):
        parts.land()
    assert parts.land().status is LandingStatus.NOTHING_TO_LAND
    assert len(parts.ledger.view.samples) == 1
    parts.assert_whole()


def test_the_second_of_two_landings_of_one_batch_is_fenced_and_says_so(parts):
    parts.publish(make_snapshot())
    parts.ledger.fail_before_commit = Fenced("another run was first")
    outcome = parts.land()
    assert (outcome.status, outcome.samples) == (LandingStatus.FENCED, 0)
    assert parts.land().samples == 1


def test_a_landing_out_of_time_stops_between_batches_and_the_next_goes_on(parts):
    parts.publish(*(make_snapshot(f"b{n}") for n in range(50)))
    outcome = parts.land(max_snapshots=10, deadline_s=0)
    assert (outcome.status, outcome.samples) == (LandingStatus.OUT_OF_TIME, 0)
    assert parts.land().samples == 50
    parts.assert_whole()


def test_end_offsets_that_another_landing_has_passed_are_asked_for_again(parts):
    parts.publish(make_snapshot())
    stale = parts.log.describe_topics(POLLED)
    parts.publish(make_snapshot("b2"))
    parts.land()
    answers = [stale]
    fresh = parts.log.describe_topics
    parts.log.describe_topics = lambda platform: answers.pop() if answers else fresh(platform)
    assert parts.land().status is LandingStatus.NOTHING_TO_LAND


def test_a_log_that_ends_before_the_position_is_refused(parts):
    parts.publish(make_snapshot())
    parts.land()
    for partition in parts.broker.partitions(SNAPSHOTS):
        partition.records.clear()
    with pytest.raises(OffsetAhead, match=f"airtide_kafka .*`airtide accept-loss {POLLED}`"):
        parts.land()


def test_a_log_cut_short_is_landed_again_and_its_offsets_mean_other_messages(parts):
    parts.clock.set(TICK + timedelta(hours=2))
    parts.publish(*(make_snapshot("b1", sampled_at=TICK + n * CADENCE, viewers=n) for n in range(4)))
    [number] = [n for n, partition in enumerate(parts.broker.partitions(SNAPSHOTS)) if partition.records]
    parts.broker.append(SNAPSHOTS, number, b"not json")
    parts.land()
    parts.broker.cut(SNAPSHOTS, number, 2)
    parts.publish(make_snapshot("b1", sampled_at=TICK + 8 * CADENCE, viewers=8))
    accept_loss(POLLED, log=parts.log, ledger=parts.ledger, clock=parts.clock)
    parts.publish(make_snapshot("b1", sampled_at=TICK + 9 * CADENCE, viewers=9))
    parts.broker.append(SNAPSHOTS, number, b"not json either")
    outcome = parts.land()
    assert (outcome.samples, outcome.duplicate_samples, outcome.dead_letters) == (2, 2, 1)
    assert parts.viewers() == {key_of("b1"): [0, 1, 2, 3, 8, 9]}
    assert [key[1:] for key in parts.ledger.view.dead_letters] == [
        ("topic-1", number, 4),
        ("topic-1~2", number, 4),
    ]
    assert len(parts.store.objects) == 2
    parts.assert_whole()


def test_lost_messages_stop_the_landing_until_they_are_given_up(parts):
    parts.publish(make_snapshot("b1"))
    [number] = [n for n, partition in enumerate(parts.broker.partitions(SNAPSHOTS)) if partition.records]
    parts.ledger.plan_batch(POLLED, parts.log.describe_topics(POLLED), max_snapshots=10, now=TICK)
    parts.publish(make_snapshot("b1", sampled_at=TICK + CADENCE))
    parts.broker.drop_before(SNAPSHOTS, number, 1)
    with pytest.raises(MessagesLost, match=f"no longer holds 1 messages .* `airtide accept-loss {POLLED}`"):
        parts.land()
    accepted = accept_loss(POLLED, log=parts.log, ledger=parts.ledger, clock=parts.clock)
    lost = [loss.gone for loss in accepted.losses]
    assert [(part.topic, part.start_offset, part.end_offset) for part in lost] == [(SNAPSHOTS, 0, 1)]
    parts.clock.set(TICK + timedelta(hours=1))
    assert parts.land().samples == 1
    parts.assert_whole()


def test_nothing_lost_is_nothing_given_up(parts):
    parts.publish(make_snapshot())
    planned = parts.ledger.plan_batch(POLLED, parts.log.describe_topics(POLLED), max_snapshots=10, now=TICK)
    assert list(accept_loss(POLLED, log=parts.log, ledger=parts.ledger, clock=parts.clock).losses) == []
    assert parts.ledger.view.batches[planned.batch_id].state == "planned"


def test_each_batch_is_one_line_with_its_size_and_what_waits_behind_it(parts, caplog):
    caplog.set_level(logging.INFO, logger="airtide.pipeline.land")
    parts.publish(*(make_snapshot(f"b{n}", channel_id="one") for n in range(5)))
    assert parts.land(max_snapshots=3).messages == 5
    told = [record.getMessage() for record in caplog.records]
    assert [line.split(" samples=")[0] for line in told] == [
        "landed platform=chzzk batch_id=1 messages=3 seconds=0.00 messages_per_s=unknown lag_messages=2",
        "landed platform=chzzk batch_id=2 messages=2 seconds=0.00 messages_per_s=unknown lag_messages=0",
    ]
