"""What waits in Kafka when local mode is stopped, and what is gone from it: on the real parts, by the real commands."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient
from tests.chaos.parts import empty_topics
from tests.fakes.observations import make_snapshot
from tests.lakes import LAKES, Lake
from tests.services import Warehouse

from airtide import cli
from airtide.bus.topics import snapshots_topic
from airtide.domain.models import Platform
from airtide.local import commands
from airtide.local.display import show_lags
from airtide.local.parts.lake import LakePart
from airtide.local.prepare import platform_policy, prepare_topics
from airtide.local.stop import land_rest
from airtide.settings import POLLED_PLATFORMS, Settings, load_settings
from airtide.warehouse.connect import PostgresAddress, Role, connect
from airtide.warehouse.policies import write_policies
from airtide.warehouse.zone_days import ensure_zone_days
from airtide.wiring.adapters import Adapters
from airtide.wiring.connections import Connections, read_environment

NOW = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Running:
    """As much of an installation as landing and its questions use."""

    environment: Mapping[str, str]
    settings: Settings
    warehouse: PostgresAddress

    @property
    def connections(self) -> Connections:
        return Connections(read_environment(self.environment))

    def publish(self, platform: Platform, count: int) -> dict[int, int]:
        """Publish `count` snapshots of one channel; return the end offsets."""
        with Adapters(self.connections, self.settings) as adapters:
            return adapters.sink.publish_snapshots(
                platform,
                [
                    make_snapshot(f"b{n}", platform=platform, channel_id="abc", sampled_at=NOW, fetched_at=NOW)
                    for n in range(count)
                ],
            )

    def count_samples(self, platform: Platform) -> int:
        with connect(self.warehouse, Role.READER) as connection:
            [(samples,)] = connection.execute("SELECT count(*) FROM live.sample WHERE platform = %s", (platform,))
        return int(samples)


@pytest.fixture
def running(
    kafka: dict[str, str],
    warehouse: Warehouse,
    lake: Lake,
    monkeypatch: pytest.MonkeyPatch,
) -> Running:
    address = warehouse.address
    values = {
        "AIRTIDE__LAKE__BUCKET": lake.bucket,
        "AIRFLOW_CONN_AIRTIDE_KAFKA": {"extra": kafka},
        "AIRFLOW_CONN_AIRTIDE_POSTGRES": {
            "host": address.host,
            "port": address.port,
            "login": address.user,
            "password": address.password,
            "schema": address.dbname,
        },
        **lake.environment,
    }
    environment = {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}
    settings = load_settings().model_copy(update={"mode": "simulated"})
    running = Running({**os.environ, **environment}, settings, address)
    prepare_topics(running.connections, settings)
    with Adapters(running.connections, settings) as adapters:
        for platform in POLLED_PLATFORMS:
            empty_topics(platform, adapters)
    with connect(warehouse.superuser, Role.OWNER) as connection:
        write_policies(connection, [platform_policy(platform, settings) for platform in POLLED_PLATFORMS])
    with connect(address, Role.ROLLUP) as connection:
        days = {"first_day": (NOW - timedelta(days=2)).date(), "last_day": (NOW + timedelta(days=2)).date()}
        ensure_zone_days(connection, settings.trends.zones, **days)
    monkeypatch.setattr(commands, "open_installation", lambda: running)
    return running


@contextmanager
def stopped(port: int) -> Iterator[None]:
    """Hold the process that listens on `port`: it takes connections and never answers."""
    [pid] = {
        found.pid
        for found in psutil.net_connections("tcp")
        if found.status == psutil.CONN_LISTEN and found.laddr.port == port and found.pid
    }
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def accept_loss(site: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("sys.argv", ["airtide", "accept-loss", site])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def test_a_stopped_s3_server_does_not_hold_the_stop(running: Running, lake_server: LakePart, tmp_path: Path) -> None:
    running.publish(Platform.SOOP, 3)
    told: list[str] = []
    began = time.monotonic()
    with stopped(lake_server.port):
        land_rest(running.environment, tmp_path / "landing.log", told.append, within_s=5)
    assert time.monotonic() - began < 20
    assert told[-1] == "landing was ended after 5 s: what is left lands after the next start"
    assert running.count_samples(Platform.SOOP) == 0
    told.clear()
    land_rest(running.environment, tmp_path / "landing.log", told.append)
    assert "soop: landed, 3 new samples" in told
    assert running.count_samples(Platform.SOOP) == 3


@pytest.mark.parametrize("lake", LAKES, indirect=True)
def test_a_site_that_cannot_land_stops_no_other_until_its_loss_is_accepted(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[str] = []
    running.publish(Platform.YOUTUBE, 2)
    land_rest(running.environment, tmp_path / "landing.log", told.append)
    assert "youtube: landed, 2 new samples" in told
    running.publish(Platform.TWITCH, 4)
    ends = running.publish(Platform.YOUTUBE, 5)
    [(number, end)] = ends_that_grew(running, ends)
    admin = AdminClient({"bootstrap.servers": running.connections.kafka_config()["bootstrap.servers"]})
    topic = snapshots_topic(Platform.YOUTUBE)
    [dropped] = admin.delete_records([TopicPartition(topic, number, end - 2)]).values()
    dropped.result(timeout=20)

    told.clear()
    land_rest(running.environment, tmp_path / "landing.log", told.append)
    assert "twitch: landed, 4 new samples" in told
    [refused] = [sentence for sentence in told if sentence.startswith("youtube: not landed")]
    assert "airtide accept-loss youtube" in refused
    show_lags(running)
    [row] = [line for line in capsys.readouterr().out.splitlines() if topic in line]
    assert [cell.strip() for cell in row.split("│")[3:5]] == ["2", "3"]

    assert accept_loss("youtube", monkeypatch) == 0
    assert capsys.readouterr().out == f"accepted as lost: {topic}[{number}] offsets {end - 5} to {end - 2}\n"
    assert accept_loss("youtube", monkeypatch) == 0
    assert "nothing of youtube is gone" in capsys.readouterr().out
    told.clear()
    land_rest(running.environment, tmp_path / "landing.log", told.append)
    assert any(sentence.startswith("youtube: landed") for sentence in told)


def ends_that_grew(running: Running, ends: Mapping[int, int]) -> list[tuple[int, int]]:
    """Return the topic partitions whose end lies beyond what is landed, with that end."""
    with Adapters(running.connections, running.settings) as adapters:
        positions = adapters.ledger.read_positions(Platform.YOUTUBE)
    return [(n, end) for n, end in ends.items() if end > positions[snapshots_topic(Platform.YOUTUBE), n]]
