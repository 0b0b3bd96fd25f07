"""Rounds of capturing: new pictures, pictures of a known content, and a backlog in which nothing is due."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from tests.benchmarks.collect.sweeps import read_memory
from tests.benchmarks.measures import FEWEST_RUNS
from tests.chaos.parts import LandingParts, landing_parts
from tests.drawn_host import DrawnHost, running_host
from tests.fakes.observations import make_snapshot
from tests.lakes import s3_lake
from tests.services import WarehouseMaker, running_kafka, running_lake, running_postgres

from airtide.domain.models import Platform
from airtide.local.home import Home
from airtide.wiring.adapters import Adapters
from airtide.wiring.connections import Connections, read_environment
from airtide.wiring.pictures import capture_thumbnails

POLLED = Platform.CHZZK
SIZE = (480, 270)
"""Of the pictures that the host sends, as CHZZK's own are."""
_START_S = 30
_LOADED = (
    "airtide.bus.wishes",
    "airtide.lake.s3_store",
    "airtide.lake.thumbnails",
    "airtide.platforms.pictures.fetching",
    "airtide.warehouse.pictures",
    "boto3",
)
"""What a run needs, loaded before its clock starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much one round moves."""

    rounds: int = FEWEST_RUNS
    pictures: int = 1_000
    ticks: int = 200
    """Of the backlog; each shows every broadcast."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run did, in a process of its own."""

    pictures: int
    messages: int
    uploads: int
    wall_s: float
    peak_mb: float
    """The largest resident size of its process, in 10^6 bytes."""

    @property
    def rate(self) -> float:
        """Pictures a second."""
        return self.pictures / self.wall_s

    @property
    def message_rate(self) -> float:
        """Messages a second."""
        return self.messages / self.wall_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Three runs one after the other."""

    new: Run
    repeated: Run
    backlog: Run

    @property
    def peak_mb(self) -> float:
        """The largest of them."""
        return max(self.new.peak_mb, self.repeated.peak_mb, self.backlog.peak_mb)


@cache
def run_all(scale: Scale = Scale()) -> list[Round]:
    """Run all rounds, on parts started for them; what the first run of all loads and joins is not counted."""
    with _running_parts() as (parts, environment):
        publish(parts, ["warm-0"])
        _capture(environment)
        return [_run_round(parts, environment, scale, number) for number in range(scale.rounds)]


def publish(parts: LandingParts, names: list[str], *, ticks: int = 1) -> None:
    """Publish broadcasts that show the picture called by what stands before the `-`, as polls do."""
    now = datetime.now(UTC).replace(microsecond=0)
    told = {"platform": POLLED, "sampled_at": now, "fetched_at": now, "title": "방송 제목 " * 4}
    address = "https://livecloud-thumb.akamaized.net/chzzk/livecloud/KR/stream/"
    snapshots = [make_snapshot(name, thumbnail_url=f"{address}{name}", **told) for name in names]
    for _ in range(ticks):
        parts.adapters.sink.publish_snapshots(POLLED, snapshots)


def _run_round(parts: LandingParts, environment: Mapping[str, str], scale: Scale, number: int) -> Round:
    names = [f"r{number}p{place}" for place in range(scale.pictures)]
    first, second = ([f"{name}-{turn}" for name in names] for turn in (1, 2))
    publish(parts, first)
    new = _capture(environment)
    publish(parts, second)
    repeated = _capture(environment)
    publish(parts, second, ticks=scale.ticks)
    backlog = _capture(environment)
    if (new.pictures, repeated.pictures, backlog.pictures) != (scale.pictures, scale.pictures, 0):
        raise ValueError(f"not every picture was captured: {new}, {repeated}, {backlog}")
    return Round(new=new, repeated=repeated, backlog=backlog)


def _capture(environment: Mapping[str, str]) -> Run:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        return pool.submit(_capture_here, environment).result()


def _capture_here(environment: Mapping[str, str]) -> Run:
    for module in _LOADED:
        import_module(module)
    settings = json.loads(environment["BUCKET"])
    with Adapters(Connections(read_environment(environment))) as adapters:
        changed = {
            "mode": "simulated",
            "lake": adapters.settings.lake.model_copy(update={"bucket": settings}),
        }
        adapters.settings = adapters.settings.model_copy(update=changed)
        began_at = time.perf_counter()
        told = capture_thumbnails(adapters)
        return Run(
            pictures=told["pictures"],
            messages=told["messages"],
            uploads=told["uploads"],
            wall_s=time.perf_counter() - began_at,
            peak_mb=read_memory("VmHWM") * 1024 / 1e6,
        )


@contextmanager
def _running_parts() -> Iterator[tuple[LandingParts, Mapping[str, str]]]:
    with ExitStack() as stack:
        home = Home(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="airtide-bench-"))).resolve())
        kafka = stack.enter_context(running_kafka(home))
        lake = stack.enter_context(running_lake(home))
        superuser = stack.enter_context(running_postgres(home))
        warehouse = stack.enter_context(WarehouseMaker(superuser).warehouse())
        parts = stack.enter_context(landing_parts(POLLED, kafka, warehouse, s3_lake(lake.endpoint_url)))
        port = stack.enter_context(_serving_host())
        site = {"host": f"http://127.0.0.1:{port}/chzzk", "password": "bench", "extra": {"simulated": True}}
        yield (
            parts,
            {
                **parts.environment,
                "AIRFLOW_CONN_AIRTIDE_CHZZK": json.dumps(site),
                "BUCKET": json.dumps(parts.lake.bucket),
            },
        )


@contextmanager
def _serving_host() -> Iterator[int]:
    """Serve pictures from a process of its own, as a host does; yields its port."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        if not ours.poll(_START_S):
            raise ValueError(f"the host did not start within {_START_S} s")
        yield ours.recv()
    finally:
        process.kill()
        process.join()


def _serve(parent: Connection) -> None:
    with running_host(DrawnHost(width=SIZE[0], height=SIZE[1])) as host:
        parent.send(host.port)
        parent.poll(None)
