"""Dead letters sent back, on parts in memory and by the parsers of today: mended they land, else nothing is sent."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.fakes.bus import MemoryBroker, MemoryLog, MemorySink
from tests.fakes.lake import MemoryStore
from tests.fakes.ledger import MemoryLedger
from tests.fakes.letters import MemoryLetters
from tests.fakes.observations import TICK, make_snapshot, make_sweep
from tests.oracle import assert_whole
from tests.unit.platforms.parser_cases import read_full_record, write_record

from airtide.bus.encode import encode_snapshot, encode_sweep
from airtide.bus.reread import MessageCodec
from airtide.bus.topics import snapshots_topic, sweeps_topic
from airtide.domain.clock import SetClock
from airtide.domain.dead_letters import KeptLetter, LetterQuery
from airtide.domain.errors import PartUnreachable
from airtide.domain.keys import hash_id
from airtide.domain.models import Platform, Reject, Sighting
from airtide.lake.lake import SnapshotLake
from airtide.pipeline.land import LandingOutcome, land_platform
from airtide.pipeline.mend import Mender
from airtide.pipeline.replay import MOST_REASONS, OTHER, PAGE, ReplayOutcome, replay_letter, replay_letters
from airtide.pipeline.stop_line import BadRecordLimits
from airtide.platforms.reparse import parse_again

POLLED = Platform.CHZZK
SNAPSHOTS, SWEEPS = snapshots_topic(POLLED), sweeps_topic(POLLED)
QUERY = LetterQuery(topics=(SNAPSHOTS, SWEEPS))
SEEN = Sighting(sweep_id="chzzk:2026-01-31T12:00:00Z:0badcafe", sampled_at=TICK, fetched_at=TICK, cadence_s=300)
RECORD = read_full_record(POLLED)
KEY = hash_id(POLLED, str(RECORD["liveId"]))
TICK_MS = int(TICK.timestamp() * 1000)


class Parts:
    """A platform's broker, store, ledger and dead letters, a minute after the tick."""

    def __init__(self) -> None:
        self.broker = MemoryBroker([POLLED])
        self.sink = MemorySink(self.broker)
        self.store = MemoryStore()
        self.ledger = MemoryLedger()
        self.letters = MemoryLetters()
        self.clock = SetClock(TICK + timedelta(minutes=1))
        self.mender = Mender(
            codec=MessageCodec(), parse=parse_again, read_raw_age=self.ledger.read_raw_age, clock=self.clock
        )

    def reject(self, raw: bytes, seen: Sighting | None = SEEN) -> None:
        """Publish a record that a parser of yesterday refused, and land it."""
        self.sink.publish_snapshots(POLLED, [Reject(platform=POLLED, reason="unknown field", raw=raw, seen=seen)])
        self.land()

    def append(self, value: bytes | None, topic: str = SNAPSHOTS) -> None:
        """Put a dead letter on record that is whole by now, as after an upgrade of the code."""
        offset = self.broker.append(topic, 0, b"not yet understood")
        self.land()
        kept = next(k for k in self.kept() if (k.letter.topic, k.letter.record_offset) == (topic, offset))
        self.letters.replace_raw(kept, value)

    def land(self) -> LandingOutcome:
        outcome = land_platform(
            POLLED,
            log=MemoryLog(self.broker),
            lake=SnapshotLake(self.store),
            ledger=self.ledger,
            clock=self.clock,
            max_snapshots=1000,
            limits=BadRecordLimits(max_in_row=500, max_share=1, min_for_share=20),
        )
        self.letters.keep(self.ledger.letters, topic_id="topic", found_at=self.clock.now())
        return outcome

    def replay(self, *, limit: int = 1000, dry_run: bool = False) -> ReplayOutcome:
        return replay_letters(
            QUERY, letters=self.letters, sink=self.sink, mender=self.mender, limit=limit, dry_run=dry_run
        )

    def replay_one(self, body: bytes | None = None, *, dry_run: bool = False) -> ReplayOutcome:
        [kept] = self.kept()
        return replay_letter(kept, body=body, letters=self.letters, sink=self.sink, mender=self.mender, dry_run=dry_run)

    def kept(self) -> list[KeptLetter]:
        every = LetterQuery(topics=(SNAPSHOTS, SWEEPS), with_replayed=True)
        return list(self.letters.read_letters(every, limit=10_000))

    def messages(self) -> int:
        return sum(p.end_offset for topic in (SNAPSHOTS, SWEEPS) for p in self.broker.partitions(topic))

    def samples(self) -> dict[tuple[int, int], int | None]:
        return {place: row.viewers for place, row in self.ledger.view.samples.items()}


