"""What every `AuditLedger` tells of what has landed: the one in memory and the warehouse's, row for row."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from tests.contract.test_ledger import (
    CADENCE,
    NOW,
    POLLED,
    RAW_AGE,
    SNAPSHOTS,
    KeptInMemory,
    both,
    kept,
    plan,
    random_snapshot,
    random_sweep,
    topics,
)
from tests.fakes.bus import MemoryLog, MemorySink
from tests.fakes.lake import MemoryStore
from tests.fakes.observations import TICK, make_snapshot, make_sweep

from airtide.domain.audited import NONE, KeptSamples, LedgerState, Place
from airtide.domain.batches import OffsetRange
from airtide.domain.keys import hash_id
from airtide.lake.lake import SnapshotLake
from airtide.pipeline.arrange import Arranger
from airtide.pipeline.ports import AuditLedger
from airtide.warehouse.audit import WarehouseAudit

__all__ = ["both", "kept", "topics"]  # fixtures of the landing's suite


def audit_of(kept) -> AuditLedger:
    return kept.ledger if isinstance(kept, KeptInMemory) else WarehouseAudit(kept.ledger._address)


def land(kept, topics, store: MemoryStore) -> None:
    """Land all that waits, with objects that are really there."""
    batch = plan(kept, topics)
    arranger, lake = Arranger(POLLED, kept.ledger.find_collisions, RAW_AGE), SnapshotLake(store)
    arranged = arranger.arrange(batch, MemoryLog(topics.broker).read_batch(batch), now=NOW)
    objects = [*lake.write_snapshots(batch, arranged.snapshots), *lake.write_sweeps(batch, arranged.sweeps)]
    kept.ledger.land_batch(batch, arranged.rows, objects, now=NOW)


def rows_of(samples: KeptSamples) -> list[tuple[int, ...]]:
    columns = (samples.sampled_at_ms, samples.broadcast_key, samples.viewers, samples.cadence_s, samples.detail_of)
    return sorted(zip(*(column.tolist() for column in columns), strict=True))


def comparable(state: LedgerState) -> LedgerState:
    """Return the state with what has no order sorted."""
    letters = {place: sorted(offsets) for place, offsets in state.dead_letters.items()}
    batches = [replace(batch, runs=sorted(batch.runs)) for batch in state.batches]
    return replace(state, dead_letters=letters, batches=batches)


def test_the_state_of_nothing_is_empty(kept, topics):
    plan(kept, topics)
    with audit_of(kept).open_audit(POLLED) as audit:
        state = audit.read_state()
        assert (state.raw_age, state.batches, state.planned, state.objects) == (RAW_AGE, [], [], [])
        assert {position.next_offset for position in state.positions} == {0}
        assert list(audit.find_sample_hours(TICK)) == []
        assert rows_of(audit.read_samples(TICK, NOW)) == []


def test_a_landed_batch_its_objects_and_its_samples_are_told(kept, topics):
    topics.publish(make_snapshot("b1"), make_snapshot("b2", viewers=None, sampled_at=TICK + 12 * CADENCE))
    topics.broker.append(SNAPSHOTS, 3, b"not json")
    MemorySink(topics.broker).publish_sweep(make_sweep())
    land(kept, topics, MemoryStore())
    topics.publish(make_snapshot("b3"))
    planned = plan(kept, topics)
    with audit_of(kept).open_audit(POLLED) as audit:
        state = audit.read_state()
        hours = list(audit.find_sample_hours(TICK + CADENCE))
        samples = audit.read_samples(TICK, TICK + timedelta(hours=2))
        assert rows_of(audit.read_samples(TICK + CADENCE, TICK + 12 * CADENCE)) == []
    [batch] = state.batches
    assert (batch.snapshots, batch.dead_letters, batch.expired) == (2, 1, 0)
    assert (batch.planned_at, batch.min_sampled_at) == (NOW, TICK)
    assert sum(run.end_offset - run.start_offset for _, run in batch.runs) == 4
    assert list(state.planned) == [planned.batch_id]
    assert [(stored.kind, stored.starts_at, stored.is_of_day, stored.rows) for stored in state.objects] == [
        ("snapshots", TICK, False, 1),
        ("sweeps", TICK, False, 1),
        ("snapshots", TICK + timedelta(hours=1), False, 1),
    ]
    letters = {place: list(offsets) for place, offsets in state.dead_letters.items()}
    [(place, [offset])] = letters.items()
    assert place == Place(SNAPSHOTS, "topic-1", 3)
    assert topics.broker.partitions(SNAPSHOTS)[3].records[offset].value == b"not json"
    assert hours == [TICK + timedelta(hours=1)]
    first, second = hash_id(POLLED, "b1"), hash_id(POLLED, "b2")
    later_ms = round((TICK + 12 * CADENCE).timestamp() * 1000)
    assert rows_of(samples) == [
        (round(TICK.timestamp() * 1000), first, 100, 300, first),
        (later_ms, second, NONE, 300, second),
    ]
    assert {column.dtype for column in (samples.sampled_at_ms, samples.viewers)} == {np.dtype(np.int64)}


def test_what_was_given_up_is_told_and_a_superseded_batch_is_not(kept, topics):
    topics.publish(*(make_snapshot("b1", sampled_at=TICK + n * CADENCE) for n in range(3)))
    [number] = [n for n, partition in enumerate(topics.broker.partitions(SNAPSHOTS)) if partition.records]
    plan(kept, topics)
    gone = OffsetRange(topic=SNAPSHOTS, topic_partition=number, start_offset=0, end_offset=2)
    kept.ledger.accept_loss(POLLED, topics.facts(), now=NOW, wanted=gone)
    with audit_of(kept).open_audit(POLLED) as audit:
        state = audit.read_state()
    assert list(state.losses) == [(Place(SNAPSHOTS, "topic-1", number), (0, 2))]
    assert (state.batches, state.planned) == ([], [])


def test_what_lands_while_an_audit_is_open_is_not_seen_by_it(kept, topics):
    topics.publish(make_snapshot("b1"))
    land(kept, topics, MemoryStore())
    with audit_of(kept).open_audit(POLLED) as audit:
        before = audit.read_state()
        topics.publish(make_snapshot("b2"))
        land(kept, topics, MemoryStore())
        assert audit.read_state() == before
        assert len(audit.read_samples(TICK, NOW).viewers) == 1


@pytest.mark.integration
@pytest.mark.parametrize("seed", range(2))
def test_random_landings_are_told_alike_in_memory_and_in_the_warehouse(both, topics, seed):
    some, store = random.Random(seed), MemoryStore()
    for _ in range(6):
        topics.publish(*(random_snapshot(some) for _ in range(some.randrange(1, 25))))
        topics.broker.append(SNAPSHOTS, some.randrange(4), b"not json")
        MemorySink(topics.broker).publish_sweep(random_sweep(some))
        for one in both:
            land(one, topics, store)
    told = []
    for one in both:
        with audit_of(one).open_audit(POLLED) as audit:
            hours = list(audit.find_sample_hours(TICK - RAW_AGE))
            samples = [rows_of(audit.read_samples(hour, hour + timedelta(hours=1))) for hour in hours]
            told.append((comparable(audit.read_state()), hours, samples))
    assert told[0] == told[1]
