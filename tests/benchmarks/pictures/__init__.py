"""Pictures: what capturing them costs, from messages in Kafka and a host on this machine to the store and the rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from tests.benchmarks.measures import Measure
from tests.benchmarks.pictures.rounds import Round, run_all


def _measure(
    name: str, unit: str, target: float, better: Literal["higher", "lower"], tell: Callable[[Round], float]
) -> Measure:
    def run() -> Sequence[float]:
        return [tell(taken) for taken in run_all()]

    return Measure(name=name, unit=unit, target=target, better=better, run=run)


MEASURES = (
    _measure("pictures from host to store and row", "pictures/s", 100, "higher", lambda r: r.new.rate),
    _measure("uploads of pictures that are in the store", "uploads", 0, "lower", lambda r: r.repeated.uploads),
    _measure("pictures that are in the store", "pictures/s", 100, "higher", lambda r: r.repeated.rate),
    _measure("messages of which none is due", "messages/s", 40_000, "higher", lambda r: r.backlog.message_rate),
    _measure("peak memory", "MB", 300, "lower", lambda r: r.peak_mb),
)
