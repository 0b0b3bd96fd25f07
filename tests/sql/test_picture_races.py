"""Pictures claimed, noted and removed at the same time, over connections of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest
from tests.contract.test_picture_book import DAY, EVERY, POLLED, keep, picture
from tests.fakes.observations import TICK
from tests.fakes.pictures import MemoryShelf

from airtide.domain.clock import SetClock
from airtide.domain.pictures import CapturedPicture, EncodedPicture
from airtide.pipeline.retain_pictures import retain_pictures
from airtide.warehouse import connect as connecting
from airtide.warehouse.connect import Role, connect
from airtide.warehouse.picture_ages import WarehousePictureAges
from airtide.warehouse.pictures import WarehousePictures
from airtide.warehouse.policies import PlatformPolicy, write_policies

LATER = TICK + 2 * DAY
LOOK_S = 0.3
"""Long enough for a call that need not wait to have ended."""

pytestmark = pytest.mark.integration


@pytest.fixture
def ages(warehouse) -> WarehousePictureAges:
    with connect(warehouse.superuser, Role.OWNER) as connection:
        kept = {"raw_age": DAY, "text_age": DAY, "statistics_age": DAY, "picture_age": DAY}
        policy = PlatformPolicy(platform=POLLED, pictures="capture", in_combined_rank=True, **kept)
        write_policies(connection, [policy])
    return WarehousePictureAges(warehouse.address)


@pytest.fixture
def books(warehouse) -> Iterator[list[WarehousePictures]]:
    made = [WarehousePictures(warehouse.address) for _ in range(2)]
    yield made
    for book in made:
        book.close()


@pytest.fixture
def other() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def condemn(book: WarehousePictures, ages: WarehousePictureAges, one: CapturedPicture) -> None:
    keep(book, one)
    assert ages.delete_rows(POLLED, now=LATER) == 1
    assert ages.condemn(POLLED, now=LATER) == 1


def test_a_claim_waits_for_the_removal_and_then_has_it_written_anew(books, ages, other):
    old = picture(1, "a")
    condemn(books[0], ages, old)
    with ages.remove_condemned(POLLED, most=10) as keys:
        assert list(keys) == [old.object_key]
        claimed = other.submit(books[1].claim, {old.object_key: POLLED}, now=LATER)
        with pytest.raises(TimeoutError):
            claimed.result(timeout=LOOK_S)
    assert claimed.result(timeout=10) == set()
    assert books[1].note([picture(2, "a", after=2 * DAY)], every=EVERY) == 1
    assert ages.condemn(POLLED, now=LATER + DAY) == 0


def test_what_is_claimed_first_is_left_by_the_removal(books, ages, warehouse, other):
    old = picture(1, "a")
    condemn(books[0], ages, old)
    with connect(warehouse.address, Role.INGEST) as claiming, claiming.transaction():
        claiming.execute(
            "UPDATE live.picture_object SET claimed_at = %s, condemned_at = NULL WHERE object_key = %s",
            (LATER, old.object_key),
        )
        with ages.remove_condemned(POLLED, most=10) as keys:
            assert list(keys) == []
    with ages.remove_condemned(POLLED, most=10) as keys:
        assert list(keys) == []


def test_an_object_that_a_row_came_to_need_is_spared(books, ages, warehouse):
    old = picture(1, "a")
    condemn(books[0], ages, old)
    with connect(warehouse.address, Role.INGEST) as late:  # as of a run that stood still for longer than its claim held
        late.execute(
            "INSERT INTO live.thumbnail (broadcast_key, captured_at, platform, channel_key, sha256, object_key, width, "
            "height, picture_url) VALUES (2, %s, 'chzzk', 2, %s, %s, 1, 1, '')",
            (LATER, old.sha256, old.object_key),
        )
    for _ in range(2):
        with ages.remove_condemned(POLLED, most=10) as keys:
            assert list(keys) == []
    assert books[0].claim({old.object_key: POLLED}, now=LATER) == {old.object_key}


def test_no_row_can_come_to_need_what_is_being_removed(books, ages, warehouse, other):
    old = picture(1, "a")
    condemn(books[0], ages, old)
    with ages.remove_condemned(POLLED, most=10):
        noted = other.submit(books[1].note, [picture(2, "a", after=2 * DAY)], every=EVERY)
        assert noted.result(timeout=10) == 0  # condemned: it is not even waited for
    assert books[1].read_last([2]) == {}


def test_a_slow_store_loses_no_lock_while_it_removes(books, ages, monkeypatch):
    old = picture(1, "a")
    condemn(books[0], ages, old)
    monkeypatch.setitem(connecting._OPTIONS, Role.INGEST, ("idle_in_transaction_session_timeout=100ms",))
    with ages.remove_condemned(POLLED, most=10) as keys:
        time.sleep(LOOK_S)
        assert list(keys) == [old.object_key]
    with ages.remove_condemned(POLLED, most=10) as keys:
        assert list(keys) == []


def test_pictures_that_may_not_be_kept_any_more_go_however_young(books, ages, warehouse):
    keep(books[0], picture(1, "a"))
    assert ages.delete_rows(POLLED, now=TICK + timedelta(minutes=1)) == 0
    with connect(warehouse.superuser, Role.OWNER) as owner:
        owner.execute("UPDATE policy.platform_policy SET pictures = 'link' WHERE platform = %s", [POLLED.value])
    assert ages.count_expired(POLLED, now=TICK + timedelta(minutes=1))[0] == 1
    assert ages.delete_rows(POLLED, now=TICK + timedelta(minutes=1)) == 1


def test_two_runs_that_take_the_same_broadcast_write_one_row(books):
    both = [picture(1, "a"), picture(1, "b", after=timedelta(seconds=2))]
    for book, one in zip(books, both, strict=True):
        book.claim({one.object_key: POLLED}, now=TICK)
    begin = threading.Barrier(2)

    def note(book: WarehousePictures, one: CapturedPicture) -> int:
        begin.wait(timeout=10)
        return book.note([one], every=EVERY)

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(note, books, both)) == 1


def test_claims_of_the_same_objects_in_any_order_never_block_one_another_for_good(books):
    keys = [picture(1, str(number)).object_key for number in range(50)]

    def claim(book: WarehousePictures, order: list[str]) -> int:
        return sum(len(book.claim(dict.fromkeys(order, POLLED), now=TICK)) for _ in range(20))

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(claim, books, (keys, keys[::-1]))) == 0


def test_nothing_outlives_its_age_in_warehouse_or_store(books, ages):
    clock, shelf = SetClock(TICK), MemoryShelf()

    def find_kept() -> tuple[set[int], set[str]]:
        kept = books[0].read_last(range(9))
        return set(kept), {one.object_key for one in kept.values()}

    for hours in range(0, 72, 6):
        clock.set(TICK + timedelta(hours=hours))
        shelf.now = clock.now()
        key = hours // 6 % 9
        keep(books[0], picture(key, f"of {key % 4}", captured_at=clock.now()))
        shelf.put(POLLED, EncodedPicture(body=b"x", sha256=picture(1, f"of {key % 4}").sha256, width=1, height=1))
        retain_pictures([POLLED], ages=ages, store=shelf, clock=clock)
        keys, objects = find_kept()
        assert keys == {place // 6 % 9 for place in range(max(0, hours - 24), hours + 1, 6)}
        assert objects == set(shelf.objects)
    clock.sleep(DAY.total_seconds() + 1)
    counted = retain_pictures([POLLED], ages=ages, store=shelf, clock=clock, dry_run=True)
    assert (counted.pictures, len(shelf.objects)) == (5, 4)
    assert retain_pictures([POLLED], ages=ages, store=shelf, clock=clock) == counted
    assert (find_kept(), shelf.objects) == ((set(), set()), {})


@pytest.mark.parametrize(
    "table", ["live.thumbnail", "live.picture_object", "live.placeholder", "ingest.capture_status"]
)
def test_the_reader_reads_and_changes_nothing(warehouse, table):
    with connect(warehouse.address, Role.ROLLUP) as connection:
        assert connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"DELETE FROM {table}")
    with connect(warehouse.address, Role.READER) as connection:
        assert connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone() == (0,)
