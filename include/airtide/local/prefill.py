"""Fills a simulated store with past ticks, through the very same poll, landing and roll-up that the Dags run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from airtide.domain.clock import SetClock, floor_to_cadence
from airtide.domain.errors import PartUnreachable
from airtide.domain.models import Outcome, Platform
from airtide.local.patience import Patience, Report
from airtide.pipeline.discover import discover
from airtide.pipeline.poll import poll_platform
from airtide.settings import Settings
from airtide.warehouse.queries.reader import WarehouseReader
from airtide.warehouse.queries.ticks import read_complete_ticks
from airtide.wiring import jobs
from airtide.wiring.adapters import Adapters
from airtide.wiring.connections import Connections

if TYPE_CHECKING:
    from airtide.warehouse.connect import PostgresAddress

logger = logging.getLogger(__name__)

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
    return Span(first_at=_find_midnight(now) - timedelta(days=2), last_at=now)


def plan_ticks(span: Span, cadence_s: int, complete: Collection[datetime]) -> list[datetime]:
    """Return the ticks of `span` to be polled, in order, given those known whole.

    Days (UTC) that are over become whole. In the day of the span's end only what follows its last whole tick is
    polled: a hole before that was left by live collection, and stays one.
    """
    step = timedelta(seconds=cadence_s)
    first = floor_to_cadence(span.first_at + step - timedelta(microseconds=1), cadence_s)
    last = floor_to_cadence(span.last_at, cadence_s)
    planned = [first + n * step for n in range(max(0, (last - first) // step + 1))]
    midnight = _find_midnight(span.last_at)
    go_on_after = max(complete, default=span.first_at - step)
    known = frozenset(complete)
    return [tick for tick in planned if tick not in known and (tick < midnight or tick > go_on_after)]


def fill_past(
    connections: Connections,
    settings: Settings,
    platforms: Sequence[Platform],
    span: Span,
    progress: Progress,
    report: Report = logger.warning,
    *,
    owner: PostgresAddress | None = None,
) -> Prefill:
    """Poll, land and roll up every tick that is missing; safe to break off and start again.

    One thread a platform: while one waits for a site's answer, another parses or lands. The first that fails ends the
    others within a tick. A part that is down is waited for, and `report` is told so; raises `TransientError`
    when it stays down. `owner` is the warehouse with a login that may become its owner: with it days are rolled up many
    times faster, because a store that was empty a minute ago has no statistics to plan by.
    """
    patience = Patience(report)
    with ThreadPoolExecutor(max_workers=len(platforms)) as pool:
        fillers = [_Filler(platform, connections, settings, span, progress, patience) for platform in platforms]
        running = [pool.submit(filler.fill) for filler in fillers]
        try:
            filled = [future.result() for future in as_completed(running)]
        except BaseException:
            patience.stop.set()
            raise
    with Adapters(connections, settings) as adapters:
        patience.insist(partial(jobs.roll_up_hours, adapters))
        if owner is not None:
            patience.insist(partial(_refresh_statistics, owner))
        patience.insist(partial(jobs.roll_up_days, adapters))
    return Prefill(ticks=sum(f.ticks for f in filled), samples=sum(f.samples for f in filled))


@dataclass(frozen=True, slots=True)
class _Filler:
    """Fills one platform."""

    platform: Platform
    connections: Connections
    settings: Settings
    span: Span
    progress: Progress
    patience: Patience

    def fill(self) -> Prefill:
        """Poll and land what is missing, or what of it there was time for until the others failed."""
        world_clock = SetClock(self.span.first_at)
        with (
            Adapters(self.connections, self.settings) as landing,
            Adapters(self.connections, self.settings, clock=world_clock, simulated_now=world_clock.now) as polling,
        ):
            # what an earlier, broken-off run has left in Kafka
            samples = self._land(landing)
            ticks = self._plan()
            self.progress(self.platform, 0, len(ticks))
            poll = _TickPoll(self.platform, polling, world_clock)
            for done, tick in enumerate(ticks, start=1):
                if self.patience.stop.is_set():
                    return Prefill(ticks=done - 1, samples=samples)
                self.patience.insist(partial(poll.take, tick))
                if done % LAND_EVERY == 0 or done == len(ticks):
                    samples += self._land(landing)
                self.progress(self.platform, done, len(ticks))
        return Prefill(ticks=len(ticks), samples=samples)

    def _plan(self) -> list[datetime]:
        span = self.span
        with closing(WarehouseReader(self.connections.postgres_address())) as warehouse:
            read = partial(read_complete_ticks, platform=self.platform, first_at=span.first_at, last_at=span.last_at)
            complete = self.patience.insist(lambda: warehouse.read(read))
        return plan_ticks(span, self.settings.platform(self.platform).cadence_s, complete)

    def _land(self, adapters: Adapters) -> int:
        landed = self.patience.insist(lambda: jobs.land_platform(self.platform, adapters))
        return int(landed["samples"])


class _TickPoll:
    """Polls one platform's past ticks, each of them whole."""

    def __init__(self, platform: Platform, adapters: Adapters, world_clock: SetClock) -> None:
        self._platform = platform
        self._adapters = adapters
        self._world_clock = world_clock
        self._source = adapters.source(platform)
        self._asking = adapters.asking(platform)
        self._discovery = adapters.discovery() if platform is Platform.YOUTUBE else ()

    def take(self, tick: datetime) -> None:
        """Search, where a search is due, and poll; raises `PartUnreachable` for a sweep that is not complete."""
        adapters = self._adapters
        self._world_clock.set(tick)
        discover_every_s = adapters.settings.platforms.youtube.discover_every_s
        if self._discovery and tick.timestamp() % discover_every_s == 0:
            discover(self._discovery, adapters.candidates, self._world_clock, turn_s=discover_every_s)
        sweep = poll_platform(self._source, adapters.sink, self._world_clock, tick=tick, asking=self._asking)
        if sweep.outcome is not Outcome.COMPLETE:
            raise PartUnreachable(
                f"{self._platform}: the sweep of {tick:%Y-%m-%dT%H:%M:%SZ} was {sweep.outcome}: {sweep.error}"
            )


def _refresh_statistics(owner: PostgresAddress) -> None:
    from airtide.warehouse.connect import Role, connect, translate_failures

    with translate_failures(owner), connect(owner, Role.OWNER) as connection:
        connection.execute("ANALYZE")


def _find_midnight(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
