"""A backlog of millions, landed in one run of a process of its own; it stops now and then for a usual run."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection

from tests.benchmarks.collect.sweeps import read_memory
from tests.benchmarks.land.lander import DEADLINE_S, Run, land_with
from tests.benchmarks.land.parts import BACKLOG, Parts
from tests.benchmarks.measures import FEWEST_RUNS

from airtide.bus.ranges import KafkaLog
from airtide.domain.batches import Batch, ReadBatch
from airtide.lake.lake import SnapshotLake
from airtide.warehouse.ledger import WarehouseLedger

_END_S = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What landing a backlog took."""

    peak_mb: float
    """The largest resident size of its process, in 10^6 bytes."""
    rates: Sequence[float]
    """Messages a second of each part, one after the other."""
    usual_rates: Sequence[float]
    """Of a run of the usual size right before each part."""

    def compare_rates(self) -> Sequence[float]:
        """Return the rate of each part to that of the run before it."""
        return [rate / usual for rate, usual in zip(self.rates, self.usual_rates, strict=True)]


@dataclass(frozen=True, slots=True)
class _Ended:
    peak_mb: float


class HaltingLog(KafkaLog):
    """Tells how long each part took, and goes on when told to."""

    def halt(self, parent: Connection, every: int) -> None:
        """Halt after each `every` messages."""
        self._parent, self._every, self._read, self._begun_at = parent, every, 0, time.perf_counter()

    def read_batch(self, batch: Batch) -> ReadBatch:
        """Read a batch; before it, what was read until now has landed."""
        if self._read >= self._every:
            self.tell()
        read = super().read_batch(batch)
        self._read += len(read.snapshots)
        return read

    def tell(self) -> None:
        """Tell the rate of the part that has landed, and wait."""
        self._parent.send(self._read / (time.perf_counter() - self._begun_at))
        self._parent.recv()
        self._read, self._begun_at = 0, time.perf_counter()

    @property
    def has_part(self) -> bool:
        """True when a part has landed that nothing was told of."""
        return self._read > 0


def land_backlog(parts: Parts, messages: int, run_usual: Callable[[], Run]) -> Backlog:
    """Land `messages` that wait in the topic, in as many parts as a median needs."""
    here, there = get_context("spawn").Pipe()
    child = get_context("spawn").Process(target=_land, args=(parts, there, messages // FEWEST_RUNS))
    rates, usual_rates = [], []
    child.start()
    there.close()
    try:
        told: float | _Ended = 0.0
        while not isinstance(told, _Ended):
            usual_rates.append(run_usual().rate)
            here.send(None)
            told = here.recv()
            rates += [] if isinstance(told, _Ended) else [told]
    finally:
        child.join(_END_S)
        child.kill()
    return Backlog(peak_mb=told.peak_mb, rates=rates, usual_rates=usual_rates[: len(rates)])


def _land(parts: Parts, parent: Connection, every: int) -> None:
    parent.recv()
    with HaltingLog(parts.kafka, deadline_s=DEADLINE_S) as log, parts.open_store() as store:
        log.halt(parent, every)
        land_with(BACKLOG, log, SnapshotLake(store), WarehouseLedger(parts.address))
        if log.has_part:
            log.tell()
    parent.send(_Ended(read_memory("VmHWM") * 1024 / 1e6))
