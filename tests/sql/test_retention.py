"""What retention removes from the warehouse: expired leaves, dead letters, flags, last counts; nothing younger."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from tests.fakes.observations import TICK

from airtide.domain.models import Platform
from airtide.domain.retention import Expired, Leaf
from airtide.warehouse import retention
from airtide.warehouse.connect import Role, connect
from airtide.warehouse.retention import WarehouseRaw

POLLED = Platform.CHZZK
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOON = TICK
BEFORE = NOON + 2 * HOUR


@pytest.fixture
def raw(warehouse) -> WarehouseRaw:
    return WarehouseRaw(warehouse.address)


@pytest.fixture
def connection(warehouse) -> Iterator[psycopg.Connection]:
    with connect(warehouse.address, Role.INGEST) as opened:
        yield opened


def make_leaf(connection, starts_at, span=HOUR, platform=POLLED, samples=(1,)) -> Leaf:
    connection.execute("SELECT live.ensure_sample_partition(%s, %s, %s)", (platform.value, starts_at, starts_at + span))
    for key in samples:
        connection.execute(
            "INSERT INTO live.sample (platform, sampled_at, broadcast_key, detail_key, viewers, cadence_s) "
            "VALUES (%s, %s, %s, 1, 5, 60)",
            (platform.value, starts_at, key),
        )
    return Leaf(starts_at, starts_at + span)


def ticks(connection) -> list:
    return [row[0] for row in connection.execute("SELECT sampled_at FROM live.sample ORDER BY sampled_at").fetchall()]


def test_only_leaves_that_are_old_as_a_whole_expire(raw, connection):
    old = [make_leaf(connection, NOON), make_leaf(connection, NOON + HOUR)]
    make_leaf(connection, BEFORE)
    make_leaf(connection, NOON + DAY - 12 * HOUR, DAY)
    make_leaf(connection, NOON, platform=Platform.KICK)
    assert raw.find_expired_leaves(POLLED, before=BEFORE) == old
    assert raw.find_expired_leaves(POLLED, before=BEFORE - timedelta(milliseconds=1)) == old[:1]
    assert all(raw.drop_leaf(POLLED, leaf) for leaf in old)
    assert raw.find_expired_leaves(POLLED, before=BEFORE) == []
    assert ticks(connection) == [NOON, NOON + DAY - 12 * HOUR, BEFORE][:1] + sorted([BEFORE, NOON + 12 * HOUR])


def test_a_leaf_that_is_gone_or_was_emptied_by_a_run_that_was_killed_is_dropped_all_the_same(raw, connection):
    leaf = make_leaf(connection, NOON)
    connection.execute("SELECT live.empty_sample_partition(%s, %s, %s)", (POLLED.value, leaf.starts_at, leaf.ends_at))
    assert ticks(connection) == []
    assert raw.find_expired_leaves(POLLED, before=BEFORE) == [leaf]
    assert raw.drop_leaf(POLLED, leaf)
    assert raw.drop_leaf(POLLED, leaf)
    make_leaf(connection, NOON)
    assert ticks(connection) == [NOON]


def test_a_leaf_with_samples_cannot_be_dropped_by_mistake(connection):
    leaf = make_leaf(connection, NOON)
    with pytest.raises(psycopg.errors.RaiseException, match="empty it first"):
        connection.execute(
            "SELECT live.drop_sample_partition(%s, %s, %s)", (POLLED.value, leaf.starts_at, leaf.ends_at)
        )
    assert ticks(connection) == [NOON]


def test_a_leaf_that_somebody_reads_waits_for_the_next_run(raw, warehouse, connection):
    leaf = make_leaf(connection, NOON)
    with connect(warehouse.address, Role.READER) as reader, reader.transaction():
        reader.execute("SELECT FROM live.sample").fetchall()
        assert not raw.drop_leaf(POLLED, leaf)
    assert ticks(connection) == [NOON]
    assert raw.drop_leaf(POLLED, leaf)


def test_a_landing_copies_into_a_younger_leaf_while_an_old_one_goes(raw, warehouse, connection):
    leaf = make_leaf(connection, NOON)
    make_leaf(connection, BEFORE, samples=())
    with connect(warehouse.address, Role.INGEST) as landing, landing.transaction():
        landing.execute(
            "INSERT INTO live.sample (platform, sampled_at, broadcast_key, detail_key, viewers, cadence_s) "
            "VALUES (%s, %s, 1, 1, 5, 60)",
            (POLLED.value, BEFORE),
        )
        dropped = []
        dropping = threading.Thread(target=lambda: dropped.append(raw.drop_leaf(POLLED, leaf)))
        dropping.start()
        dropping.join()
    # emptied at once; the drop needs the parent, which the landing holds
    assert dropped == [False]
    assert ticks(connection) == [BEFORE]
    assert raw.drop_leaf(POLLED, leaf)


def test_letters_flags_and_counts_go_by_their_age_in_slices(raw, connection, monkeypatch):
    monkeypatch.setattr(retention, "_SLICE", 2)
    ages = [BEFORE - HOUR] * 5 + [BEFORE, BEFORE + HOUR]
    for n, at in enumerate(ages):
        connection.execute(
            "INSERT INTO ingest.dead_letter (topic, topic_id, topic_partition, record_offset, reason, detail, headers, "
            "found_at) VALUES ('airtide.snapshots.chzzk.v1', 't', 0, %s, 'r', 'd', '[]', %s)",
            (n, at),
        )
        connection.execute("INSERT INTO live.sample_flag VALUES ('chzzk', %s, %s, 'stuck')", (at, n))
        connection.execute(
            "INSERT INTO live.broadcast (broadcast_key, platform, broadcast_id, channel_key, last_sampled_at, "
            "last_viewers, unchanged_since, unchanged_samples) VALUES (%s, 'chzzk', %s, 1, %s, %s, %s, 3)",
            (n, str(n), at, None if n == 0 else 9, at),
        )
    connection.execute(
        "INSERT INTO ingest.dead_letter (topic, topic_id, topic_partition, record_offset, reason, detail, headers, "
        "found_at) VALUES ('airtide.sweeps.kick.v1', 't', 0, 0, 'r', 'd', '[]', %s)",
        (NOON - DAY,),
    )
    expired = Expired(dead_letters=5, flags=5, counts=5)
    assert raw.count_expired(POLLED, before=BEFORE, now=NOON + 30 * DAY) == expired
    assert raw.delete_expired(POLLED, before=BEFORE) == expired
    assert raw.delete_expired(POLLED, before=BEFORE) == Expired()
    assert connection.execute("SELECT COUNT(*) FROM ingest.dead_letter").fetchone() == (3,)
    assert connection.execute("SELECT COUNT(*) FROM live.sample_flag").fetchone() == (2,)
    kept = connection.execute(
        "SELECT broadcast_key FROM live.broadcast WHERE num_nonnulls(last_viewers, unchanged_since, unchanged_samples) "
        "= 3 ORDER BY broadcast_key"
    ).fetchall()
    assert kept == [(5,), (6,)]
