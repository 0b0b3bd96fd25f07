"""Sweeps of large sites: CPU time and memory of the real client and poll, in a process of their own for each run."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from tests.benchmarks.collect.sites import find_busy_minute, open_source, running_sites
from tests.benchmarks.measures import FEWEST_RUNS, Measure

from airtide.bus.encode import encode_snapshot, encode_sweep
from airtide.domain.clock import SetClock
from airtide.domain.models import Outcome, Platform, Reject, Snapshot, Sweep
from airtide.pipeline.poll import poll_platform
from airtide.settings import POLLED_PLATFORMS

LIVE = 20_000
CHANNELS = 145_000
"""Of so many channels a little more than `LIVE` are live at the busiest time."""

MOST_CPU_S = {Platform.TWITCH: 10.0, Platform.KICK: 6.0}
MOST_MIB = 50.0
"""Twice what the snapshots take that are kept until every page is read: no room for the pages or the messages too."""


@dataclass(frozen=True, slots=True)
class SweepRun:
    """What one sweep cost."""

    cpu_s: float
    grown_mib: float
    """The process's largest resident size, above what it had before."""


class EncodingSink:
    """Encodes every message as the producer does, and forgets it as that does once it is acknowledged."""

    def __init__(self) -> None:
        self.messages = 0
        self.bytes = 0

    def publish_snapshots(self, platform: Platform, records: Sequence[Snapshot | Reject]) -> dict[int, int]:
        """Encode the records."""
        for record in records:
            key = b"" if record.channel_id is None else record.channel_id.encode()
            value = encode_snapshot(record) if isinstance(record, Snapshot) else record.raw
            self._take(key, value)
        return {0: self.messages}

    def publish_sweep(self, sweep: Sweep) -> None:
        """Encode the sweep record."""
        self._take(b"", encode_sweep(sweep))

    def _take(self, key: bytes, value: bytes) -> None:
        self.messages += 1
        self.bytes += len(key) + len(value)


def sweep_once(environment: Mapping[str, str], platform: Platform, at: datetime) -> SweepRun:
    """Poll a site once and tell what it cost this process; raises `ValueError` for a sweep that is not whole."""
    idle_kib = read_memory("VmRSS")
    begun = time.process_time()
    sweep = poll_platform(open_source(environment, platform, at), EncodingSink(), SetClock(at), tick=at)
    cpu_s = time.process_time() - begun
    if sweep.outcome is not Outcome.COMPLETE or sweep.snapshots < LIVE:
        raise ValueError(f"{platform}: {sweep.outcome} with {sweep.snapshots} broadcasts of {LIVE}: {sweep.error}")
    return SweepRun(cpu_s, (read_memory("VmHWM") - idle_kib) / 1024)


def read_memory(field: str) -> int:
    """Return a field of this process's status in KiB; the system keeps the high-water mark anew for each program."""
    told = re.search(rf"^{field}:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"), re.MULTILINE)
    if told is None:
        raise ValueError(f"this system does not tell {field}")
    return int(told[1])


@cache
def sweep_often(platform: Platform) -> Sequence[SweepRun]:
    """Sweep a large site once to warm the simulator up, and then for the figures."""
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1)
    with running_sites(CHANNELS) as environment, pool:
        ticks = [find_busy_minute(platform, number) for number in range(FEWEST_RUNS + 1)]
        runs = [pool.submit(sweep_once, environment, platform, tick) for tick in ticks]
        return [run.result() for run in runs][1:]


def _measure(platform: Platform) -> tuple[Measure, Measure]:
    return (
        Measure(
            name=f"{platform}: CPU of a sweep of {LIVE:,}",
            unit="s",
            target=MOST_CPU_S[platform],
            better="lower",
            run=lambda: [run.cpu_s for run in sweep_often(platform)],
        ),
        Measure(
            name=f"{platform}: memory of a sweep of {LIVE:,}",
            unit="MiB",
            target=MOST_MIB,
            better="lower",
            run=lambda: [run.grown_mib for run in sweep_often(platform)],
        ),
    )


MEASURES = tuple(measure for platform in MOST_CPU_S if platform in POLLED_PLATFORMS for measure in _measure(platform))
