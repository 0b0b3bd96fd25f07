"""What a run takes, what it leaves, what it commits, and that nothing is committed that is not durable."""

from __future__ import annotations

import sys
from datetime import timedelta

import pytest
from tests.fakes.observations import TICK
from tests.fakes.pictures import DrawnPictures, MemoryFeed, MemoryPictures, MemoryShelf, PlainCodec, make_wish

from airtide.domain.clock import SetClock
from airtide.domain.errors import PartUnreachable
from airtide.domain.models import Platform
from airtide.domain.pictures import PictureRefusal
from airtide.pipeline.capture import capture_pictures
from airtide.pipeline.capturing import CaptureLimits, CaptureOutcome, CaptureStatus, Studio

MINUTE = timedelta(minutes=1)


class World:
    """Everything a run touches, in memory, at noon."""

    def __init__(self) -> None:
        self.clock = SetClock(TICK)
        self.source = DrawnPictures(self.clock)
        self.shelf = MemoryShelf()
        self.book = MemoryPictures()
        self.feed = MemoryFeed()

    def run(self, **limits) -> CaptureOutcome:
        given = {
            "every": dict.fromkeys(Platform, 30 * MINUTE),
            "at_once": 2,
            "stale_after": 15 * MINUTE,
            "placeholder_channels": 3,
        }
        studio = Studio(source=self.source, codec=PlainCodec(), shelf=self.shelf, book=self.book)
        return capture_pictures(self.feed, studio, self.clock, CaptureLimits(**(given | limits)))

    def keys(self) -> list[int]:
        return sorted(row.broadcast_key for row in self.book.rows)


@pytest.fixture
def world() -> World:
    return World()


def test_every_broadcast_gets_one_picture_and_all_messages_are_committed(world):
    world.feed.messages = [make_wish(1), None, make_wish(2), make_wish(1, sampled_at=TICK - MINUTE)]
    outcome = world.run()
    assert world.keys() == [1, 2]
    assert {row.object_key for row in world.book.rows} == set(world.shelf.objects)
    assert (outcome.status, outcome.messages, outcome.pictures.total(), outcome.uploads) == ("caught up", 4, 2, 2)
    assert world.feed.committed == 4


@pytest.mark.parametrize("part", ["feed", "book", "shelf"])
def test_a_part_that_is_down_fails_the_run_and_nothing_is_committed(world, part):
    world.feed.messages = [make_wish(1)]
    getattr(world, part).is_down = True
    with pytest.raises(PartUnreachable, match="down"):
        world.run()
    assert (world.feed.committed, world.book.rows) == (0, [])
    getattr(world, part).is_down = False
    world.feed.position = 0
    world.run()
    assert (world.feed.committed, world.keys()) == (1, [1])


def test_the_first_picture_comes_at_once_and_the_next_when_it_is_due(world):
    for minutes, has_new in ((0, True), (5, False), (29, False), (30, True), (35, False)):
        world.clock.set(TICK + minutes * MINUTE)
        world.feed.messages.append(make_wish(1, sampled_at=world.clock.now()))
        before = len(world.book.rows)
        outcome = world.run()
        assert (len(world.book.rows) - before, outcome.not_due) == (has_new, not has_new)
    assert world.feed.committed == 5


def test_a_message_of_another_time_gets_no_picture_and_does_not_wait(world):
    old, future = TICK - 16 * MINUTE, TICK + 6 * MINUTE
    world.feed.messages = [make_wish(1, sampled_at=old), make_wish(2, sampled_at=future), make_wish(3)]
    outcome = world.run()
    assert (world.keys(), outcome.stale, world.feed.committed) == ([3], 2, 3)


def test_the_newest_come_first(world):
    world.feed.messages = [make_wish(key, sampled_at=TICK - (9 - key) * MINUTE) for key in range(9)]
    world.run(at_once=1)
    assert world.source.asked == [f"https://pictures.example/{key}" for key in reversed(range(9))]


