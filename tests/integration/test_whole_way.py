"""A simulated day through real parts: poll → Kafka → S3 and Postgres → rollups → page, held to the truth."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import requests
from tests.integration.whole_way import WholeWay, fetch, running_whole_way
from tests.services import WarehouseMaker

from airtide.bus.topics import snapshots_topic, sweeps_topic
from airtide.domain.models import Platform
from airtide.local.demo_pictures import take_ranked
from airtide.local.parts.lake import LakePart
from airtide.local.prefill import Span, fill_past
from airtide.settings import POLLED_PLATFORMS, load_settings
from airtide.warehouse.connect import Role, connect
from airtide.wiring import jobs
from airtide.wiring.adapters import Adapters
from airtide.wiring.reads import ChannelList, Metric

TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
YESTERDAY = TODAY - timedelta(days=1)
pytestmark = pytest.mark.turn(4)

SPAN = Span(first_at=YESTERDAY - timedelta(hours=1), last_at=TODAY + timedelta(minutes=55))
FIRST_CELL = timedelta(minutes=15)
"""A start that lies no farther than this before the first sample begins its cell, at a five-minute cadence."""


@pytest.fixture(scope="module")
def whole_way(
    warehouse_maker: WarehouseMaker, lake_server: LakePart, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WholeWay]:
    settings = load_settings().model_copy(update={"mode": "simulated"})
    folder = tmp_path_factory.mktemp("whole-way").resolve()
    age = timedelta(days=30)
    with running_whole_way(settings, folder, warehouse_maker, lake_server, raw_age=age, now=TODAY) as way:
        fill_past(
            way.connections,
            way.settings,
            POLLED_PLATFORMS,
            SPAN,
            lambda _platform, _done, _all: None,
            owner=way.superuser,
        )
        yield way


def read_truth(whole_way: WholeWay, platform: Platform) -> dict[str, int]:
    """Return viewer-milliseconds by channel over yesterday's known time.

    YouTube's broadcasts count from when a search found them, that is from where the first sample's cell begins, and not
    at all where none did. The other sites' count whole, whatever was sampled of them.
    """
    since = {}
    for broadcast_id, started_at, first_at, cadence_s in fetch(
        whole_way,
        "SELECT broadcast_id, started_at, first_sampled_at, cadence_s FROM live.broadcast JOIN live.sample"
        " USING (platform, broadcast_key) WHERE sampled_at = first_sampled_at AND platform = %s",
        platform.value,
    ):
        found_soon = started_at is not None and first_at - started_at <= FIRST_CELL
        since[broadcast_id] = started_at if found_soon else first_at - timedelta(seconds=cadence_s / 2)
    is_searched = platform is Platform.YOUTUBE
    answer = requests.post(
        f"{whole_way.sites.base_url}/truth",
        json={
            "from": YESTERDAY.isoformat(),
            "to": TODAY.isoformat(),
            "platform": platform.value,
            "grain": "broadcast",
            "since": {found: at.isoformat() for found, at in since.items()} if is_searched else {},
        },
        timeout=60,
    )
    answer.raise_for_status()
    truth: dict[str, int] = defaultdict(int)
    for row in answer.json()["rows"]:
        if row["broadcast_id"] in since or not is_searched:
            truth[row["channel_id"]] += row["viewer_ms"]
    return truth


@pytest.mark.timeout(400)
@pytest.mark.parametrize("platform", POLLED_PLATFORMS)
def test_hours_watched_agree_with_the_truth(whole_way, platform):
    truth = read_truth(whole_way, platform)
    told = dict(
        fetch(
            whole_way,
            "SELECT channel_id, viewer_ms FROM trends.channel_day JOIN live.channel USING (platform, channel_key)"
            " WHERE zone = 'UTC' AND day = %s AND platform = %s",
            YESTERDAY.date(),
            platform.value,
        )
    )
    whole = sum(truth.values())
    wrong = sum(abs(told.get(channel, 0) - truth.get(channel, 0)) for channel in told.keys() | truth.keys())
    assert wrong / whole <= 0.01
    assert abs(sum(told.values()) - whole) / whole <= 0.002


@pytest.mark.parametrize("platform", POLLED_PLATFORMS)
def test_every_tick_has_one_complete_sweep_of_at_least_150_broadcasts(whole_way, platform):
    ticks = fetch(
        whole_way,
        "SELECT sweep.sampled_at, sweep.outcome, sweep.snapshots,"
        " (SELECT count(*) FROM live.sample WHERE platform = sweep.platform AND sampled_at = sweep.sampled_at)"
        " FROM ingest.sweep WHERE platform = %s ORDER BY sampled_at",
        platform.value,
    )
    cadence = timedelta(seconds=whole_way.settings.platform(platform).cadence_s)
    expected = [SPAN.first_at + n * cadence for n in range((SPAN.last_at - SPAN.first_at) // cadence + 1)]
    assert [tick for tick, *_ in ticks] == expected
    assert {outcome for _, outcome, *_ in ticks} == {"complete"}
    # searches come to know YouTube's broadcasts by and by, and its sweeps carry ends, which are no samples
    settled_at = YESTERDAY + timedelta(hours=12 if platform is Platform.YOUTUBE else 0)
    settled = [(told, landed) for tick, _, told, landed in ticks if tick >= settled_at]
    assert min(landed for _, landed in settled) >= 150
    if platform is not Platform.YOUTUBE:
        assert all(told == landed for told, landed in settled)


@pytest.mark.parametrize("platform", POLLED_PLATFORMS)
def test_positions_and_objects_account_for_every_message(whole_way, platform):
    adapters = Adapters(whole_way.connections, whole_way.settings)
    positions = adapters.ledger.read_positions(platform)
    ends = {
        (facts.topic, number): end
        for facts in adapters.log.describe_topics(platform)
        for number, end in facts.end_offsets.items()
    }
    assert positions == ends
    rows = dict(
        fetch(
            whole_way,
            "SELECT kind, sum(rows)::BIGINT FROM ingest.lake_object WHERE platform = %s GROUP BY kind",
            platform.value,
        )
    )
    messages = {
        "snapshots": sum(end for (topic, _), end in ends.items() if topic == snapshots_topic(platform)),
        "sweeps": sum(end for (topic, _), end in ends.items() if topic == sweeps_topic(platform)),
    }
    assert rows == messages
    assert fetch(whole_way, "SELECT count(*) FROM ingest.dead_letter") == [(0,)]
    assert [str(finding) for finding in jobs.verify_platform(platform, adapters).findings.shown] == []


def test_a_listed_object_is_parquet_with_the_rows_its_ledger_row_tells(whole_way):
    import pyarrow.parquet as parquet

    [(key, rows, first_at, last_at)] = fetch(
        whole_way,
        "SELECT object_key, rows, min_sampled_at, max_sampled_at FROM ingest.lake_object"
        " WHERE kind = 'snapshots' AND platform = 'twitch' ORDER BY object_key LIMIT 1",
    )
    with Adapters(whole_way.connections, whole_way.settings) as adapters:
        table = parquet.read_table(io.BytesIO(adapters.store.get(key)))
    assert table.num_rows == rows
    sampled_at = table.column("sampled_at").to_pylist()
    assert (min(sampled_at), max(sampled_at)) == (first_at, last_at)


def test_doing_it_again_finds_nothing_to_do(whole_way):
    before = fetch(whole_way, "SELECT md5(string_agg(d::TEXT, '' ORDER BY d::TEXT)) FROM trends.channel_day AS d")
    again = fill_past(
        whole_way.connections, whole_way.settings, POLLED_PLATFORMS, SPAN, lambda _platform, _done, _all: None
    )
    assert (again.ticks, again.samples) == (0, 0)
    assert (
        fetch(whole_way, "SELECT md5(string_agg(d::TEXT, '' ORDER BY d::TEXT)) FROM trends.channel_day AS d") == before
    )


def test_the_page_ranks_what_the_truth_ranks(whole_way):
    from tests.plugins.clients import build_signed_in_client

    reads = whole_way.reads
    ranking = reads.rank_channels(
        "UTC", YESTERDAY.date(), ChannelList(platform=Platform.TWITCH), Metric.HOURS_WATCHED, limit=3, offset=0
    )
    truth = read_truth(whole_way, Platform.TWITCH)
    expected = sorted(truth, key=truth.__getitem__, reverse=True)[:3]
    assert [channel.channel_id for channel in ranking.channels] == expected
    answer = build_signed_in_client(reads).get(
        "/api/v1/rankings/channels", params={"day": YESTERDAY.date().isoformat(), "platform": "twitch", "zone": "UTC"}
    )
    assert answer.status_code == 200
    assert [row["channel_id"] for row in answer.json()["channels"][:3]] == expected


def test_the_day_s_ranking_gets_pictures_of_its_time_once(whole_way):
    from tests.plugins.clients import build_signed_in_client

    with connect(whole_way.superuser, Role.OWNER) as connection:
        connection.execute("UPDATE policy.platform_policy SET pictures = 'capture' WHERE platform <> 'youtube'")
    with Adapters(whole_way.connections, whole_way.settings) as adapters:
        taken = take_ranked(adapters, YESTERDAY.date(), "UTC")
        again = take_ranked(adapters, YESTERDAY.date(), "UTC")
        reads = replace(whole_way.reads, open_store=lambda: adapters.store)
        client = build_signed_in_client(reads)
        ranking = client.get(
            "/api/v1/rankings/channels", params={"day": YESTERDAY.date().isoformat(), "platform": "twitch", "limit": 50}
        ).json()
        first = client.get(ranking["channels"][0]["picture"]["url"])
        reads.close()

    # an adults' channel of CHZZK has none, and of one that was live for some minutes only its host may have none
    assert 195 <= taken.rows <= taken.wishes <= 200
    assert again.wishes == taken.wishes - taken.rows
    assert sum(channel["picture"] is not None for channel in ranking["channels"]) >= 48
    assert fetch(
        whole_way,
        "SELECT count(DISTINCT channel_key)::INT, count(DISTINCT sha256)::INT, min(captured_at) >= %s,"
        " max(captured_at) < %s FROM live.thumbnail",
        YESTERDAY,
        TODAY,
    ) == [(taken.rows, taken.rows, True, True)]
    assert (first.status_code, first.headers["content-type"]) == (200, "image/webp")
    assert first.content.startswith(b"RIFF")
