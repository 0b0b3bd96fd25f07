"""The parts that a landing is broken on: a real broker, bucket and warehouse, what is published and found there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from uuid import uuid4

from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient
from tests.fakes.observations import make_snapshot, make_sweep
from tests.lakes import Lake
from tests.services import Warehouse

from airtide.bus.setup import ensure_topics
from airtide.bus.topics import platform_topics
from airtide.domain.models import Platform, Reject
from airtide.local.prepare import platform_policy
from airtide.settings import POLLED_PLATFORMS, Settings, load_settings
from airtide.warehouse.connect import PostgresAddress, Role, connect
from airtide.warehouse.policies import write_policies
from airtide.warehouse.zone_days import ensure_calendar
from airtide.wiring import jobs
from airtide.wiring.adapters import Adapters
from airtide.wiring.connections import KAFKA, POSTGRES, Connections, read_environment

CADENCE = timedelta(minutes=5)
BATCH = 24
"""Snapshots that one batch holds at most, about: three ticks make three batches."""


@dataclass(frozen=True)
class LandingParts:
    """One platform's topics, empty at first, with a warehouse and a bucket of their own."""

    platform: Platform
    kafka: Mapping[str, str]
    warehouse: Warehouse
    lake: Lake

    @cached_property
    def settings(self) -> Settings:
        """Settings of an installation with simulated sites and small batches."""
        settings = load_settings()
        changed = {
            "mode": "simulated",
            "lake": settings.lake.model_copy(update={"bucket": self.lake.bucket}),
            "landing": settings.landing.model_copy(update={"max_snapshots": BATCH}),
        }
        return settings.model_copy(update=changed)

    @property
    def environment(self) -> Mapping[str, str]:
        """The connections as a task of Airflow finds them."""
        return connection_variables(self.kafka, self.warehouse.address, self.lake)

    @cached_property
    def adapters(self) -> Adapters:
        """Adapters of the same connections as the landing's."""
        return Adapters(Connections(read_environment(self.environment)), self.settings)

    def prepare(self) -> None:
        """Make topics, policies and the calendar; what the topics hold from earlier is taken away."""
        now = datetime.now(UTC)
        self.make_topics()
        with connect(self.warehouse.superuser, Role.OWNER) as connection:
            write_policies(connection, [platform_policy(platform, self.settings) for platform in POLLED_PLATFORMS])
        with connect(self.warehouse.address, Role.ROLLUP) as connection:
            ensure_calendar(connection, ["UTC"], now=now)
        empty_topics(self.platform, self.adapters)

    def make_topics(self) -> None:
        """Make both topics where they are missing."""
        topics = platform_topics(
            self.platform, snapshot_partitions=4, replication_factor=1, min_insync_replicas=1, raw_age=timedelta(days=1)
        )
        ensure_topics(self.kafka, topics, deadline_s=20)

    def publish(self, *ticks: int) -> None:
        """Publish sweeps of 18 broadcasts, the first ones twice, with a record that the parser refused."""
        began_at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
        for tick in ticks:
            at = began_at + tick * CADENCE
            told = {"platform": self.platform, "sampled_at": at, "fetched_at": at}
            snapshots = [make_snapshot(f"b{n}", viewers=tick * 100 + n, **told) for n in range(18)]
            refused = Reject(platform=self.platform, reason="no id", raw=b"{}", channel_id=f"tick {tick}")
            ends = self.adapters.sink.publish_snapshots(self.platform, [*snapshots, *snapshots[:3], refused])
            sweep_id = f"{self.platform}:{tick}:{uuid4().hex[:8]}"
            times = {"sampled_at": at, "started_at": at, "finished_at": at}
            self.adapters.sink.publish_sweep(
                make_sweep(sweep_id=sweep_id, platform=self.platform, end_offsets=ends, **times)
            )

    def assert_all_landed(self) -> None:
        """Ask the oracle: every message that Kafka was given is landed, once, in every store."""
        report = jobs.verify_platform(self.platform, self.adapters)
        assert [str(finding) for finding in report.findings.shown] == []
        topics = self.adapters.log.describe_topics(self.platform)
        ends = {(facts.topic, n): end for facts in topics for n, end in facts.end_offsets.items()}
        assert self.adapters.ledger.read_positions(self.platform) == ends


def empty_topics(platform: Platform, adapters: Adapters) -> None:
    """Let both topics of a platform begin where they end now."""
    topics = adapters.log.describe_topics(platform)
    ends = [TopicPartition(facts.topic, n, end) for facts in topics for n, end in facts.end_offsets.items()]
    brokers = adapters.connections.kafka_config()["bootstrap.servers"]
    with AdminClient({"bootstrap.servers": brokers}) as admin:
        for future in admin.delete_records(ends).values():
            future.result(timeout=20)


def connection_variables(kafka: Mapping[str, str], warehouse: PostgresAddress, lake: Lake) -> dict[str, str]:
    """Return the AIRFLOW_CONN_… variables of these parts."""
    records = {
        KAFKA: {"extra": dict(kafka)},
        POSTGRES: {
            "host": warehouse.host,
            "port": warehouse.port,
            "login": warehouse.user,
            "password": warehouse.password,
            "schema": warehouse.dbname,
        },
    }
    variables = {f"AIRFLOW_CONN_{name.upper()}": json.dumps(record) for name, record in records.items()}
    return {**variables, **lake.environment}


@contextmanager
def landing_parts(
    platform: Platform, kafka: Mapping[str, str], warehouse: Warehouse, lake: Lake
) -> Iterator[LandingParts]:
    """Prepare parts; the lake is for them alone."""
    parts = LandingParts(platform, kafka, warehouse, lake.prepare())
    with parts.adapters:
        parts.prepare()
        yield parts
