"""Which messages ask for a picture, and up to where they are done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from confluent_kafka import KafkaError
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.observations import TICK, make_snapshot

from airtide.bus.encode import encode_snapshot
from airtide.bus.gathering import Gathering
from airtide.bus.topics import snapshots_topic
from airtide.domain.keys import hash_id
from airtide.domain.models import Platform

PLACE = (snapshots_topic(Platform.CHZZK), 0)
MINUTE = timedelta(minutes=1)


@dataclass
class Message:
    """A message as a consumer hands it out."""

    place: int
    raw: bytes | None
    head: list[tuple[str, bytes | None]] | None = None
    is_end: bool = False
    number: int = 0

    def topic(self):
        return PLACE[0]

    def partition(self):
        return self.number

    def offset(self):
        return self.place

    def value(self):
        return self.raw

    def headers(self):
        return self.head

    def error(self):
        return KafkaError(KafkaError._PARTITION_EOF) if self.is_end else None


def message(offset: int, broadcast_id: str = "b", **values) -> Message:
    return Message(offset, encode_snapshot(make_snapshot(broadcast_id, **{"thumbnail_url": "https://p/1", **values})))


def gather(*messages: Message) -> Gathering:
    gathering = Gathering({PLACE[0]: Platform.CHZZK})
    for one in messages:
        gathering.take(one, 1)
    return gathering


def key(broadcast_id: str) -> int:
    return hash_id(Platform.CHZZK, broadcast_id)


@pytest.mark.parametrize(
    "asking_for_none",
    [
        Message(0, None),
        Message(0, b""),
        Message(0, b"\xff\xfe"),
        Message(0, b"[" * 100_000),
        Message(0, b'{"v":1}'),
        message(0, thumbnail_url=None),
        message(0, ended_at=TICK),
        Message(0, message(0).raw, [("reject", b"why")]),
        Message(0, (message(0).raw or b"").replace(b'"v":1', b'"v":2')),
        Message(0, (message(0).raw or b"").replace(b"12:00:00Z", b"99:00:00Z")),
        Message(0, (message(0).raw or b"").replace(b'"chzzk"', b'"nowhere"')),
        Message(0, (message(0).raw or b"").replace(b'"chzzk"', b'"youtube"')),
    ],
    ids=[
        "null",
        "empty",
        "binary",
        "deep",
        "bare",
        "no_address",
        "ended",
        "refused",
        "version",
        "tick",
        "nowhere",
        "other",
    ],
)
def test_what_asks_for_no_picture_is_counted_and_passed(asking_for_none):
    gathering = gather(asking_for_none, message(1, "b"))
    assert [wish.broadcast_key for wish in gathering.wishes()] == [key("b")]
    assert gathering.messages == 2
    assert gathering.places[PLACE].find_done(set()) == 2


def test_a_replayed_message_asks_like_any_other():
    assert gather(Message(0, message(0).raw, [("replay_of", b"x")])).wishes() != []


def test_a_broadcast_that_ended_asks_for_nothing_even_if_the_end_comes_first():
    ended = message(0, ended_at=TICK, sampled_at=TICK + MINUTE)
    assert gather(ended, message(1)).wishes() == []
    assert [wish.viewers for wish in gather(ended, message(1, sampled_at=TICK + 2 * MINUTE)).wishes()] == [100]


def test_of_one_tick_the_most_watched_come_first():
    gathering = gather(
        message(0, "few", viewers=1),
        message(1, "hidden", viewers=None),
        message(2, "many", viewers=9),
        message(3, "new", viewers=0, sampled_at=TICK + MINUTE),
    )
    assert [wish.broadcast_key for wish in gathering.wishes()] == [key(i) for i in ("new", "many", "few", "hidden")]


def test_the_end_of_a_partition_lies_behind_markers_that_are_never_handed_out():
    gathering = gather(message(0), Message(7, None, is_end=True))
    assert gathering.places[PLACE].find_done({key("b")}) == 0
    assert gathering.places[PLACE].find_done(set()) == 7
    assert gather(Message(7, None, is_end=True)).places[PLACE].find_done(set()) == 7


def test_a_partition_that_came_back_is_counted_anew():
    gathering = gather(message(5, "a"))
    gathering.take(message(3, "b"), 2)
    read = gathering.places[PLACE]
    assert (read.assignment, read.start, read.find_done({key("a")})) == (2, 3, 4)


@given(
    order=st.lists(st.integers(0, 5), min_size=1, max_size=30),
    rounds=st.lists(st.sets(st.integers(0, 5)), max_size=4),
)
def test_what_is_committed_is_the_longest_done_beginning_whatever_the_order(order, rounds):
    gathering = gather(*(message(10 + place, str(number)) for place, number in enumerate(order)))
    read = gathering.places[PLACE]
    done: set[int] = set()
    for more in rounds:
        done |= more
        waiting = {key(str(number)) for number in order if number not in done}
        undone = [10 + place for place, number in enumerate(order) if number not in done]
        assert read.find_done(waiting) == min(undone, default=10 + len(order))
