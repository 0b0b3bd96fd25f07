"""A simulated day through real parts: poll → Kafka → S3 and Postgres → rollups → page, held to the truth."""

from __future__ import annotations

import io
import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
import requests
from tests.services import SimulatedSites, WarehouseMaker, free_port, running, running_kafka

from airtide.bus.topics import snapshots_topic, sweeps_topic
from airtide.domain.models import Platform
from airtide.lake.stores import S3Store
from airtide.local.home import Home
from airtide.local.parts.lake import LakePart
from airtide.local.parts.simulators import SimulatorsPart
from airtide.local.prefill import Span, fill_past
from airtide.local.prepare import prepare_topics
from airtide.settings import POLLED_PLATFORMS, LakeSettings, Settings, load_settings
from airtide.warehouse.connect import Role, connect
from airtide.warehouse.zone_days import ensure_calendar
from airtide.wiring.adapters import Adapters
from airtide.wiring.connections import Connections, RecordReader, read_environment
from airtide.wiring.reads import Metric, Reads

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
YESTERDAY = TODAY - timedelta(days=1)
SPAN = Span(first_at=YESTERDAY - timedelta(hours=1), last_at=TODAY + timedelta(minutes=55))
FIRST_CELL = timedelta(minutes=15)
"""A start that lies no farther than this before the first sample begins its cell, at a five-minute cadence."""


@dataclass(frozen=True, slots=True)
class WholeWay:
    """Everything that the demo starts, without Airflow, with yesterday behind it."""

    connections: Connections
    settings: Settings
    sites: SimulatedSites
    reads: Reads


class ConnectionsToTestLake(Connections):
    """Connections whose lake is the test session's S3 server."""

    def __init__(self, server: LakePart, read_record: RecordReader) -> None:
        super().__init__(read_record)
        self._server = server

    def lake_client(self) -> S3Client:
        return self._server.client()


@pytest.fixture(scope="module")
def whole_way(
    warehouse_maker: WarehouseMaker, lake_server: LakePart, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WholeWay]:
    # a broker of its own: the topics have the names of service
    home = Home(tmp_path_factory.mktemp("whole-way").resolve())
    lake = LakeSettings(bucket=f"whole-way-{uuid4().hex[:12]}")
    settings = load_settings().model_copy(update={"mode": "simulated", "lake": lake})
    port = free_port()
    sites = SimulatedSites(base_url=f"http://127.0.0.1:{port}")
    world = SimulatorsPart(home=home, port=port, credentials=sites.credentials(), world=settings.simulation)
    with running_kafka(home) as kafka, running(world, home), warehouse_maker.warehouse() as warehouse:
        lake_server.client().create_bucket(Bucket=settings.lake.bucket)
        connections = ConnectionsToTestLake(
            lake_server,
            read_environment(
                {
                    "AIRFLOW_CONN_AIRTIDE_KAFKA": json.dumps({"extra": kafka}),
                    "AIRFLOW_CONN_AIRTIDE_POSTGRES": json.dumps(
                        {
                            "host": warehouse.address.host,
                            "port": warehouse.address.port,
                            "login": warehouse.address.user,
                            "password": warehouse.address.password,
                            "schema": warehouse.address.dbname,
                        }
                    ),
                    **{
                        f"AIRFLOW_CONN_AIRTIDE_{p.upper()}": json.dumps(site_connection(sites, p))
                        for p in POLLED_PLATFORMS
                    },
                }
            ),
        )
        prepare_topics(connections, settings)
        with connect(warehouse.superuser, Role.OWNER) as connection:
            connection.execute(
                "INSERT INTO policy.platform_policy SELECT platform, '30 days', '30 days', '30 days', '30 days',"
                " 'link', TRUE FROM unnest(%s::live.platform[]) AS platform",
                [[p.value for p in POLLED_PLATFORMS]],
            )
        with connect(warehouse.address, Role.ROLLUP) as connection:
            ensure_calendar(connection, settings.trends.zones, now=TODAY)
        fill_past(
            connections,
            settings,
            POLLED_PLATFORMS,
            SPAN,
            lambda _platform, _done, _all: None,
            owner=warehouse.superuser,
        )
        with closing(Reads(connections.postgres_address(), settings)) as reads:
            yield WholeWay(connections, settings, sites, reads)


def site_connection(sites: SimulatedSites, platform: Platform) -> dict:
    base_url = f"{sites.base_url}/{platform}"
    login, password = sites.login_and_password(platform)
    return {
        "host": base_url,
        "login": login,
        "password": password,
        "extra": {"token_url": base_url, "simulated": True},
    }


def fetch(whole_way: WholeWay, query: str, *parameters: object) -> list[tuple]:
    with connect(whole_way.connections.postgres_address(), Role.READER) as connection:
        return connection.execute(query, parameters).fetchall()


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


def test_a_listed_object_is_parquet_with_the_rows_its_ledger_row_tells(whole_way):
    import pyarrow.parquet as parquet

    store = S3Store(whole_way.connections.lake_client(), whole_way.settings.lake.bucket)
    [(key, rows, first_at, last_at)] = fetch(
        whole_way,
        "SELECT object_key, rows, min_sampled_at, max_sampled_at FROM ingest.lake_object"
        " WHERE kind = 'snapshots' AND platform = 'twitch' ORDER BY object_key LIMIT 1",
    )
    table = parquet.read_table(io.BytesIO(store.get(key)))
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
    ranking = reads.rank_channels("UTC", YESTERDAY.date(), Platform.TWITCH, Metric.HOURS_WATCHED, limit=3, offset=0)
    truth = read_truth(whole_way, Platform.TWITCH)
    expected = sorted(truth, key=truth.__getitem__, reverse=True)[:3]
    assert [channel.channel_id for channel in ranking.channels] == expected
    answer = build_signed_in_client(reads).get(
        "/api/v1/rankings/channels", params={"day": YESTERDAY.date().isoformat(), "platform": "twitch", "zone": "UTC"}
    )
    assert answer.status_code == 200
    assert [row["channel_id"] for row in answer.json()["channels"][:3]] == expected
