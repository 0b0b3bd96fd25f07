"""A month of every site by the world's clock, with outages and faults: what collection is left to itself for."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context

import pytest
import requests
from tests.integration.month import CADENCE, MAX_TRIES, Life, Trouble, find_holes, live_through, plan_trouble
from tests.integration.whole_way import WholeWay, fetch, running_whole_way
from tests.services import WarehouseMaker

from airtide.domain.clock import SetClock
from airtide.domain.models import Platform
from airtide.domain.quota import Bucket
from airtide.local.parts.lake import LakePart
from airtide.settings import POLLED_PLATFORMS, Settings, SimulationSettings, load_settings
from airtide.wiring import jobs
from airtide.wiring.adapters import Adapters

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]

FIRST_TICK = datetime(2026, 10, 10, tzinfo=UTC)
DAYS = 30
TICKS = [FIRST_TICK + n * CADENCE for n in range(DAYS * 48)]
"""The clocks of the Pacific coast go back within it."""
SEARCHES_A_DAY = 30
"""Fewer than the searches that the schedule wants to make: the bucket has to hold."""
LISTED = [platform for platform in POLLED_PLATFORMS if platform is not Platform.YOUTUBE]


def settings_of_a_month() -> Settings:
    """Return the settings in service, at half-hourly ticks, without floors, with impatient calls and few searches."""
    settings = load_settings()
    cadence_s = int(CADENCE.total_seconds())
    branches = {}
    for platform in POLLED_PLATFORMS:
        branch = settings.platform(platform)
        asked = {"cadence_s": cadence_s, "discover_every_s": cadence_s, "viewer_floor": 0, "timeout_s": 1.0}
        known = {key: value for key, value in asked.items() if key in type(branch).model_fields}
        branches[platform.value] = branch.model_copy(update=known)
    searches = settings.quotas[Bucket.YOUTUBE_SEARCH].model_copy(update={"limit": SEARCHES_A_DAY})
    return settings.model_copy(
        update={
            "mode": "simulated",
            "quotas": {**settings.quotas, Bucket.YOUTUBE_SEARCH: searches},
            "platforms": settings.platforms.model_copy(update=branches),
            "simulation": SimulationSettings(seed=11, channels_per_platform=90),
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
    settings = settings_of_a_month()
    troubles = {platform: plan_trouble(platform, TICKS, seed=11) for platform in POLLED_PLATFORMS}
    folder = tmp_path_factory.mktemp("month").resolve()
    with running_whole_way(
        settings, folder, warehouse_maker, lake_server, raw_age=timedelta(days=40), now=TICKS[-1]
    ) as way:
        # a process each, as in service; spawned, since Kafka's client does not live through a fork
        with ProcessPoolExecutor(len(POLLED_PLATFORMS), mp_context=get_context("spawn")) as pool:
            lives = [
                Life(platform, way.environment, settings, way.sites.base_url, TICKS, troubles[platform])
                for platform in POLLED_PLATFORMS
            ]
            tries = dict(zip(POLLED_PLATFORMS, pool.map(live_through, lives), strict=True))
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


def test_no_poll_is_tried_more_often_than_its_errors_allow(month: Month) -> None:
    for platform, tries in month.tries.items():
        assert len(tries) == len(TICKS), platform
        assert max(tries) <= MAX_TRIES, platform


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


def test_no_bucket_of_a_day_is_overdrawn(month: Month) -> None:
    rows = fetch(month.way, "SELECT bucket, max(spent) FROM ingest.quota_spend GROUP BY bucket")
    most = dict(rows)
    assert 0 < most["youtube.search"] <= SEARCHES_A_DAY
    assert 0 < most["youtube.units"] <= month.way.settings.quotas[Bucket.YOUTUBE_UNITS].limit


def test_no_broadcast_is_live_for_ever(month: Month) -> None:
    forgotten = fetch(
        month.way,
        "SELECT platform, count(*) FROM live.broadcast WHERE ended_at IS NULL AND last_sampled_at < %s GROUP BY 1",
        TICKS[-1] - timedelta(hours=2),
    )
    assert forgotten == []


def test_nothing_is_refused(month: Month) -> None:
    assert fetch(month.way, "SELECT count(*) FROM ingest.dead_letter") == [(0,)]
