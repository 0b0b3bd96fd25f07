"""The arithmetic of the suite `land`: what its rows are made of, and what its sides are given to land."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.benchmarks import land
from tests.benchmarks.land.backlog import Backlog
from tests.benchmarks.land.baselines import COLUMNS, encode_text
from tests.benchmarks.land.crowd import DAY, Crowd
from tests.benchmarks.land.lander import Run
from tests.benchmarks.land.rounds import Results, Round, measure_parquet_share, repeat_some
from tests.fakes.observations import make_snapshot

from airtide.bus.encode import encode_snapshot
from airtide.domain.models import Platform

RUN = Run(messages=1000, new_rows=1000, wall_s=1.0, cpu_s=0.5, wal_bytes=100_000, database_s=0.25)
ROUND = Round(
    lander=RUN,
    without_lake=replace(RUN, wall_s=0.8),
    empty_day=replace(RUN, wall_s=0.9),
    with_duplicates=replace(RUN, wall_s=1.25),
    replay=replace(RUN, wall_s=2.0, new_rows=3),
    tutorial=replace(RUN, messages=10),
    values=replace(RUN, wall_s=4.0),
    temporary_table=replace(RUN, wall_s=2.5, cpu_s=2.0),
    hook=replace(RUN, wall_s=5.0),
    heap=replace(RUN, wall_s=0.2, wal_bytes=400_000),
    wire_share=0.1,
    parquet_share=0.05,
)
FIGURES = {
    "rate to the tutorial's": (100, 60, "higher"),
    "rate to execute_values'": (4, 3.5, "higher"),
    "rate to the temporary table's": (2.5, 2.2, "higher"),
    "rate to Airflow's insert_rows": (5, 3, "higher"),
    "server CPU a row to the temporary table's": (0.25, 0.2, "lower"),
    "decoded batch to commit, rate to COPY into a heap": (0.8, 0.6, "higher"),
    "WAL a row to COPY into a heap": (0.25, 0.75, "lower"),
    "rate in a day of 10 M rows to an empty day's": (0.9, 0.9, "higher"),
    "cost of Parquet and S3": (0.2, 0.3, "lower"),
    "rate with duplicates in every other batch": (0.8, 0.8, "higher"),
    "rate of a full replay": (0.5, 0.7, "higher"),
    "new rows of a full replay": (3, 0, "lower"),
    "peak memory of a backlog of 5 M": (512, 600, "lower"),
    "rate of a backlog of 5 M to a run of 200 k": (0.5, 0.9, "higher"),
    "bytes on the wire, of JSON": (0.1, 0.2, "lower"),
    "Parquet of one tick, of JSON": (0.05, 0.15, "lower"),
}


def test_every_row_is_told_from_its_own_sides_and_has_its_target(monkeypatch):
    backlog = Backlog(peak_mb=512, rates=[500.0] * 5, usual_rates=[1000.0] * 5)
    monkeypatch.setattr(land, "run_all", lambda: Results(rounds=[ROUND] * 5, backlog=backlog))
    rows = {m.name: (pytest.approx(m.run()[0]), m.target, m.better) for m in land.MEASURES}
    assert rows == FIGURES


def test_one_duplicate_stands_ahead_of_every_so_many_messages_and_another_each_time():
    ticks = [[make_snapshot(f"t{tick} {n}") for n in range(10)] for tick in range(3)]
    landed = [make_snapshot(f"old {n}") for n in range(10)]
    repeated = [[snapshot.broadcast_id for snapshot in tick] for tick in repeat_some(ticks, landed, 15)]
    assert [len(tick) for tick in repeated] == [11, 11, 10]
    assert (repeated[0][0], repeated[1][5]) == ("old 0", "old 1")
    assert [name for tick in repeated for name in tick if name[0] == "t"] == [s.broadcast_id for t in ticks for s in t]


def test_a_text_for_copy_has_every_column_and_no_field_of_it_breaks_the_line():
    value = encode_snapshot(make_snapshot(title="tab\t line\n \\ end", tags=("a", "b"), is_mature=False))
    lines = encode_text([value, value]).decode().split("\n")
    fields = dict(zip(COLUMNS, lines[0].split("\t"), strict=True))
    assert (len(lines), fields["title"], fields["tags"]) == (3, "tab\\t line\\n \\\\ end", "a,b")
    assert (fields["channel_name"], fields["is_mature"]) == ("\\N", "False")


def test_of_a_crowd_one_in_two_hundred_is_new_in_each_sweep_and_as_many_are_renamed():
    crowd = Crowd(Platform.CHZZK, seed=1, first_tick=DAY, live=1000)
    first, second = ({s.broadcast_id: s for s in crowd.next_tick()} for _ in range(2))
    assert Counter(s.sampled_at - DAY for s in second.values()) == {timedelta(minutes=1): 1000}
    both = first.keys() & second.keys()
    assert len(second.keys() - both) == 5
    assert 3 <= sum(first[key].title != second[key].title for key in both) <= 5


def test_a_message_of_the_crowd_has_about_six_hundred_bytes_and_its_object_is_far_smaller():
    texts = [encode_snapshot(s) for s in Crowd(Platform.CHZZK, seed=1, first_tick=DAY, live=2000).next_tick()]
    assert 570 <= sum(map(len, texts)) / len(texts) <= 680
    assert json.loads(texts[0])["platform"] == "chzzk"
    assert 0 < measure_parquet_share(texts) < 0.15
