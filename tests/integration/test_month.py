"""A month of every site by the world's clock, with outages and faults: what collection is left to itself for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import active_children, get_context
from pathlib import Path

import pytest
import requests
from tests.integration.month import (
    CADENCE,
    SEARCH_PATH,
    TOKEN_PATHS,
    Life,
    Trouble,
    bound_tries,
    find_holes,
    list_unseen,
    live_through,
    plan_trouble,
)
from tests.integration.whole_way import WholeWay, fetch, running_whole_way
from tests.services import WarehouseMaker

from airtide.domain.clock import SetClock
from airtide.domain.models import Platform
from airtide.domain.quota import Bucket
from airtide.local.parts.lake import LakePart
from airtide.settings import POLLED_PLATFORMS, Settings, SimulationSettings, load_settings
from airtide.simulators.world import World
from airtide.wiring import jobs
from airtide.wiring.adapters import Adapters

pytestmark = [pytest.mark.integration, pytest.mark.turn(3), pytest.mark.timeout(600)]

FIRST_TICK = datetime(2026, 10, 10, tzinfo=UTC)
DAYS = 30
TICKS = [FIRST_TICK + n * CADENCE for n in range(DAYS * 48)]
"""The clocks of the Pacific coast go back within it."""
SEARCHES_A_DAY = 30
"""Fewer than the searches that the schedule wants to make: the bucket has to hold."""
LISTED = [platform for platform in POLLED_PLATFORMS if platform is not Platform.YOUTUBE]


def settings_of_a_month(folder: Path) -> Settings:
    """Return the settings in service, at half-hourly ticks, without floors, with impatient calls and few searches.

    One channel of YouTube is watched. Its units are left as they are: a bucket that binds would lose ticks after each
    fault, and by the load of the machine others than planned.
    """
    settings = load_settings()
    cadence_s = int(CADENCE.total_seconds())
    branches = {}
    for platform in POLLED_PLATFORMS:
        branch = settings.platform(platform)
        asked = {"cadence_s": cadence_s, "discover_every_s": cadence_s, "viewer_floor": 0, "timeout_s": 1.0}
        known = {key: value for key, value in asked.items() if key in type(branch).model_fields}
        branches[platform.value] = branch.model_copy(update=known)
    simulation = SimulationSettings(seed=11, channels_per_platform=90)
    world = World(simulation.seed, simulation.channels_per_platform)
    watched = world.channel_table("youtube").channels[0]
    youtube = branches[Platform.YOUTUBE.value]
    branches[Platform.YOUTUBE.value] = youtube.model_copy(update={"watch_list": (watched.channel_id,)})
    searches = settings.quotas[Bucket.YOUTUBE_SEARCH].model_copy(update={"limit": SEARCHES_A_DAY})
    return settings.model_copy(
        update={
            "mode": "simulated",
            "quotas": {**settings.quotas, Bucket.YOUTUBE_SEARCH: searches},
            "platforms": settings.platforms.model_copy(update=branches),
            "simulation": simulation,
            "state_folder": folder / "state",
        }
    )


@dataclass(frozen=True, slots=True)
class Month:
    """A month behind it."""

    way: WholeWay
    troubles: dict[Platform, Trouble]
    tries: dict[Platform, list[int]]
    """How often each tick was polled."""


@pytest.fixture(scope="module")
def month(
    warehouse_maker: WarehouseMaker, lake_server: LakePart, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Month]:
    folder = tmp_path_factory.mktemp("month").resolve()
    settings = settings_of_a_month(folder)
    troubles = {platform: plan_trouble(platform, TICKS, seed=11) for platform in POLLED_PLATFORMS}
    with running_whole_way(
        settings, folder, warehouse_maker, lake_server, raw_age=timedelta(days=40), now=TICKS[-1]
    ) as way:
        # a process each, as in service; spawned, since Kafka's client does not live through a fork
        with ProcessPoolExecutor(len(POLLED_PLATFORMS), mp_context=get_context("spawn")) as pool:
            lives = [
                Life(platform, way.environment, settings, way.sites.base_url, TICKS, troubles[platform])
                for platform in POLLED_PLATFORMS
            ]
            try:
                tries = dict(zip(POLLED_PLATFORMS, pool.map(live_through, lives), strict=True))
            except KeyboardInterrupt:
                # the pool would wait for the end of their month
                for process in active_children():
                    process.terminate()
                raise
        with Adapters(way.connections, settings, clock=SetClock(TICKS[-1] + timedelta(hours=3))) as adapters:
            jobs.roll_up_hours(adapters)
            jobs.roll_up_days(adapters)
        yield Month(way, troubles, tries)


def read_lives(way: WholeWay, platform: Platform) -> list[tuple[datetime, datetime]]:
    """Return when each broadcast of the month was live, as the world knows it."""
    end = TICKS[-1] + CADENCE
    query = {"from": FIRST_TICK.isoformat(), "to": end.isoformat(), "platform": platform.value, "grain": "broadcast"}
    answer = requests.get(f"{way.sites.base_url}/truth", params=query, timeout=120)
    answer.raise_for_status()
    return [
        tuple(datetime.fromtimestamp(row[name] / 1000, UTC) for name in ("started_at_ms", "ended_at_ms"))
        for row in answer.json()["rows"]
    ]


def read_calls(way: WholeWay, platform: Platform) -> Counter[tuple[str, str]]:
    """Return how often each path of a site was called on each day of the Pacific coast, as the site counted it."""
    answer = requests.get(f"{way.sites.base_url}/calls", params={"site": platform.value}, timeout=10)
    answer.raise_for_status()
    return Counter({(one["path"], one["day"]): one["calls"] for one in answer.json()["calls"]})


@pytest.mark.parametrize("platform", POLLED_PLATFORMS)
def test_a_poll_is_tried_as_often_as_its_errors_allow(month: Month, platform: Platform) -> None:
    trouble = month.troubles[platform]
    tries = dict(zip(TICKS, month.tries[platform], strict=True))
    assert {tick: tried for tick, tried in tries.items() if tried not in bound_tries(trouble, tick)} == {}


def test_a_tick_without_a_complete_sweep_is_one_that_the_site_was_out(month: Month) -> None:
    for platform in POLLED_PLATFORMS:
        rows = fetch(
            month.way,
            "SELECT sampled_at, bool_or(outcome = 'complete'), max(error) FROM ingest.sweep"
            " WHERE platform = %s GROUP BY 1",
            platform.value,
        )
        assert sorted(tick for tick, *_ in rows) == TICKS, platform
        lost = {tick: error for tick, complete, error in rows if not complete}
        assert {tick: error for tick, error in lost.items() if tick not in month.troubles[platform].lost} == {}
        assert lost.keys() == month.troubles[platform].lost, platform


@pytest.mark.parametrize("platform", LISTED)
def test_live_time_that_is_not_covered_is_what_the_outages_explain(month: Month, platform: Platform) -> None:
    [(uncovered_ms,)] = fetch(
        month.way,
        "SELECT sum(live_ms - airtime_ms)::BIGINT FROM trends.platform_day WHERE zone = 'UTC' AND platform = %s",
        platform.value,
    )
    expected = find_holes(read_lives(month.way, platform), TICKS, month.troubles[platform].lost)
    assert expected > timedelta(0)
    assert uncovered_ms == expected // timedelta(milliseconds=1)


def test_a_broadcast_that_was_found_is_missed_only_at_ticks_that_are_lost(month: Month) -> None:
    samples = fetch(
        month.way,
        "SELECT sampled_at, lead(sampled_at) OVER (PARTITION BY broadcast_key ORDER BY sampled_at), ended_at"
        " FROM live.sample JOIN live.broadcast USING (broadcast_key, platform) WHERE platform = 'youtube'",
    )
    unseen = list_unseen(samples, TICKS)
    assert unseen
    assert unseen <= month.troubles[Platform.YOUTUBE].lost


def test_no_bucket_of_a_day_is_overdrawn_nor_a_call_made_that_was_not_booked(month: Month) -> None:
    limits = {bucket.value: limit.limit for bucket, limit in month.way.settings.quotas.items()}
    rows = fetch(
        month.way,
        "SELECT bucket, (starts_at AT TIME ZONE 'America/Los_Angeles')::DATE::TEXT, spent FROM ingest.quota_spend",
    )
    booked = {(bucket, day): spent for bucket, day, spent in rows}
    made: Counter[tuple[str, str]] = Counter()
    for (path, day), calls in read_calls(month.way, Platform.YOUTUBE).items():
        if path.startswith("/youtube/v3/"):
            made["youtube.search" if path == SEARCH_PATH else "youtube.units", day] += calls
    assert len(made) == 2 * (DAYS + 1)
    assert {key for key, calls in made.items() if not calls <= booked.get(key, 0) <= limits[key[0]]} == set()


@pytest.mark.parametrize("platform", LISTED)
def test_no_call_of_a_sweep_is_made_that_was_not_booked(month: Month, platform: Platform) -> None:
    spent = fetch(
        month.way,
        "SELECT bucket, sum(cost::INT) FROM ingest.sweep CROSS JOIN jsonb_each_text(spend) AS spent (bucket, cost)"
        " WHERE platform = %s GROUP BY bucket",
        platform.value,
    )
    booked = {bucket.endswith(".tokens"): cost for bucket, cost in spent}
    made: Counter[bool] = Counter()
    for (path, _day), calls in read_calls(month.way, platform).items():
        made[path == TOKEN_PATHS.get(platform)] += calls
    assert made[False] >= len(TICKS)
    assert {of_tokens for of_tokens, calls in made.items() if calls > booked[of_tokens]} == set()


@pytest.mark.parametrize("platform", TOKEN_PATHS)
def test_a_token_is_renewed_once_each_time_that_the_site_takes_it(month: Month, platform: Platform) -> None:
    trouble, path = month.troubles[platform], TOKEN_PATHS[platform]
    taken, failed = trouble.count(status=401), trouble.count(path=path, status=500)
    calls = sum(count for (called, _day), count in read_calls(month.way, platform).items() if called == path)
    assert min(taken, failed) > 0
    assert calls == 1 + taken + failed


def test_no_broadcast_is_live_for_ever(month: Month) -> None:
    forgotten = fetch(
        month.way,
        "SELECT platform, count(*) FROM live.broadcast WHERE ended_at IS NULL AND last_sampled_at < %s GROUP BY 1",
        TICKS[-1] - timedelta(hours=2),
    )
    assert forgotten == []


def test_nothing_is_refused(month: Month) -> None:
    assert fetch(month.way, "SELECT count(*) FROM ingest.dead_letter") == [(0,)]
