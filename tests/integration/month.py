"""A month of polls under faults: when each happens, and what it must cost the coverage."""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import requests
from airflow.sdk.definitions.retry_policy import RetryAction

from airtide.domain.batches import Batch, LakeObject, SnapshotColumns, SweepRecord
from airtide.domain.clock import SetClock
from airtide.domain.errors import AirtideError
from airtide.domain.models import Platform
from airtide.settings import Settings
from airtide.wiring import jobs
from airtide.wiring.adapters import Adapters
from airtide.wiring.connections import Connections, read_environment
from airtide.wiring.retries import RetryByError

CADENCE = timedelta(minutes=30)
MAX_GAP = timedelta(minutes=60)
"""Three cadences would be more: no gap wider than an hour is bridged."""

PACIFIC = ZoneInfo("America/Los_Angeles")

LISTING_PATHS: Mapping[Platform, str] = {
    Platform.YOUTUBE: "/youtube/v3/videos",
    Platform.TWITCH: "/helix/streams",
    Platform.SOOP: "/broad/list",
    Platform.CHZZK: "/open/v1/lives",
    Platform.KICK: "/public/v2/livestreams",
}

Order = Mapping[str, Any]
"""A fault as it is asked of the simulators, without its site; without a path it is one of the listing."""

OUTAGES: Sequence[tuple[Order, int]] = (
    ({"status": 429, "bare": True}, 6),
    ({"status": 403}, 4),
    ({"html": True}, 3),
    ({"status": 503}, 2),
)
"""What a poll does not get over, each as often as it asks, and for how many ticks."""
TIMES = 1_000
"""More often than all tries of a poll ask."""
HARMLESS: Sequence[Sequence[Order]] = (
    ({"status": 500},),
    ({"truncate": True},),
    ({"html": True},),
    ({"status": 429, "headers": {"Retry-After": "1"}},),
    ({"delay_s": 0.2},),
)
"""What a poll of any site gets over within its tick, one of these a tick."""
TOKEN_PATHS: Mapping[Platform, str] = {Platform.TWITCH: "/oauth2/token", Platform.KICK: "/oauth/token"}
SEARCH_PATH = "/youtube/v3/search"
FEED_PATH = "/feeds/videos.xml"
HARMLESS_TO: Mapping[Platform, Sequence[Sequence[Order]]] = {
    **{
        platform: (({"status": 401},), ({"status": 401}, {"path": path, "status": 500}))
        for platform, path in TOKEN_PATHS.items()
    },
    Platform.YOUTUBE: (
        *(({"path": SEARCH_PATH, **way},) for way in ({"status": 500}, {"truncate": True}, {"html": True})),
        *(({"path": FEED_PATH, **way},) for way in ({"status": 404}, {"truncate": True}, {"html": True})),
    ),
}
"""The same of single sites: a token that the site takes back, searches, and feeds of watched channels."""
FAULTS = 30
LAND_EVERY = 96
MAX_TRIES = 4


@dataclass(frozen=True, slots=True)
class Trouble:
    """Which ticks of a site are lost, and the faults that each troubled tick meets."""

    lost: frozenset[datetime]
    faults: Mapping[datetime, Sequence[Order]]

    def count(self, **members: Any) -> int:
        """Return how many of the faults that a poll gets over have these members."""
        return sum(
            order.items() >= members.items()
            for tick, orders in self.faults.items()
            if tick not in self.lost
            for order in orders
        )


def plan_trouble(platform: Platform, ticks: Sequence[datetime], *, seed: int) -> Trouble:
    """Return the outages and the harmless faults of a site, the same for the same seed.

    YouTube's 403 says that the day's units are spent: one of them costs every tick until the Pacific coast's midnight.
    """
    chance = random.Random(f"{seed}:{platform}")
    lost: dict[datetime, Sequence[Order]] = {}
    for start, (outage, length) in zip(chance.sample(range(4, len(ticks) - 60), len(OUTAGES)), OUTAGES, strict=True):
        is_spent = platform is Platform.YOUTUBE and outage.get("status") == 403
        until = _find_reset(ticks[start]) if is_spent else ticks[start + length]
        lost.update({tick: ({**outage, "times": TIMES},) for tick in ticks[start:] if tick < until})
    whole = [tick for tick in ticks if tick not in lost]
    harmless = (*HARMLESS, *HARMLESS_TO.get(platform, ()))
    faults = {tick: chance.choice(harmless) for tick in chance.sample(whole, FAULTS)}
    return Trouble(frozenset(lost), {**faults, **lost})


def bound_tries(trouble: Trouble, tick: datetime) -> range:
    """Return how often a poll may be tried at `tick`.

    What only somebody can mend is not tried again, what may pass is until the tries are used up; a poll gets over the
    rest by itself, or the second time where the site told it to wait.
    """
    orders = trouble.faults.get(tick, ())
    if tick in trouble.lost:
        least = 1 if orders[0].get("status") == 403 else MAX_TRIES
        return range(least, least + 1)
    return range(1, 3 if orders else 2)