def test_a_picture_that_is_known_costs_no_upload(world):
    same = b"the same"
    world.source.pages = {f"https://pictures.example/{key}": same for key in (1, 2)}
    world.feed.messages = [make_wish(1), make_wish(2)]
    assert world.run().uploads == 1
    world.clock.sleep(1800)
    world.feed.messages += [make_wish(key, sampled_at=world.clock.now()) for key in (1, 2)]
    outcome = world.run()
    assert (outcome.rows, outcome.uploads, outcome.unchanged) == (2, 0, 2)
    assert len(world.shelf.uploads) == 1
    assert {row.sha256 for row in world.book.rows} == {world.book.rows[0].sha256}


def test_an_unchanged_picture_that_was_given_up_meanwhile_gets_no_row_and_is_fetched_whole_next(world):
    world.feed.messages = [make_wish(1)]
    world.run()
    world.clock.sleep(1800)
    fetch = world.source.fetch

    def fetch_late(*asked, **at):
        fetched = fetch(*asked, **at)
        world.book.rows.clear()
        world.book.condemn(Platform.CHZZK, now=world.clock.now())
        return fetched

    world.source.fetch = fetch_late
    world.feed.messages.append(make_wish(1, sampled_at=world.clock.now()))
    assert world.run().pictures.total() == 0
    world.source.fetch = fetch
    world.feed.messages.append(make_wish(1, sampled_at=world.clock.now()))
    assert (world.run().uploads, world.feed.committed) == (1, 3)


def test_a_picture_that_the_store_lost_is_written_again_though_it_has_not_changed(world):
    world.feed.messages = [make_wish(1)]
    world.run()
    world.clock.sleep(1800)
    world.shelf.objects.clear()
    world.book.note_lost([world.book.rows[0].object_key], now=world.clock.now())
    world.feed.messages.append(make_wish(1, sampled_at=world.clock.now()))
    outcome = world.run()
    assert (outcome.uploads, outcome.unchanged, outcome.rows) == (1, 0, 1)
    assert set(world.shelf.objects) == {row.object_key for row in world.book.rows}


@pytest.mark.parametrize("refusal", [PictureRefusal.STATUS, PictureRefusal.REDIRECT, PictureRefusal.TOO_LARGE])
def test_a_refused_picture_is_counted_by_its_reason_and_stops_nothing(world, refusal):
    world.source.pages = {"https://pictures.example/1": refusal, "https://pictures.example/2": b"bad one"}
    world.feed.messages = [make_wish(1), make_wish(2), make_wish(3)]
    outcome = world.run().to_dict()
    assert (outcome[f"refused_{refusal}"], outcome["refused_no_picture"], outcome["pictures"]) == (1, 1, 1)
    assert world.feed.committed == 3
    world.source.pages = {}
    world.feed.messages += [make_wish(1), make_wish(2)]
    assert world.run().pictures.total() == 2


def test_what_many_channels_have_is_a_placeholder_from_then_on(world):
    world.source.pages = {f"https://pictures.example/{key}": b"offline" for key in range(4)}
    world.feed.messages = [make_wish(key) for key in range(3)] + [make_wish(9)]
    assert world.run().placeholders == 1
    assert world.keys() == [9]
    world.feed.messages = [*world.feed.messages, make_wish(3)]
    assert world.run().to_dict()["refused_placeholder"] == 1
    assert (world.keys(), world.feed.committed) == ([9], 5)


def test_a_host_that_fails_is_left_and_its_messages_wait_while_others_go_on(world):
    bad = [make_wish(key, platform=Platform.SOOP) for key in range(20)]
    good = [make_wish(key, platform=Platform.CHZZK) for key in range(20, 40)]
    world.source.pages = {wish.picture_url: PictureRefusal.TOO_SLOW for wish in bad}
    world.feed.messages = [*good, *bad]
    outcome = world.run()
    assert (outcome.left, outcome.pictures) == ([Platform.SOOP], {Platform.CHZZK: 20})
    assert 5 <= outcome.refused[PictureRefusal.TOO_SLOW] <= 6
    assert 25 <= world.feed.committed <= 26