@pytest.fixture
def parts() -> Parts:
    return Parts()


@pytest.mark.parametrize(
    ("raw", "seen", "reason"),
    [
        (b"{", SEEN, "Input data was truncated"),
        (write_record({**RECORD, "liveId": None}), SEEN, "Expected `int`, got `null` - at `$.liveId`"),
        (write_record(RECORD), None, "cannot be replayed: nothing says when it was seen"),
        (
            write_record(RECORD),
            replace(SEEN, sampled_at=TICK - timedelta(days=31)),
            "older than raw data of chzzk may be kept",
        ),
        (
            write_record(RECORD),
            replace(SEEN, sampled_at=TICK + timedelta(hours=1)),
            "its tick still lies in the future",
        ),
        (write_record({**RECORD, "channelId": "c" * 200}), replace(SEEN, cadence_s=0), "invalid: Expected `int` >= 1"),
    ],
    ids=["cut off", "still wrong", "unseen", "expired", "future", "no message"],
)
def test_what_would_be_refused_still_is_counted_with_its_reason_and_nothing_is_sent(parts, raw, seen, reason):
    parts.reject(raw, seen)
    before = parts.messages()
    outcome = parts.replay()
    assert (outcome.looked_at, outcome.mended, parts.messages()) == (1, 0, before)
    [(told, count)] = outcome.refused.items()
    assert (told[: len(reason)], count) == (reason, 1)
    assert [kept.replayed_at for kept in parts.kept()] == [None]


def test_a_record_of_which_only_the_beginning_was_kept_is_not_guessed_at(parts):
    parts.reject(write_record(RECORD))
    [kept] = parts.kept()
    cut = replace(kept, letter=replace(kept.letter, headers=(*kept.letter.headers, ("raw-bytes", b"1000000"))))
    outcome = replay_letter(cut, letters=parts.letters, sink=parts.sink, mender=parts.mender, dry_run=False)
    assert outcome.refused == {"only the beginning of the record was kept": 1}


def test_a_message_without_a_value_has_nothing_to_send_back(parts):
    parts.append(None)
    assert parts.replay().refused == {"a message without a value cannot be replayed": 1}


def test_a_dry_run_tells_what_would_be_sent_and_sends_nothing(parts):
    parts.reject(write_record(RECORD))
    before = parts.messages()
    outcome = parts.replay(dry_run=True)
    assert (outcome.mended, parts.messages(), parts.kept()[0].replayed_at) == (1, before, None)
    [line] = outcome.shown
    assert line.startswith(f"{SNAPSHOTS}[0]@0 key={RECORD['channelId']} bytes=")


def test_a_record_that_todays_parser_reads_lands_as_the_sample_it_would_have_been(parts):
    parts.reject(write_record(RECORD))
    assert parts.samples() == {}
    outcome = parts.replay()
    assert (outcome.mended, outcome.refused) == (1, {})
    assert parts.kept()[0].replayed_at == parts.clock.now()
    landed = parts.land()
    assert (landed.samples, landed.dead_letters) == (1, 0)
    assert parts.samples() == {(TICK_MS, KEY): RECORD["concurrentUserCount"]}
    assert len(parts.kept()) == 1
    assert_whole(parts.ledger.view, parts.store, POLLED)


def test_a_second_replay_finds_nothing(parts):
    parts.reject(write_record(RECORD))
    parts.replay()
    before = parts.messages()
    assert (parts.replay().looked_at, parts.messages()) == (0, before)


