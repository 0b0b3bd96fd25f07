"""What is read of a day's objects: the columns its numbers are made of, and no row beside the time asked for."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from tests.fakes.bus import MemoryBroker, MemoryLog, MemorySink
from tests.fakes.lake import MemoryStore
from tests.fakes.observations import TICK, make_batch, make_snapshot

from airtide.domain.audited import NONE
from airtide.domain.errors import ObjectConflict, ObjectMissing, PartUnreachable
from airtide.domain.keys import NO_CATEGORY_KEY, hash_id
from airtide.domain.models import Platform, Snapshot
from airtide.domain.periods import Period
from airtide.domain.recomputed import DayObject, DaySnapshots
from airtide.lake.day_rows import LakeDays
from airtide.lake.lake import SnapshotLake

POLLED = Platform.CHZZK
TICK_MS = round(TICK.timestamp() * 1000)
HOUR = Period(TICK_MS, TICK_MS + 3_600_000)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def write(store: MemoryStore, *snapshots: Snapshot) -> tuple[list[DayObject], dict[str, int]]:
    """Land messages into objects; return these, and the life of their topic as the first one."""
    broker = MemoryBroker([POLLED])
    log = MemoryLog(broker)
    before = log.describe_topics(POLLED)
    MemorySink(broker).publish_snapshots(POLLED, snapshots)
    batch = make_batch(before, log.describe_topics(POLLED))
    written = SnapshotLake(store).write_snapshots(batch, log.read_batch(batch).snapshots)
    objects = [DayObject(object_key=told.object_key, rows=told.rows) for told in written]
    return objects, {topic_id: number for number, topic_id in enumerate(batch.topic_ids.values())}


def read(store: MemoryStore, written: tuple[list[DayObject], dict[str, int]], **options: int) -> list[DaySnapshots]:
    return list(LakeDays(store, **options).read_snapshots(POLLED, *written, HOUR))


def test_a_snapshot_is_read_with_its_keys_and_what_is_not_told_is_marked(store):
    ended = TICK + timedelta(minutes=5)
    written = write(
        store,
        make_snapshot("b1", viewers=0, category_id="g", language="ko", started_at=TICK - timedelta(milliseconds=1)),
        make_snapshot("b2", viewers=None, ended_at=ended),
    )
    [part] = read(store, written)
    order = np.argsort(part.record_offset)
    assert part.life == 0
    assert part.broadcast_key[order].tolist() == [hash_id(POLLED, "b1"), hash_id(POLLED, "b2")]
    assert part.channel_key[order].tolist() == [hash_id(POLLED, f"channel of {name}") for name in ("b1", "b2")]
    assert part.category_key[order].tolist() == [hash_id(POLLED, "g"), NO_CATEGORY_KEY]
    assert part.at_s.tolist() == [TICK_MS // 1000] * 2
    assert part.viewers[order].tolist() == [0, NONE]
    assert part.cadence_s.tolist() == [300, 300]
    assert part.started_ms[order].tolist() == [TICK_MS - 1, NONE]
    assert part.ended_ms[order].tolist() == [NONE, TICK_MS + 300_000]
    assert [part.languages[code] for code in part.language[order]] == ["ko", ""]


def test_the_time_asked_for_begins_with_its_first_instant_and_ends_before_its_last(store):
    minutes = (-1, 0, 59, 60)
    written = write(store, *(make_snapshot(f"b{n}", sampled_at=TICK + timedelta(minutes=n)) for n in minutes))
    parts = read(store, written)
    assert sorted(at for part in parts for at in part.at_s.tolist()) == [TICK_MS // 1000, TICK_MS // 1000 + 59 * 60]


def test_no_part_holds_more_rows_than_wanted(store):
    written = write(store, *(make_snapshot(f"b{n}") for n in range(10)))
    assert [len(part.at_s) for part in read(store, written, rows_at_once=4)] == [4, 4, 2]


def test_an_object_that_is_not_what_is_listed_is_refused_by_its_name(store):
    objects, lives = write(store, make_snapshot("b1"))
    [listed] = objects
    with pytest.raises(ObjectConflict, match=r"snapshots/v1/.* holds 1 rows, and is listed with 2"):
        read(store, ([DayObject(object_key=listed.object_key, rows=2)], lives))
    with pytest.raises(ObjectConflict, match="is of a life of its topic that has never landed"):
        read(store, (objects, {}))
    store.objects[listed.object_key] = (b"no Parquet", "")
    with pytest.raises(ObjectConflict, match=r"snapshots/v1/.* cannot be read \(ArrowInvalid\)"):
        read(store, (objects, lives))


def test_a_store_without_the_object_or_without_an_answer_says_so(store):
    written = write(store, make_snapshot("b1"))
    store.is_down = True
    with pytest.raises(PartUnreachable):
        read(store, written)
    store.is_down = False
    store.delete(written[0][0].object_key)
    with pytest.raises(ObjectMissing):
        read(store, written)
