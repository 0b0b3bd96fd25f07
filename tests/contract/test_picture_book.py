"""What every `PictureBook` and the `PictureAges` of its rows keep, refuse and give up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256 as hash_bytes

import pytest
from tests.fakes.observations import TICK
from tests.fakes.pictures import MemoryPictures

from airtide.domain.models import Platform
from airtide.domain.pictures import CapturedPicture

POLLED = Platform.CHZZK
HALF_HOUR = timedelta(minutes=30)
DAY = timedelta(days=1)
EVERY = {Platform.CHZZK: HALF_HOUR, Platform.SOOP: HALF_HOUR}


class WarehouseBoth:
    """The book and the ages of one warehouse, where tests may ask both as one."""

    def __init__(self, address) -> None:
        from airtide.warehouse.picture_ages import WarehousePictureAges
        from airtide.warehouse.pictures import WarehousePictures

        self._parts = (WarehousePictures(address), WarehousePictureAges(address))

    def __getattr__(self, name):
        return next(getattr(part, name) for part in self._parts if hasattr(part, name))


@pytest.fixture(params=["memory", pytest.param("warehouse", marks=pytest.mark.integration)])
def book(request):
    """A book and its ages; pictures of CHZZK may be kept for a day."""
    if request.param == "memory":
        yield MemoryPictures(picture_age=DAY)
        return
    from airtide.warehouse.connect import Role, connect
    from airtide.warehouse.policies import PlatformPolicy, write_policies

    made = request.getfixturevalue("warehouse")
    with connect(made.superuser, Role.OWNER) as connection:
        kept = {"raw_age": 30 * DAY, "text_age": 30 * DAY, "statistics_age": 30 * DAY, "picture_age": DAY}
        policies = [PlatformPolicy(platform=p, pictures="capture", in_combined_rank=True, **kept) for p in EVERY]
        write_policies(connection, policies)
    both = WarehouseBoth(made.address)
    yield both
    both.close()


def picture(key: int = 1, content: str = "a", *, after: timedelta = timedelta(), **values: object) -> CapturedPicture:
    sha256 = hash_bytes(content.encode()).hexdigest()
    platform = values.get("platform", POLLED)
    given = {
        "platform": platform,
        "broadcast_key": key,
        "channel_key": key + 1000,
        "captured_at": TICK + after,
        "sha256": sha256,
        "object_key": f"thumbnails/{platform}/{sha256[:2]}/{sha256}.webp",
        "bytes": 100,
        "width": 320,
        "height": 180,
        "picture_url": f"https://pictures.example/{key}?it's",
        "etag": 'W/"1"',
        "last_modified": None,
    }
    return CapturedPicture(**(given | values))


def keep(book, *pictures: CapturedPicture) -> int:
    """Claim, as if written to the store, and note."""
    book.claim({one.object_key: one.platform for one in pictures}, now=max(one.captured_at for one in pictures))
    return book.note(pictures, every=EVERY)


def remove(book, platform=POLLED, most=100) -> list[str]:
    with book.remove_condemned(platform, most=most) as keys:
        return list(keys)


def test_the_newest_picture_of_a_broadcast_is_read_back_whole(book):
    newest = picture(1, "b", after=HALF_HOUR)
    assert keep(book, picture(1, "a"), picture(2, "c")) == 2
    assert keep(book, newest) == 1
    assert book.read_last([1, 2, 3]) == {1: newest, 2: picture(2, "c")}


def test_a_broadcast_that_has_just_got_a_picture_keeps_that_one(book):
    assert keep(book, picture(1, "a")) == 1
    assert keep(book, picture(1, "b", after=HALF_HOUR - timedelta(seconds=1)), picture(2, "b")) == 1
    assert keep(book, picture(1, "a")) == 0
    assert keep(book, picture(1, "c", after=-timedelta(minutes=1))) == 0
    assert book.read_last([1])[1].sha256 == picture(1, "a").sha256
    assert keep(book, picture(1, "b", after=HALF_HOUR)) == 1


def test_a_content_is_to_be_written_until_a_row_says_that_it_is_there(book):
    asked = {picture(1, "a").object_key: POLLED, picture(1, "b").object_key: POLLED}
    assert not book.claim(asked, now=TICK)
    assert not book.claim(asked, now=TICK)
    book.note([picture(1, "a")], every=EVERY)
    assert set(book.claim(asked, now=TICK)) == {picture(1, "a").object_key}


def test_no_row_is_written_of_what_nobody_claimed_or_was_condemned_since(book):
    assert book.note([picture(1, "a")], every=EVERY) == 0
    book.claim({picture(1, "a").object_key: POLLED}, now=TICK)
    assert book.condemn(POLLED, now=TICK + DAY) == 1
    assert book.note([picture(1, "a")], every=EVERY) == 0
    assert book.read_last([1]) == {}


def test_what_so_many_channels_have_is_a_placeholder_and_is_given_up(book):
    same = [picture(key, "offline") for key in range(3)]
    own = picture(7, "own")
    keep(book, *same[:2], own, *(replace(same[0], captured_at=TICK + n * HALF_HOUR) for n in (1, 2)))
    asked = [same[0].sha256, own.sha256]
    assert book.learn_placeholders(POLLED, asked, channels=3, now=TICK) == 0
    keep(book, same[2])
    assert book.learn_placeholders(Platform.SOOP, asked, channels=3, now=TICK) == 0
    assert book.learn_placeholders(POLLED, asked, channels=3, now=TICK) == 1
    assert book.learn_placeholders(POLLED, asked, channels=3, now=TICK) == 0
    assert set(book.find_placeholders(POLLED, asked)) == {same[0].sha256}
    assert not book.find_placeholders(Platform.SOOP, asked)
    assert set(book.read_last([0, 1, 2, 7])) == {7}
    assert keep(book, picture(8, "offline")) == 0
    assert book.condemn(POLLED, now=TICK + DAY) == 1
    assert remove(book) == [same[0].object_key]


def test_rows_go_at_their_age_and_objects_when_no_row_needs_them(book):
    keep(book, picture(1, "a"), picture(2, "b"), picture(3, "a", after=HALF_HOUR))
    old = TICK + DAY + timedelta(seconds=1)
    assert book.count_expired(POLLED, now=TICK + DAY) == (0, 0)
    assert book.count_expired(POLLED, now=old) == (2, 1)
    assert book.delete_rows(POLLED, now=TICK + DAY) == 0
    assert book.delete_rows(Platform.SOOP, now=old) == 0
    assert book.delete_rows(POLLED, now=old) == 2
    assert book.condemn(POLLED, now=old) == 1
    assert remove(book, Platform.SOOP) == []
    assert remove(book) == [picture(2, "b").object_key]
    assert remove(book) == []
    assert set(book.read_last([1, 2, 3])) == {3}


def test_what_was_claimed_a_moment_ago_is_not_condemned_without_a_row(book):
    book.claim({picture(1, "a").object_key: POLLED}, now=TICK)
    assert book.condemn(POLLED, now=TICK + timedelta(minutes=14)) == 0
    book.claim({picture(1, "a").object_key: POLLED}, now=TICK + timedelta(minutes=14))
    assert book.condemn(POLLED, now=TICK + timedelta(minutes=16)) == 0
    assert book.condemn(POLLED, now=TICK + timedelta(minutes=30)) == 1


def test_a_condemned_object_that_is_claimed_stays_and_is_written_again(book):
    keep(book, picture(1, "a"))
    book.delete_rows(POLLED, now=TICK + 2 * DAY)
    assert book.condemn(POLLED, now=TICK + 2 * DAY) == 1
    assert not book.claim({picture(1, "a").object_key: POLLED}, now=TICK + 2 * DAY)
    assert remove(book) == []


def test_an_object_whose_removal_failed_is_offered_again(book):
    keep(book, picture(1, "a"))
    book.delete_rows(POLLED, now=TICK + 2 * DAY)
    book.condemn(POLLED, now=TICK + 2 * DAY)
    with pytest.raises(OSError, match="store"), book.remove_condemned(POLLED, most=1):
        raise OSError("store")
    assert remove(book) == [picture(1, "a").object_key]


def test_objects_that_nobody_claimed_are_condemned_by_name(book):
    listed, loose = picture(1, "a").object_key, picture(1, "b").object_key
    keep(book, picture(1, "a"))
    assert list(book.find_unlisted([listed, loose])) == [loose]
    assert book.condemn_loose(POLLED, [listed, loose], now=TICK) == 1
    assert remove(book) == [loose]


def test_what_was_lost_is_written_again_and_its_host_is_asked_for_all_of_it(book):
    lost, kept = picture(1, "a"), picture(2, "b")
    keep(book, lost, kept)
    assert list(book.list_stored(POLLED, now=TICK + DAY)) == sorted([lost.object_key, kept.object_key])
    assert list(book.list_stored(Platform.SOOP, now=TICK + DAY)) == []
    assert book.note_lost([lost.object_key], now=TICK + DAY) == 1
    assert book.note_lost([lost.object_key], now=TICK + DAY) == 0
    assert list(book.list_stored(POLLED, now=TICK + DAY)) == [kept.object_key]
    assert book.read_last([1, 2]) == {1: replace(lost, etag=None, last_modified=None), 2: kept}
    assert set(book.claim({one.object_key: POLLED for one in (lost, kept)}, now=TICK)) == {kept.object_key}
    keep(book, picture(1, "a", after=HALF_HOUR))
    assert set(book.claim({lost.object_key: POLLED}, now=TICK)) == {lost.object_key}
    assert book.read_last([1])[1].etag == lost.etag


def test_what_was_stored_a_moment_ago_may_not_have_been_listed_and_is_not_lost(book):
    soon = TICK + timedelta(minutes=14)
    keep(book, picture(1, "a"))
    assert list(book.list_stored(POLLED, now=soon)) == []
    assert book.note_lost([picture(1, "a").object_key], now=soon) == 0
    assert set(book.claim({picture(1, "a").object_key: POLLED}, now=soon)) == {picture(1, "a").object_key}