def _find_reset(tick: datetime) -> datetime:
    local = tick.astimezone(PACIFIC)
    return datetime.combine(local.date() + timedelta(days=1), time(), PACIFIC).astimezone(UTC)


def find_holes(
    lives: Iterable[tuple[datetime, datetime]], ticks: Sequence[datetime], lost: frozenset[datetime]
) -> timedelta:
    """Return how much live time no cell covers, over broadcasts live in [start, end), whose ends no site told.

    A broadcast's first cell begins at its start if that lies within `MAX_GAP` of the first sample, else half a cadence
    before this; between samples farther apart than `MAX_GAP` the first keeps a whole cadence and the rest is a hole.
    """
    kept = [tick for tick in ticks if tick not in lost]
    holes = timedelta()
    for start, end in lives:
        seen = [tick for tick in kept if start <= tick < end]
        if not seen:
            continue
        if seen[0] - start > MAX_GAP:
            holes += seen[0] - CADENCE / 2 - start
        holes += sum(
            (after - before - CADENCE for before, after in pairwise(seen) if after - before > MAX_GAP), timedelta()
        )
    return holes


class Unwritten:
    """A lake that keeps nothing: seven thousand objects take longer than all the rest, and no test here reads one."""

    def write_snapshots(self, _batch: Batch, _rows: SnapshotColumns) -> Sequence[LakeObject]:
        return ()

    def write_sweeps(self, _batch: Batch, _sweeps: Sequence[SweepRecord]) -> Sequence[LakeObject]:
        return ()


@dataclass(frozen=True, slots=True)
class Life:
    """What one site's process needs to live through its month; the environment holds the connections."""

    platform: Platform
    environment: Mapping[str, str]
    settings: Settings
    simulators_url: str
    ticks: Sequence[datetime]
    trouble: Trouble


def live_through(life: Life) -> list[int]:
    """Poll every tick as Airflow would, retries included, and land every second day; return the tries of each tick."""
    platform, clock = life.platform, SetClock(life.ticks[0])
    connections = Connections(read_environment(life.environment))
    tries = []
    ordered: Sequence[Order] = ()
    with Adapters(connections, life.settings, clock=clock, simulated_now=clock.now) as adapters:
        adapters.lake = Unwritten()
        for number, tick in enumerate(life.ticks, start=1):
            clock.set(tick)
            orders = life.trouble.faults.get(tick, ())
            if orders or ordered:
                order_faults(life, orders)
            ordered = orders
            if platform is Platform.YOUTUBE:
                attempt(lambda: jobs.discover_youtube(adapters), tick, clock)
            tries.append(attempt(lambda at=tick: jobs.poll_platform(platform, at, adapters), tick, clock))
            if number % LAND_EVERY == 0 or number == len(life.ticks):
                clock.set(tick + timedelta(minutes=1))
                jobs.land_platform(platform, adapters)
    return tries


def attempt(work: Callable[[], object], tick: datetime, clock: SetClock) -> int:
    """Do `work` as often as Airflow would with our policy, which may wait between; return how often that was."""
    policy = RetryByError(int(CADENCE.total_seconds()), now=clock.now)
    context: Any = {"dag_run": SimpleNamespace(run_after=tick)}
    for tried in range(1, MAX_TRIES + 1):
        try:
            work()
        except AirtideError as error:
            decision = policy.evaluate(error, tried, MAX_TRIES, context)
            if decision.action is not RetryAction.RETRY or decision.retry_delay is None:
                return tried
            clock.sleep(decision.retry_delay.total_seconds())
        else:
            return tried
    return MAX_TRIES


def order_faults(life: Life, orders: Sequence[Order]) -> None:
    """Let the next calls of the site fail like this, and no longer like those that were ordered before."""
    faults = f"{life.simulators_url}/faults"
    requests.delete(faults, params={"site": life.platform.value}, timeout=10).raise_for_status()
    for order in orders:
        ordered = {"site": life.platform.value, "path": LISTING_PATHS[life.platform], **order}
        requests.post(faults, json=ordered, timeout=10).raise_for_status()


def list_unseen(
    samples: Iterable[tuple[datetime, datetime | None, datetime | None]], ticks: Sequence[datetime]
) -> set[datetime]:
    """Return the ticks at which a broadcast that was seen before, and had not ended, was not seen.

    Each sample comes with the next one of its broadcast and with the broadcast's end, None where there is none.
    """
    after_all = ticks[-1] + CADENCE
    unseen: set[datetime] = set()
    for seen_at, next_at, ended_at in samples:
        following = bisect_right(ticks, seen_at)
        unseen.update(ticks[following : bisect_left(ticks, next_at or ended_at or after_all)])
    return unseen
