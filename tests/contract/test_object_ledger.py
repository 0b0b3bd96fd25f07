"""What every ledger of objects promises to compaction and retention: the one in memory and the warehouse's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Protocol

import pytest
from tests.fakes.objects import MemoryObjects, make_object
from tests.fakes.observations import TICK

from airtide.domain.batches import LakeObject
from airtide.domain.compaction import Compaction
from airtide.domain.models import Platform
from airtide.domain.retention import FoundObject
from airtide.pipeline.keeping import RawLedger
from airtide.warehouse.connect import Role, connect
from airtide.warehouse.policies import PlatformPolicy, write_policies
from airtide.warehouse.records import list_objects
from airtide.warehouse.retention import WarehouseRaw

POLLED = Platform.CHZZK
DAY = TICK.date()
NOW = TICK + timedelta(days=2)
LONG_AGO = TICK - timedelta(days=365)
RAW_AGE = timedelta(days=30)


class Kept(Protocol):
    """A ledger, and how a landing lists objects in it."""

    ledger: RawLedger

    def list_objects(self, *objects: LakeObject) -> None: ...


class KeptInMemory:
    def __init__(self) -> None:
        self.ledger = MemoryObjects(RAW_AGE)

    def list_objects(self, *objects: LakeObject) -> None:
        self.ledger.list_objects(*objects)

    def plan(self) -> None:
        self.ledger.planned_at[POLLED] = TICK


class KeptInWarehouse:
    def __init__(self, warehouse) -> None:
        policy = PlatformPolicy(
            platform=POLLED,
            raw_age=RAW_AGE,
            text_age=RAW_AGE,
            statistics_age=RAW_AGE,
            picture_age=RAW_AGE,
            pictures="link",
            in_combined_rank=True,
        )
        with connect(warehouse.superuser, Role.OWNER) as connection:
            write_policies(connection, [policy])
        self._address = warehouse.address
        self.ledger = WarehouseRaw(warehouse.address)

    def list_objects(self, *objects: LakeObject) -> None:
        with connect(self._address) as connection:
            batch_id = self._insert_batch(connection, "landed")
            list_objects(connection, batch_id, objects)

    def plan(self) -> None:
        with connect(self._address) as connection:
            self._insert_batch(connection, "planned")

    def _insert_batch(self, connection, state: str) -> int:
        [(batch_id,)] = connection.execute(
            "INSERT INTO ingest.batch (platform, ranges, topic_ids, state, planned_at) "
            "VALUES (%s, '[]', '{}', %s, %s) RETURNING batch_id",
            (POLLED.value, state, TICK),
        ).fetchall()
        return batch_id


@pytest.fixture(params=["memory", pytest.param("warehouse", marks=pytest.mark.integration)])
def kept(request: pytest.FixtureRequest) -> Iterator[Kept]:
    if request.param == "memory":
        yield KeptInMemory()
    else:
        yield KeptInWarehouse(request.getfixturevalue("warehouse"))


def compaction(*replaced: str, key: str = "compacted/v1/c.parquet") -> Compaction:
    return Compaction(compacted=make_object(key, hour=None, rows=2), replaced=replaced)


def keys(kept: Kept, kind: str = "snapshots") -> list[str]:
    return [stored.object_key for stored in kept.ledger.list_day(POLLED, DAY, kind)]


def found(key: str) -> FoundObject:
    return FoundObject(object_key=key, bytes=10, written_at=TICK, starts_at=TICK, ends_at=TICK + timedelta(hours=1))


def removable(kept: Kept, *, now=NOW, before=LONG_AGO, limit: int = 100) -> list[str]:
    return list(kept.ledger.find_removable(POLLED, before=before, now=now, limit=limit))


def test_the_age_is_that_of_the_policy(kept):
    assert kept.ledger.read_raw_age(POLLED) == RAW_AGE


def test_days_with_more_than_one_object_of_a_kind_are_found_in_their_order(kept):
    kept.list_objects(
        *(make_object(f"{day}{n}", day=day) for day in ("2026-02-02", "2026-01-30", "2026-01-31") for n in range(2)),
        make_object("alone", day="2026-02-01"),
        make_object("one", day="2026-02-01", kind="sweeps"),
        *(make_object(f"s{n}", kind="sweeps") for n in range(2)),
        *(make_object(f"other{n}", day="2026-02-01", platform=Platform.KICK) for n in range(2)),
    )
    scattered = kept.ledger.find_scattered(POLLED, date(2026, 1, 31), date(2026, 2, 2))
    assert list(scattered) == [(DAY, "snapshots"), (DAY, "sweeps"), (date(2026, 2, 2), "snapshots")]


def test_an_object_is_told_as_it_was_listed(kept):
    told = [make_object("a"), make_object("b", hour=13)]
    kept.list_objects(*told, make_object("s", kind="sweeps"), make_object("next", day="2026-02-01"))
    assert list(kept.ledger.list_day(POLLED, DAY, "snapshots")) == told


def test_a_compacted_object_takes_the_place_of_those_it_replaces(kept):
    kept.list_objects(make_object("a"), make_object("b"), make_object("late"))
    made = compaction("a", "b")
    assert kept.ledger.swap(made, now=NOW)
    assert list(kept.ledger.list_day(POLLED, DAY, "snapshots")) == [made.compacted, make_object("late")]


@pytest.mark.parametrize("replaced", [("a", "gone"), ("a", "retired"), ()])
def test_what_has_changed_meanwhile_is_not_swapped(kept, replaced):
    kept.list_objects(make_object("a"), make_object("b"), make_object("retired"), make_object("taken"))
    assert kept.ledger.swap(compaction("retired", key="before"), now=NOW)
    assert not kept.ledger.swap(compaction(*replaced, key="taken" if not replaced else "new"), now=NOW)
    assert keys(kept) == ["a", "b", "before", "taken"]


def test_a_second_swap_of_the_same_objects_does_nothing(kept):
    kept.list_objects(make_object("a"), make_object("b"))
    assert kept.ledger.swap(compaction("a", "b"), now=NOW)
    assert not kept.ledger.swap(compaction("a", "b"), now=NOW)
    assert keys(kept) == ["compacted/v1/c.parquet"]


def test_replaced_objects_may_leave_the_store_a_day_later_and_their_rows_after_them(kept):
    kept.list_objects(make_object("a"), make_object("b"))
    kept.ledger.swap(compaction("a", "b"), now=NOW)
    assert removable(kept, now=NOW + timedelta(hours=23)) == []
    assert removable(kept, now=NOW + timedelta(hours=24)) == ["a", "b"]
    assert removable(kept, now=NOW + timedelta(hours=24), limit=1) == ["a"]
    kept.ledger.forget_objects(["a", "compacted/v1/c.parquet"])
    assert removable(kept, now=NOW + timedelta(hours=24)) == ["b"]
    assert keys(kept) == ["compacted/v1/c.parquet"]


def test_objects_are_retired_when_their_last_sample_has_expired_and_go_at_once(kept):
    later = replace(make_object("younger"), max_sampled_at=TICK + timedelta(hours=1))
    kept.list_objects(make_object("old"), later, make_object("other", platform=Platform.KICK))
    before = TICK + timedelta(minutes=30)
    counted = kept.ledger.count_expired(POLLED, before=before, now=NOW)
    assert (counted.retired_objects, counted.removed_objects) == (1, 1)
    assert kept.ledger.retire_expired(POLLED, before=before, now=NOW) == 1
    assert kept.ledger.retire_expired(POLLED, before=before, now=NOW) == 0
    assert keys(kept) == ["younger"]
    assert removable(kept, before=before) == ["old"]


def test_what_no_row_tells_of_is_unlisted(kept):
    kept.list_objects(make_object("a"), make_object("b"))
    kept.ledger.swap(compaction("b", key="c"), now=NOW)
    assert kept.ledger.find_unlisted([found("a"), found("b"), found("x")]) == [found("x")]


def test_a_condemned_object_can_be_listed_by_nobody_and_goes_like_a_retired_one(kept):
    kept.list_objects(make_object("a"), make_object("b"))
    assert kept.ledger.condemn(POLLED, [found("a"), found("x")], now=NOW) == 1
    assert kept.ledger.condemn(POLLED, [found("x")], now=NOW) == 0
    assert not kept.ledger.swap(compaction("a", "b", key="x"), now=NOW)
    assert keys(kept) == ["a", "b"]
    assert removable(kept, now=NOW + timedelta(days=1)) == ["x"]
    assert removable(kept, before=TICK + timedelta(hours=1, seconds=1)) == ["x"]


def test_a_batch_that_waits_for_long_is_known(kept):
    kept.plan()
    assert not kept.ledger.has_planned_since(POLLED, TICK)
    assert kept.ledger.has_planned_since(POLLED, TICK + timedelta(seconds=1))
    assert not kept.ledger.has_planned_since(Platform.KICK, NOW)
