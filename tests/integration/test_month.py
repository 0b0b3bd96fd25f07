"""A month of every site by the world's clock, with outages and faults: what collection is left to itself for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from airflow.sdk.definitions.retry_policy import RetryAction
from tests.integration.month import CADENCE, LISTING_PATHS, Trouble, find_holes, plan_trouble
from tests.integration.whole_way import WholeWay, fetch, running_whole_way
from tests.services import WarehouseMaker

from airtide.domain.batches import Batch, LakeObject, SnapshotColumns, SweepRecord
from airtide.domain.clock import SetClock
from airtide.domain.errors import AirtideError
from airtide.domain.models import Platform
from airtide.domain.quota import Bucket
from airtide.local.parts.lake import LakePart
from airtide.settings import POLLED_PLATFORMS, Settings, SimulationSettings, load_settings
from airtide.wiring import jobs
from airtide.wiring.adapters import Adapters
from airtide.wiring.retries import RetryByError

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]

FIRST_TICK = datetime(2026, 10, 10, tzinfo=UTC)
DAYS = 30
TICKS = [FIRST_TICK + n * CADENCE for n in range(DAYS * 48)]
"""The clocks of the Pacific coast go back within it."""
LAND_EVERY = 96
MAX_TRIES = 4
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


class Unwritten:
    """A lake that keeps nothing: seven thousand objects take longer than all the rest, and no test here reads one."""

    def write_snapshots(self, _batch: Batch, _rows: SnapshotColumns) -> Sequence[LakeObject]:
        return ()

    def write_sweeps(self, _batch: Batch, _sweeps: Sequence[SweepRecord]) -> Sequence[LakeObject]:
        return ()


@dataclass(slots=True)
class Diary:
    """What the polls of one site did, tick by tick."""

    tries: dict[datetime, int] = field(default_factory=dict)
    """How often each tick was polled."""


@dataclass(frozen=True, slots=True)
class Month:
    """A month behind it."""

    way: WholeWay
    troubles: dict[Platform, Trouble]
    diaries: dict[Platform, Diary]


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
        with ThreadPoolExecutor(max_workers=len(POLLED_PLATFORMS)) as pool:
            lived = [pool.submit(live_through, way, platform, troubles[platform]) for platform in POLLED_PLATFORMS]
            diaries = dict(zip(POLLED_PLATFORMS, (one.result() for one in lived), strict=True))
        with Adapters(way.connections, settings, clock=SetClock(TICKS[-1] + timedelta(hours=3))) as adapters:
            jobs.roll_up_hours(adapters)
            jobs.roll_up_days(adapters)
        yield Month(way, troubles, diaries)


def live_through(way: WholeWay, platform: Platform, trouble: Trouble) -> Diary:
    """Poll every tick as Airflow would, retries included, and land twice a day."""
    diary = Diary()
    clock = SetClock(FIRST_TICK)
    ordered: Mapping[str, Any] | None = None
    with Adapters(way.connections, way.settings, clock=clock, simulated_now=clock.now) as adapters:
        adapters.lake = Unwritten()
        for number, tick in enumerate(TICKS, start=1):
            clock.set(tick)
            fault = trouble.faults.get(tick)
            if fault is not ordered:
                order_fault(way, platform, fault)
            ordered = fault
            if platform is Platform.YOUTUBE:
                attempt(lambda: jobs.discover_youtube(adapters), tick, clock)
            diary.tries[tick] = attempt(lambda at=tick: jobs.poll_platform(platform, at, adapters), tick, clock)
            if number % LAND_EVERY == 0 or number == len(TICKS):
                clock.set(tick + timedelta(minutes=1))
                jobs.land_platform(platform, adapters)
    return diary


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


def order_fault(way: WholeWay, platform: Platform, fault: Mapping[str, Any] | None) -> None:
    """Let the next calls for the site's list fail, and no longer those that an earlier order spoke of."""
    faults = f"{way.sites.base_url}/faults"
    requests.delete(faults, params={"site": platform.value}, timeout=10).raise_for_status()
    if fault is not None:
        ordered = {"site": platform.value, "path": LISTING_PATHS[platform], **fault}
        requests.post(faults, json=ordered, timeout=10).raise_for_status()


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
    for platform, diary in month.diaries.items():
        assert list(diary.tries) == TICKS, platform
        assert max(diary.tries.values()) <= MAX_TRIES, platform


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
