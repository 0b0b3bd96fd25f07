"""What retention removes of pictures, from every store, and what it leaves alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.contract.test_picture_book import EVERY, picture
from tests.fakes.observations import TICK
from tests.fakes.pictures import MemoryPictures, MemoryShelf

from airtide.domain.clock import SetClock
from airtide.domain.errors import PartUnreachable
from airtide.domain.models import Platform
from airtide.domain.pictures import EncodedPicture
from airtide.domain.retention import ExpiredPictures
from airtide.pipeline.retain_pictures import retain_pictures

POLLED = Platform.CHZZK
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class World:
    """A store and a book, both in memory; pictures may be kept for a day."""

    def __init__(self) -> None:
        self.clock = SetClock(TICK)
        self.shelf = MemoryShelf(now=TICK)
        self.book = MemoryPictures(picture_age=DAY)

    def capture(self, key: int, content: str) -> str:
        """Do as a run does at this instant; return the object's key."""
        one = picture(key, content, captured_at=self.clock.now())
        self.book.claim({one.object_key: POLLED}, now=self.clock.now())
        self.write(content)
        assert self.book.note([one], every=EVERY) == 1
        return one.object_key

    def write(self, content: str) -> str:
        self.shelf.now = self.clock.now()
        body = content.encode()
        encoded = EncodedPicture(body=body, sha256=picture(1, content).sha256, width=1, height=1)
        return self.shelf.put(POLLED, encoded)

    def run(self, *, dry_run: bool = False) -> ExpiredPictures:
        return retain_pictures([POLLED], ages=self.book, store=self.shelf, clock=self.clock, dry_run=dry_run)


@pytest.fixture
def world() -> World:
    return World()


def test_nothing_outlives_its_age_in_any_store_and_nothing_goes_before(world):
    for hour in range(60):
        world.clock.set(TICK + hour * HOUR)
        world.capture(hour % 3, f"of hour {hour // 2}")
        world.run()
        oldest = world.clock.now() - DAY
        assert all(row.captured_at >= oldest for row in world.book.rows)
        assert {row.object_key for row in world.book.rows} == set(world.shelf.objects) == set(world.book.objects)
        assert len(world.book.rows) == min(hour + 1, 25)
    world.clock.sleep(DAY.total_seconds() + 1)
    assert world.run() == ExpiredPictures(pictures=25, picture_objects=13)
    assert (world.book.rows, world.shelf.objects, world.book.objects) == ([], {}, {})


def test_a_content_stays_as_long_as_any_row_needs_it(world):
    key = world.capture(1, "a")
    world.clock.sleep(12 * 3600)
    world.capture(2, "a")
    world.clock.sleep(12 * 3600 + 1)
    assert world.run() == ExpiredPictures(pictures=1)
    assert list(world.shelf.objects) == [key]


def test_a_picture_that_is_claimed_meanwhile_survives(world):
    key = world.capture(1, "a")
    world.clock.sleep(DAY.total_seconds() + 1)
    delete = world.book.delete_rows

    def delete_and_be_overtaken(platform, *, now):
        deleted = delete(platform, now=now)
        world.book.claim({key: POLLED}, now=now)
        return deleted

    world.book.delete_rows = delete_and_be_overtaken
    assert world.run() == ExpiredPictures(pictures=1)
    assert list(world.shelf.objects) == [key]
    assert world.book.note([picture(2, "a", captured_at=world.clock.now())], every=EVERY) == 1


def test_what_nothing_lists_goes_a_day_after_it_was_written(world):
    kept = world.capture(1, "a")
    loose = world.write("b")
    world.clock.sleep(DAY.total_seconds())
    assert world.run() == ExpiredPictures()
    world.clock.sleep(1)
    world.capture(2, "a")
    assert world.run(dry_run=True) == ExpiredPictures(pictures=1, picture_objects=1, loose_pictures=1)
    assert set(world.shelf.objects) == {kept, loose}
    assert world.run() == ExpiredPictures(pictures=1, picture_objects=1, loose_pictures=1)
    assert set(world.shelf.objects) == {kept}


def test_a_dry_run_counts_what_a_run_removes_and_removes_nothing(world):
    for key, content in enumerate("aab"):
        world.capture(key, content)
    world.clock.sleep(DAY.total_seconds() + 1)
    counted = world.run(dry_run=True)
    assert counted == ExpiredPictures(pictures=3, picture_objects=2)
    assert (len(world.book.rows), len(world.shelf.objects)) == (3, 2)
    assert world.run() == counted


def test_a_store_that_is_down_fails_the_run_and_the_next_one_goes_on(world):
    world.capture(1, "a")
    world.clock.sleep(DAY.total_seconds() + 1)
    world.shelf.is_down = True
    with pytest.raises(PartUnreachable):
        world.run()
    world.shelf.is_down = False
    assert world.run() == ExpiredPictures(picture_objects=1)


@pytest.mark.parametrize("lost", ["a", "abc", "f", "abcdef"])
def test_what_the_store_lost_by_other_means_is_written_again_when_it_is_seen_again(world, lost):
    keys = {content: world.capture(place, content) for place, content in enumerate("abcdef")}
    world.write("not listed")
    world.clock.sleep(HOUR.total_seconds())
    for content in lost:
        world.shelf.remove(keys[content])
    assert world.run(dry_run=True) == ExpiredPictures(lost_pictures=len(lost))
    assert world.run() == ExpiredPictures(lost_pictures=len(lost))
    assert world.run() == ExpiredPictures()
    wanted = dict.fromkeys(keys.values(), POLLED)
    assert set(world.book.claim(wanted, now=world.clock.now())) == {
        key for content, key in keys.items() if content not in lost
    }


def test_however_many_there_are_what_was_lost_is_found_among_them(world):
    keys = sorted(world.capture(key, str(key)) for key in range(1_300))
    loose = [world.write(f"nobody's {number}") for number in range(7)]
    world.clock.sleep(DAY.total_seconds())
    lost = [keys[place] for place in (0, 1, 499, 500, 777, 1_298, 1_299)]
    for key in lost:
        world.shelf.remove(key)
    world.clock.sleep(1)
    world.book.picture_age = 2 * DAY
    assert world.run() == ExpiredPictures(loose_pictures=7, picture_objects=7, lost_pictures=7)
    assert set(world.shelf.objects) == set(keys) - set(lost)
    assert not set(world.shelf.objects) & set(loose)
    assert list(world.book.list_stored(POLLED, now=world.clock.now())) == sorted(set(keys) - set(lost))


def test_a_store_that_has_nothing_any_more_has_lost_everything(world):
    for key in range(600):
        world.capture(key, str(key))
    world.clock.sleep(HOUR.total_seconds())
    world.shelf.objects.clear()
    assert world.run() == ExpiredPictures(lost_pictures=600)


def test_what_a_run_wrote_a_moment_ago_is_not_lost_though_the_list_of_the_store_is_older(world):
    world.capture(1, "a")
    world.shelf.objects.clear()
    assert world.run() == ExpiredPictures()


def test_a_clock_of_the_store_that_is_ahead_makes_nothing_lost(world):
    world.capture(1, "a")
    world.shelf.written_at = {key: at + 3 * HOUR for key, at in world.shelf.written_at.items()}
    world.clock.sleep(HOUR.total_seconds())
    assert world.run() == ExpiredPictures()


def test_many_objects_go_some_at_a_time(world):
    for key in range(120):
        world.capture(key, str(key))
    world.clock.sleep(DAY.total_seconds() + 1)
    assert world.run() == ExpiredPictures(pictures=120, picture_objects=120)
    assert world.shelf.objects == {}
