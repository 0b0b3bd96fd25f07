from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest

from airtide.bus.topics import landing_group, platform_topics, snapshots_topic, sweeps_topic
from airtide.domain.models import Platform

HOUR_MS, DAY_MS = 3_600_000, 86_400_000


def topics(raw_age):
    return platform_topics(
        Platform.SOOP, snapshot_partitions=4, replication_factor=3, min_insync_replicas=2, raw_age=raw_age
    )


def test_names_carry_platform_and_version():
    assert snapshots_topic(Platform.SOOP) == "airtide.snapshots.soop.v1"
    assert sweeps_topic(Platform.SOOP) == "airtide.sweeps.soop.v1"
    assert landing_group(Platform.SOOP) == "airtide.land-soop"


@pytest.mark.parametrize(
    ("raw_age", "retention_ms"),
    [(timedelta(hours=20), 20 * HOUR_MS), (timedelta(days=3), 3 * DAY_MS), (timedelta(days=30), 3 * DAY_MS)],
)
def test_no_topic_outlives_the_raw_age_or_three_days(raw_age, retention_ms):
    assert [topic.retention_ms for topic in topics(raw_age)] == [retention_ms, retention_ms]


def test_sweeps_stand_in_one_partition_and_snapshots_in_as_many_as_told():
    assert [(topic.name, topic.partitions) for topic in topics(timedelta(days=1))] == [
        ("airtide.snapshots.soop.v1", 4),
        ("airtide.sweeps.soop.v1", 1),
    ]


def test_settings_are_named_as_kafka_names_them():
    for topic in topics(timedelta(days=1)):
        assert topic.config() == {
            "cleanup.policy": "delete",
            "min.insync.replicas": "2",
            "retention.ms": str(DAY_MS),
            "segment.ms": str(HOUR_MS),
        }
        assert topic.replication_factor == 3


def test_names_cost_no_driver():
    loaded = "import sys, airtide.bus.topics; print({'confluent_kafka', 'msgspec'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "set()"