def test_a_crash_between_sending_and_marking_sends_twice_and_lands_once(parts):
    parts.reject(write_record(RECORD))
    parts.letters.fail_to_mark = PartUnreachable("the warehouse went away")
    with pytest.raises(PartUnreachable):
        parts.replay()
    assert parts.replay().mended == 1
    landed = parts.land()
    assert (parts.messages(), landed.samples, landed.duplicate_samples) == (3, 1, 0)
    assert parts.samples() == {(TICK_MS, KEY): RECORD["concurrentUserCount"]}
    assert_whole(parts.ledger.view, parts.store, POLLED)


def test_a_broker_that_is_down_leaves_the_letter_to_the_next_replay(parts):
    parts.reject(write_record(RECORD))
    parts.broker.is_down = True
    with pytest.raises(PartUnreachable):
        parts.replay()
    assert [kept.replayed_at for kept in parts.kept()] == [None]


def test_a_message_that_decodes_by_now_goes_back_as_it_is(parts):
    parts.append(encode_snapshot(make_snapshot("b1", viewers=7)))
    assert parts.replay().mended == 1
    assert parts.land().samples == 1
    assert parts.samples() == {(TICK_MS, hash_id(POLLED, "b1")): 7}
    assert_whole(parts.ledger.view, parts.store, POLLED)


def test_a_sweep_record_that_decodes_by_now_lands_as_a_sweep(parts):
    parts.append(encode_sweep(make_sweep(sweep_id="late")), SWEEPS)
    assert parts.replay().mended == 1
    assert parts.land().sweeps == 1
    assert parts.ledger.view.sweeps == {"late"}


@pytest.mark.parametrize(
    "body",
    [
        write_record({**RECORD, "concurrentUserCount": 5}),
        encode_snapshot(make_snapshot(str(RECORD["liveId"]), viewers=5)),
    ],
    ids=["record of the site", "message"],
)
def test_a_body_edited_by_hand_takes_the_place_of_the_letters_own(parts, body):
    parts.reject(write_record({**RECORD, "concurrentUserCount": "many"}))
    assert parts.replay_one().mended == 0
    assert parts.replay_one(body, dry_run=True).mended == 1
    assert parts.replay_one(body).mended == 1
    parts.land()
    assert parts.samples() == {(TICK_MS, KEY): 5}


def test_an_edited_body_that_is_still_wrong_is_refused(parts):
    parts.reject(b"{}")
    outcome = parts.replay_one(b"[]")
    assert (outcome.mended, list(outcome.refused)) == (0, ["Expected `object`, got `array`"])


def test_a_letter_that_was_sent_back_is_not_sent_again(parts):
    parts.reject(write_record(RECORD))
    parts.replay_one()
    before = parts.messages()
    assert parts.replay_one(write_record(RECORD)).refused == {"was sent back already, at 2026-01-31T12:01:00Z": 1}
    assert parts.messages() == before


def test_at_most_as_many_as_asked_for_are_sent_over_all_pages(parts):
    rejects = [
        Reject(platform=POLLED, reason="odd", raw=write_record({**RECORD, "liveId": n + 1}), seen=SEEN)
        for n in range(PAGE + 20)
    ]
    parts.sink.publish_snapshots(POLLED, rejects)
    parts.land()
    first = parts.replay(limit=PAGE + 5)
    assert (first.mended, first.is_limited) == (PAGE + 5, True)
    rest = parts.replay(limit=PAGE + 5)
    assert (rest.mended, rest.is_limited) == (15, False)
    assert parts.land().samples == PAGE + 20


def test_reasons_without_end_are_counted_together():
    outcome = ReplayOutcome(dry_run=True)
    for n in range(MOST_REASONS + 30):
        outcome.refuse(f"reason {n}")
    assert (len(outcome.refused), outcome.refused[OTHER]) == (MOST_REASONS + 1, 30)
    assert json.loads(json.dumps(outcome.to_dict()))["refused"] == outcome.refused
