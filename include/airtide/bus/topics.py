"""The topics of a platform: their names and how they are to be (`setup` makes them so).

Dags and pages import the names: no driver is loaded here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from airtide.domain.models import Platform

LONGEST_RETENTION = timedelta(days=3)
"""Kafka is the buffer, the lake is where replays come from."""
SEGMENT = timedelta(hours=1)
"""Retention drops whole segments: shorter ones keep it close to its age."""
SWEEP_PARTITIONS = 1


def snapshots_topic(platform: Platform) -> str:
    """Return the name of the topic of a platform's snapshots."""
    return f"airtide.snapshots.{platform}.v1"


def sweeps_topic(platform: Platform) -> str:
    """Return the name of the topic of a platform's sweep records."""
    return f"airtide.sweeps.{platform}.v1"


def landing_group(platform: Platform) -> str:
    """Return the consumer group whose offsets show lag monitors how far a platform is landed."""
    return f"airtide.land-{platform}"


CAPTURE_GROUP = "airtide.capture"
"""The consumer group whose members capture pictures; its offsets are where they go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSpec:
    """How a topic is to be."""

    name: str
    partitions: int
    """Fixed for a topic version: another count would move channels to other partitions."""
    replication_factor: int
    min_insync_replicas: int
    retention_ms: int
    segment_ms: int

    def config(self) -> dict[str, str]:
        """Return the topic's own settings as Kafka names them."""
        return {
            "cleanup.policy": "delete",
            "min.insync.replicas": str(self.min_insync_replicas),
            "retention.ms": str(self.retention_ms),
            "segment.ms": str(self.segment_ms),
        }


def platform_topics(
    platform: Platform,
    *,
    snapshot_partitions: int,
    replication_factor: int,
    min_insync_replicas: int,
    raw_age: timedelta,
) -> tuple[TopicSpec, TopicSpec]:
    """Return the snapshots and the sweeps topic of a platform; neither keeps anything beyond the platform's raw age."""

    def specify(name: str, partitions: int) -> TopicSpec:
        return TopicSpec(
            name=name,
            partitions=partitions,
            replication_factor=replication_factor,
            min_insync_replicas=min_insync_replicas,
            retention_ms=min(raw_age, LONGEST_RETENTION) // timedelta(milliseconds=1),
            segment_ms=SEGMENT // timedelta(milliseconds=1),
        )

    return specify(snapshots_topic(platform), snapshot_partitions), specify(sweeps_topic(platform), SWEEP_PARTITIONS)
