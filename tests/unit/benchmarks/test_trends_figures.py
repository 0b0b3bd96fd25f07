"""The arithmetic of the suite `trends`: what its rows are made of, and the day that its sides are given."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc
import pytest
from tests.benchmarks import trends
from tests.benchmarks.trends.crowd import CADENCE_S, DAY_S, FIRST_MINUTE, LAST_MINUTE, Crowd
from tests.benchmarks.trends.objects import compact, write_small, write_whole
from tests.benchmarks.trends.rounds import Recomputed, Round
from tests.fakes.lake import MemoryStore

from airtide.domain.keys import hash_id
from airtide.domain.models import Platform
from airtide.lake.parquet import SNAPSHOT_SCHEMA

ROUND = Round(
    closing_s=2.0,
    window_s=30.0,
    compacted=Recomputed(wall_s=8.0, grown_mib=400.0),
    small=Recomputed(wall_s=10.0, grown_mib=300.0),
    quadruple=Recomputed(wall_s=36.0, grown_mib=600.0),
)
FIGURES = {
    "closing a day to recomputing it": (0.25, 0.5, "lower"),
    "a window query over its samples to closing a day": (15, 10, "higher"),
    "recomputing from compacted objects to small ones": (0.8, 0.85, "lower"),
    "time of four times the data": (4.5, 4.5, "lower"),
    "memory of four times the data": (1.5, 4, "lower"),
}


@pytest.fixture(scope="module")
def crowd() -> Crowd:
    return Crowd(Platform.CHZZK, seed=1, broadcasts=60)


def test_every_row_is_told_from_its_own_sides_and_has_its_target(monkeypatch):
    monkeypatch.setattr(trends, "run_all", lambda: [ROUND] * 5)
    rows = {m.name: (pytest.approx(m.run()[0]), m.target, m.better) for m in trends.MEASURES}
    assert rows == FIGURES
    assert {len(m.run()) for m in trends.MEASURES} == {5}


def test_a_crowd_is_the_same_for_its_seed_and_has_gaps_and_hidden_counts(crowd):
    again, other = (Crowd(Platform.CHZZK, seed=seed, broadcasts=60) for seed in (1, 2))
    assert np.array_equal(again.samples.viewers, crowd.samples.viewers)
    assert not np.array_equal(other.samples.minute, crowd.samples.minute)
    samples = crowd.samples
    assert FIRST_MINUTE <= samples.minute.min() <= samples.minute.max() <= LAST_MINUTE
    assert (samples.viewers == -1).any()
    assert not np.isin(samples.minute, range(900, 935)).any()
    keys = crowd.keys[samples.broadcast]
    order = np.lexsort((keys, samples.minute))
    assert np.array_equal(order, np.arange(len(order)))


def test_its_objects_hold_every_sample_once_small_compacted_or_whole(crowd):
    store = MemoryStore()
    small = write_small(store, crowd)
    compacted, whole = compact(store, small), write_whole(store, crowd)
    rows = len(crowd.samples.minute)
    assert sum(told.rows for told in small) == sum(told.rows for told in compacted) == whole.rows == rows
    assert len(compacted) == len({told.day for told in small}) < len(small)


def test_its_snapshots_tell_what_its_arrays_say(crowd):
    [table] = crowd.tables(crowd.samples, len(crowd.samples.minute), first_offset=7)
    assert table.schema == SNAPSHOT_SCHEMA
    row = table.slice(3, 1).to_pylist()[0]
    assert row["record_offset"] == 10
    assert hash_id(Platform.CHZZK, row["broadcast_id"]) == crowd.keys[crowd.samples.broadcast[3]]
    assert row["sampled_at"].timestamp() == DAY_S + int(crowd.samples.minute[3]) * CADENCE_S
    assert table.column("viewers").null_count == (crowd.samples.viewers == -1).sum()
    assert pc.all(pc.equal(table.column("cadence_s"), CADENCE_S)).as_py()


def test_the_ends_of_its_broadcasts_are_their_first_and_last_sample(crowd):
    sampled, first, last = crowd.find_ends()
    for index, *ends in zip(sampled[:5].tolist(), first.tolist(), last.tolist(), strict=False):
        times = DAY_S + crowd.samples.minute[crowd.samples.broadcast == index].astype(int) * 60
        assert ends == [times.min(), times.max()]
