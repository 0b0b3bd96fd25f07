"""Landing: what it costs from Kafka to PostgreSQL and the lake, beside other ways that write no Parquet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from tests.benchmarks.land.rounds import Round, run_all
from tests.benchmarks.measures import Measure


def _measure(
    name: str, target: float, better: Literal["higher", "lower"], tell: Callable[[Round], float], unit: str = "ratio"
) -> Measure:
    def run() -> Sequence[float]:
        return [tell(taken) for taken in run_all().rounds]

    return Measure(name=name, unit=unit, target=target, better=better, run=run)


MEASURES = (
    _measure("rate to the tutorial's", 60, "higher", lambda r: r.lander.rate / r.tutorial.rate),
    _measure("rate to execute_values'", 3.5, "higher", lambda r: r.lander.rate / r.values.rate),
    _measure("rate to the temporary table's", 2.2, "higher", lambda r: r.lander.rate / r.temporary_table.rate),
    _measure("rate to Airflow's insert_rows", 3, "higher", lambda r: r.lander.rate / r.hook.rate),
    _measure(
        "server CPU a row to the temporary table's",
        0.2,
        "lower",
        lambda r: r.lander.server_cpu_a_message / r.temporary_table.server_cpu_a_message,
    ),
    _measure(
        "decoded batch to commit, rate to COPY into a heap",
        0.6,
        "higher",
        lambda r: r.lander.database_rate / r.heap.rate,
    ),
    _measure("WAL a row to COPY into a heap", 0.75, "lower", lambda r: r.lander.wal_a_message / r.heap.wal_a_message),
    _measure("rate in a day of 10 M rows to an empty day's", 0.9, "higher", lambda r: r.lander.rate / r.empty_day.rate),
    _measure("cost of Parquet and S3", 0.3, "lower", lambda r: 1 - r.lander.rate / r.without_lake.rate, "share"),
    _measure(
        "rate with duplicates in every other batch",
        0.8,
        "higher",
        lambda r: r.with_duplicates.rate / r.lander.rate,
    ),
    _measure("rate of a full replay", 0.7, "higher", lambda r: r.replay.rate / r.lander.rate),
    _measure("new rows of a full replay", 0, "lower", lambda r: r.replay.new_rows, "rows"),
    Measure(
        name="peak memory of a backlog of 5 M",
        unit="MB",
        target=600,
        better="lower",
        run=lambda: [run_all().backlog.peak_mb],
        fewest_runs=1,
    ),
    Measure(
        name="rate of a backlog of 5 M to a run of 200 k",
        unit="ratio",
        target=0.9,
        better="higher",
        run=lambda: run_all().backlog.compare_rates(),
    ),
    _measure("bytes on the wire, of JSON", 0.2, "lower", lambda r: r.wire_share, "share"),
    _measure("Parquet of one tick, of JSON", 0.15, "lower", lambda r: r.parquet_share, "share"),
)
