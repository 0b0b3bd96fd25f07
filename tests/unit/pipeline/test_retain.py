"""What retention removes, in which order, and what it leaves alone."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest
from tests.fakes.lake import MemoryStore
from tests.fakes.objects import MemoryObjects, make_object

from airtide.domain.clock import SetClock
from airtide.domain.compaction import Compaction
from airtide.domain.errors import PartUnreachable
from airtide.domain.models import Platform
from airtide.domain.retention import Expired, Leaf
from airtide.lake.found import StoredObjects
from airtide.pipeline.retain import enforce_retention

POLLED = Platform.CHZZK
NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LEAF = Leaf(NOW - 32 * DAY, NOW - 31 * DAY)


def small(name: str, *, day: str = "2026-02-01", hour: int = 10) -> str:
    return f"snapshots/v1/platform=chzzk/day={day}/hour={hour:02}/{name}.parquet"


class World:
    """A store and its ledger, both in memory."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.ledger = MemoryObjects()
        self.clock = SetClock(NOW)

    def write(self, key: str, *, age: timedelta = 2 * DAY, day: str = "2026-02-01", is_listed: bool = True) -> None:
        self.store.now = NOW - age
        self.store.put_if_absent(key, b"rows", sha256="d1")
        if is_listed:
            self.ledger.list_objects(make_object(key, day=day, hour=10))

    def run(self, *, dry_run: bool = False) -> Expired:
        return enforce_retention(
            [POLLED], ledger=self.ledger, store=StoredObjects(self.store), clock=self.clock, dry_run=dry_run
        )


@pytest.fixture
def world() -> World:
    return World()


def test_what_is_young_stays(world):
    world.write(small("a"))
    world.write(small("fresh"), age=HOUR, is_listed=False)
    assert world.run() == Expired()
    assert len(world.store.objects) == 2
    assert len(world.ledger.counting()) == 1


def test_objects_go_with_their_rows_once_their_last_sample_has_expired(world):
    world.write(small("old", day="2026-01-02"), day="2026-01-02")
    world.write(small("a"))
    world.clock.set(datetime(2026, 2, 1, 10, tzinfo=UTC))
    assert world.run() == Expired()
    world.clock.set(datetime(2026, 2, 1, 10, 1, tzinfo=UTC))
    assert world.run() == Expired(retired_objects=1, removed_objects=1)
    assert set(world.store.objects) == set(world.ledger.listed) == {small("a")}
    assert world.run() == Expired()


def test_a_store_that_fails_leaves_a_retired_row_that_the_next_run_removes(world):
    world.write(small("old", day="2026-01-02"), day="2026-01-02")
    world.ledger.retire_expired(POLLED, before=NOW - 30 * DAY, now=NOW)
    world.store.is_down = True
    with pytest.raises(PartUnreachable):
        world.run()
    assert world.ledger.counting() == []
    world.store.is_down = False
    world.store.delete(small("old", day="2026-01-02"))  # removed, then the process was killed
    assert world.run() == Expired(removed_objects=1)
    assert world.ledger.listed == {}


def test_replaced_objects_stay_for_a_day(world):
    for name in ("a", "b"):
        world.write(small(name))
    compacted = "compacted/v1/platform=chzzk/day=2026-02-01/c.parquet"
    world.write(compacted, is_listed=False)
    made = make_object(compacted, day="2026-02-01", hour=None)
    assert world.ledger.swap(Compaction(compacted=made, replaced=[small("a"), small("b")]), now=NOW)
    world.clock.set(NOW + 23 * HOUR)
    assert world.run() == Expired()
    world.clock.set(NOW + 24 * HOUR)
    assert world.run() == Expired(removed_objects=2)
    assert set(world.store.objects) == {compacted}
    assert [stored.object_key for stored in world.ledger.counting()] == [compacted]


def test_what_no_ledger_lists_for_a_day_is_marked_first_and_goes_a_day_later(world):
    world.write(small("a"))
    world.write(small("left over"), is_listed=False)
    world.write("notes.txt", is_listed=False)
    assert world.run() == Expired(loose_objects=1)
    assert len(world.store.objects) == 3
    world.clock.set(NOW + DAY)
    assert world.run() == Expired(removed_objects=1)
    assert set(world.store.objects) == {small("a"), "notes.txt"}
    assert set(world.ledger.listed) == {small("a")}


def test_what_a_waiting_batch_may_have_written_stays(world):
    world.write(small("a"))
    world.write(small("of the batch"), is_listed=False)
    world.ledger.planned_at[POLLED] = NOW - 2 * DAY
    assert world.run() == Expired()
    assert len(world.store.objects) == 2


def test_a_ledger_that_was_lost_costs_no_object_before_its_time(world, caplog):
    world.write(small("a"))
    world.write(small("b"), is_listed=False)
    world.write(small("c"), is_listed=False)
    world.write(small("old", day="2026-01-02"), is_listed=False)
    with caplog.at_level(logging.WARNING):
        assert world.run() == Expired(loose_objects=1, removed_objects=1)
    assert set(world.store.objects) == {small("a"), small("b"), small("c")}
    assert "objects=2: the ledger lists fewer than the store holds" in caplog.text


def test_a_dry_run_counts_and_changes_nothing(world):
    world.write(small("old", day="2026-01-02"), day="2026-01-02")
    world.write(small("left over"), is_listed=False)
    assert world.run(dry_run=True) == Expired(retired_objects=1, removed_objects=1, loose_objects=1)
    assert len(world.store.objects) == 2
    assert len(world.ledger.counting()) == 1


def test_a_leaf_that_is_read_waits_and_stops_nothing(world, monkeypatch):
    busy = Leaf(NOW - 33 * DAY, NOW - 32 * DAY)
    monkeypatch.setattr(world.ledger, "find_expired_leaves", lambda platform, before: [busy, LEAF])
    monkeypatch.setattr(world.ledger, "drop_leaf", lambda platform, leaf: leaf != busy)
    assert world.run() == Expired(leaves=1, busy_leaves=1)


def test_many_objects_are_removed_in_parts(world, monkeypatch):
    monkeypatch.setattr("airtide.pipeline.retain._AT_ONCE", 2)
    for n in range(5):
        world.write(small(f"old{n}", day="2026-01-02"), day="2026-01-02")
        world.write(small(f"a{n}"))
        world.write(small(f"left over {n}"), is_listed=n < 2)
    assert world.run() == Expired(retired_objects=5, removed_objects=5, loose_objects=3)
    assert world.run() == Expired()
