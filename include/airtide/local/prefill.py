"""Fills a simulated store with past ticks, through the very same poll, landing and roll-up that the Dags run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from airtide.domain.clock import SetClock, floor_to_cadence
from airtide.domain.models import Platform
from airtide.pipeline.discover import discover
from airtide.pipeline.poll import poll_platform
from airtide.settings import Settings
from airtide.wiring import jobs
from airtide.wiring.adapters import Adapters
from airtide.wiring.connections import Connections
from airtide.wiring.reads import Reads

LAND_EVERY = 72
"""Ticks between two landings: about six hours of a site, one batch."""

Progress = Callable[[Platform, int, int], None]
"""Called with a platform, its ticks done and its ticks in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefill:
    """What was filled: ticks polled and snapshots landed, over all platforms."""

    ticks: int
    samples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The past to be filled, first and last instant included."""

    first_at: datetime
    last_at: datetime


def choose_span(now: datetime) -> Span:
    """Return the two days (UTC) before today and today up to `now`."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return Span(first_at=midnight - timedelta(days=2), last_at=now)


def plan_ticks(span: Span, cadence_s: int, last_landed: datetime | None) -> list[datetime]:
    """Return the ticks of `span`, without those up to `last_landed`."""
    step = timedelta(seconds=cadence_s)
    first = span.first_at
    if last_landed is not None:
        first = max(first, floor_to_cadence(last_landed, cadence_s) + step)
    last = floor_to_cadence(span.last_at, cadence_s)
    return [first + n * step for n in range(max(0, (last - first) // step + 1))]


def fill_past(
    connections: Connections, settings: Settings, platforms: Sequence[Platform], span: Span, progress: Progress
) -> Prefill:
    """Poll, land and roll up every tick that is missing; safe to break off and start again.

    One thread a platform: while one waits for a site's answer, another parses or lands.
    """
    with ThreadPoolExecutor(max_workers=len(platforms)) as pool:
        filled = list(
            pool.map(lambda platform: _fill_platform(platform, connections, settings, span, progress), platforms)
        )
    with Adapters(connections, settings) as adapters:
        jobs.roll_up_hours(adapters)
        jobs.roll_up_days(adapters)
    return Prefill(ticks=sum(f.ticks for f in filled), samples=sum(f.samples for f in filled))


def _fill_platform(
    platform: Platform, connections: Connections, settings: Settings, span: Span, progress: Progress
) -> Prefill:
    world_clock = SetClock(span.first_at)
    with (
        Adapters(connections, settings) as landing,
        Adapters(connections, settings, clock=world_clock, simulated_now=world_clock.now) as polling,
    ):
        # what an earlier, broken-off run has left in Kafka
        samples = _land(platform, landing)
        cadence_s = settings.platform(platform).cadence_s
        ticks = plan_ticks(span, cadence_s, _read_last_tick(platform, connections, settings))
        source = polling.source(platform)
        discovery = polling.discovery() if platform is Platform.YOUTUBE else None
        for done, tick in enumerate(ticks, start=1):
            world_clock.set(tick)
            if discovery is not None and tick.timestamp() % settings.platforms.youtube.discover_every_s == 0:
                discover(discovery, polling.candidates, world_clock)
            poll_platform(source, polling.sink, world_clock, tick=tick, candidates=polling.candidates_of(platform))
            if done % LAND_EVERY == 0 or done == len(ticks):
                samples += _land(platform, landing)
                progress(platform, done, len(ticks))
    return Prefill(ticks=len(ticks), samples=samples)


def _read_last_tick(platform: Platform, connections: Connections, settings: Settings) -> datetime | None:
    with closing(Reads(connections.postgres_address(), settings)) as reads:
        sweeps = reads.read_collection().sweeps
    return next((sweep.sampled_at for sweep in sweeps if sweep.platform == platform), None)


def _land(platform: Platform, adapters: Adapters) -> int:
    return int(jobs.land_platform(platform, adapters)["samples"])