def test_failures_that_do_not_follow_one_another_are_only_their_own(world):
    world.feed.messages = [make_wish(key, sampled_at=TICK - timedelta(seconds=key)) for key in range(20)]
    world.source.pages = {f"https://pictures.example/{key}": PictureRefusal.UNREACHABLE for key in range(20) if key % 5}
    outcome = world.run(at_once=1)
    assert (outcome.left, world.keys(), world.feed.committed) == ([], [0, 5, 10, 15], 20)


def test_when_the_time_is_over_only_what_is_done_is_committed(world):
    world.feed.messages = [make_wish(key, sampled_at=TICK + timedelta(seconds=10 - key)) for key in range(10)]
    fetch = world.source.fetch

    def fetch_slowly(*asked, **at):
        world.clock.sleep(60)
        return fetch(*asked, **at)

    world.source.fetch = fetch_slowly
    outcome = world.run(at_once=1)
    assert (outcome.status, world.keys(), world.feed.committed) == (CaptureStatus.BUDGET_SPENT, [0, 1, 2, 3], 4)
    world.feed.position = world.feed.committed
    world.source.fetch = fetch
    world.run()
    assert (world.keys(), world.feed.committed) == (list(range(10)), 10)


@pytest.mark.parametrize("lost_at", [1, 2])
def test_what_went_to_another_member_is_read_again_and_never_written_twice(world, lost_at):
    world.feed.messages = [make_wish(key) for key in range(3)]
    world.feed.lost_at = {lost_at}
    outcome = world.run()
    assert (outcome.fenced, outcome.status, world.feed.committed) == (1, CaptureStatus.CAUGHT_UP, 3)
    assert world.keys() == [0, 1, 2]
    assert len(world.shelf.uploads) == 3


def test_a_long_backlog_is_taken_batch_after_batch(world):
    world.feed.messages = [make_wish(key) for key in range(25)]
    outcome = world.run(broadcasts=10)
    assert (outcome.messages, len(world.keys()), world.feed.committed) == (25, 25, 25)


def test_the_newest_come_first_however_many_messages_of_the_same_broadcasts_wait(world):
    ages = range(9, -1, -1)
    world.feed.messages = [
        make_wish(key, sampled_at=TICK - age * MINUTE, picture_url=f"https://p/{key}/{age}")
        for age in ages
        for key in (1, 2)
    ]
    outcome = world.run(broadcasts=3)
    assert (outcome.messages, outcome.wishes, world.feed.committed) == (20, 2, 20)
    assert sorted(world.source.asked) == ["https://p/1/0", "https://p/2/0"]


def test_a_picture_that_is_just_being_written_is_written_once(world):
    world.feed.messages = [make_wish(key, picture_url="https://pictures.example/same") for key in range(300)]
    outcome = world.run(placeholder_channels=1000)
    assert (outcome.uploads, len(world.shelf.uploads), len(world.keys())) == (1, 1, 300)


def test_an_error_that_no_host_causes_ends_the_run(world):
    def fail(*_asked, **_at):
        raise ZeroDivisionError("a mistake")

    world.source.fetch = fail
    world.feed.messages = [make_wish(key) for key in range(50)]
    with pytest.raises(ZeroDivisionError):
        world.run()
    assert world.feed.committed == 0


@pytest.mark.parametrize("fails", [False, True])
def test_threads_take_the_turns_of_before_when_a_run_is_over(world, monkeypatch, fails):
    during: list[float] = []
    fetch = world.source.fetch

    def note_turn(*asked, **more):
        during.append(sys.getswitchinterval())
        if fails:
            raise ZeroDivisionError
        return fetch(*asked, **more)

    monkeypatch.setattr(world.source, "fetch", note_turn)
    before = sys.getswitchinterval()
    world.feed.messages = [make_wish(1)]
    if fails:
        with pytest.raises(ZeroDivisionError):
            world.run()
    else:
        world.run()
    assert during[0] < before == sys.getswitchinterval()
