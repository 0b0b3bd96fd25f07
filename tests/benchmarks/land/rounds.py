"""Rounds in which every side lands messages of its own, one side after the other, so that all meet the same machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from tests.benchmarks.land.backlog import Backlog, land_backlog
from tests.benchmarks.land.baselines import (
    copy_to_heap,
    encode_text,
    land_hook,
    land_temporary_table,
    land_tutorial,
    land_values,
    run_baseline,
)
from tests.benchmarks.land.crowd import CADENCE_S, DAY, LIVE, Crowd
from tests.benchmarks.land.lander import MAX_SNAPSHOTS, Run, land, produce
from tests.benchmarks.land.parts import (
    BACKLOG,
    BASELINES,
    EMPTY,
    FULL,
    TICKS_BEFORE,
    Parts,
    Server,
    measure_wire_bytes,
    running_parts,
)
from tests.benchmarks.measures import FEWEST_RUNS

from airtide.bus.decode import decode_snapshots
from airtide.bus.encode import encode_snapshot
from airtide.bus.ranges import KafkaLog
from airtide.bus.records import RawRecord
from airtide.bus.topics import snapshots_topic
from airtide.domain.models import Platform, Snapshot
from airtide.lake.parquet import snapshot_table, write_parquet
from airtide.warehouse.connect import connect


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much is landed."""

    rounds: int = FEWEST_RUNS
    live: int = LIVE
    ticks: int = 10
    """Of a run: 200,000 messages."""
    tutorial_messages: int = 10_000
    backlog_ticks: int = 250
    """Five million messages."""
    has_day: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One run of every side."""

    lander: Run
    without_lake: Run
    empty_day: Run
    with_duplicates: Run
    replay: Run
    tutorial: Run
    values: Run
    temporary_table: Run
    hook: Run
    heap: Run
    wire_share: float
    """Bytes on the wire of those of the messages."""
    parquet_share: float
    """Bytes of one tick's object of those of its messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Everything that was measured."""

    rounds: Sequence[Round]
    backlog: Backlog


class Field:
    """Where rounds are run: the parts, and the crowds whose sweeps are landed."""

    def __init__(self, parts: Parts, server: Server, scale: Scale) -> None:
        self._parts, self._server, self._scale = parts, server, scale
        after_day = DAY + timedelta(seconds=TICKS_BEFORE * CADENCE_S)
        self._crowds = {
            platform: Crowd(platform, seed=seed, first_tick=after_day, live=scale.live)
            for seed, platform in enumerate((FULL, EMPTY, BASELINES, BACKLOG))
        }
        self._heap_texts = [encode_text(list(map(encode_snapshot, tick))) for tick in self._take(BASELINES)]
        for platform in (FULL, EMPTY, BACKLOG):
            self._last = [self._crowds[platform].next_tick()]
            produce(parts, self._last)
            land(parts, platform, server)

    def run_round(self, number: int) -> Round:
        """Run every side once."""
        ticks = self._take(FULL)
        wire_before = measure_wire_bytes(self._parts, snapshots_topic(FULL))
        lander = self._land(FULL, ticks)
        wire_bytes = measure_wire_bytes(self._parts, snapshots_topic(FULL)) - wire_before
        texts = [encode_snapshot(snapshot) for tick in ticks for snapshot in tick]
        heap = copy_to_heap(self._server, self._parts, self._heap_texts, self._scale.live * self._scale.ticks)
        temporary_table, values, hook = (
            self._run_baseline(way, self._take(BASELINES)) for way in (land_temporary_table, land_values, land_hook)
        )
        tutorial = self._run_baseline(land_tutorial, [self._take(BASELINES)[0][: self._scale.tutorial_messages]])
        self._crowds[EMPTY].tick = DAY + timedelta(days=1 + number)
        return Round(
            lander=lander,
            heap=heap,
            temporary_table=temporary_table,
            values=values,
            hook=hook,
            tutorial=tutorial,
            without_lake=self._land(FULL, self._take(FULL), with_lake=False),
            empty_day=self._land(EMPTY, self._take(EMPTY)),
            with_duplicates=self._land(FULL, repeat_some(self._take(FULL), ticks[-1], 2 * MAX_SNAPSHOTS)),
            replay=self._land(FULL, ticks),
            wire_share=wire_bytes / sum(map(len, texts)),
            parquet_share=measure_parquet_share(texts[: self._scale.live]),
        )

    def land_backlog(self) -> Backlog:
        """Land a backlog in a process of its own, between its parts a run of the usual size."""
        produce(self._parts, (self._crowds[BACKLOG].next_tick() for _ in range(self._scale.backlog_ticks)))
        messages = self._scale.backlog_ticks * self._scale.live
        return land_backlog(self._parts, messages, lambda: self._land(FULL, self._take(FULL)))

    def _take(self, platform: Platform) -> list[list[Snapshot]]:
        return [self._crowds[platform].next_tick() for _ in range(self._scale.ticks)]

    def _land(self, platform: Platform, ticks: Sequence[Sequence[Snapshot]], *, with_lake: bool = True) -> Run:
        produced = produce(self._parts, ticks)
        run = land(self._parts, platform, self._server, with_lake=with_lake)
        if run.messages != produced:
            raise ValueError(f"{platform}: {produced} messages became {run.messages} samples")
        return run

    def _run_baseline(self, way, ticks: Sequence[Sequence[Snapshot]]) -> Run:
        with KafkaLog(self._parts.kafka, deadline_s=60) as log:
            ends = log.describe_topics(BASELINES)[0].end_offsets
        starts = {(snapshots_topic(BASELINES), number): offset for number, offset in ends.items()}
        return run_baseline(self._parts, self._server, way, starts, produce(self._parts, ticks))


@cache
def run_all(scale: Scale = Scale()) -> Results:
    """Run all rounds and the backlog, on parts started for them."""
    with running_parts(with_day=scale.has_day) as parts, connect(parts.superuser, None) as connection:
        field = Field(parts, Server(connection), scale)
        return Results(
            rounds=[field.run_round(number) for number in range(scale.rounds)],
            backlog=field.land_backlog(),
        )


def repeat_some(
    ticks: Sequence[Sequence[Snapshot]], landed: Sequence[Snapshot], every: int
) -> list[Sequence[Snapshot]]:
    """Return the ticks with a snapshot that has landed before, another each time, ahead of each `every` messages."""
    repeated = []
    before = 0
    for tick in ticks:
        firsts = [place for place in range(len(tick)) if (before + place) % every == 0]
        whole = list(tick)
        for place in reversed(firsts):
            whole.insert(place, landed[(before + place) // every])
        repeated.append(whole)
        before += len(tick)
    return repeated


def measure_parquet_share(texts: Sequence[bytes]) -> float:
    """Return the bytes of the object that holds these messages, of theirs."""
    records = [RawRecord("topic", 0, offset, text) for offset, text in enumerate(texts)]
    columns, _ = decode_snapshots(FULL, records)
    return len(write_parquet(snapshot_table(columns), {})) / sum(map(len, texts))
