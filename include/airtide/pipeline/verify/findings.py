"""What an audit finds, counted in full and shown as far as a reader can follow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from airtide.domain.audited import Place, Run
from airtide.domain.models import Platform

MOST_SHOWN = 20
"""Findings of one kind and platform that are kept; the others are counted."""


class FindingKind(StrEnum):
    """What is wrong; the runbook of the Dag `check_quality` says what to do."""

    GAP = "never landed"
    OVERLAP = "landed twice"
    POSITION = "position"
    TOPIC_REPLACED = "topic made anew"
    BEYOND_END = "position beyond the end"
    DROPPED = "dropped before landing"
    OBJECT_MISSING = "object missing"
    OBJECT_DIFFERS = "object differs"
    MISSING = "message missing"
    DOUBLE = "message twice"
    FOREIGN = "message not landed"
    COUNTS = "batch counts"
    SAMPLE_MISSING = "sample missing"
    SAMPLE_FOREIGN = "sample without message"
    SAMPLE_DIFFERS = "sample differs"
    DETAIL_MISSING = "sample without detail"
    DETAIL_FOREIGN = "detail of another broadcast"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as it must be, and where."""

    kind: FindingKind
    text: str
    count: int = 1
    """How many messages, rows or samples it is about."""
    place: Place | None = None
    run: Run | None = None
    object_key: str | None = None
    sampled_at_ms: int | None = None
    broadcast_key: int | None = None

    def __str__(self) -> str:
        where = [] if self.place is None else [f"{self.place.topic}[{self.place.topic_partition}]"]
        if self.run is not None:
            where.append(f"offsets {self.run.start_offset} to {self.run.end_offset - 1}")
        if self.object_key is not None:
            where.append(self.object_key)
        if self.sampled_at_ms is not None:
            where.append(f"{datetime.fromtimestamp(self.sampled_at_ms / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}")
        if self.broadcast_key is not None:
            where.append(f"broadcast {self.broadcast_key}")
        return f"{self.kind}: {' '.join([*where, '']).strip()}: {self.text}" if where else f"{self.kind}: {self.text}"


@dataclass(slots=True)
class Findings:
    """Everything found of one platform."""

    shown: list[Finding] = field(default_factory=list)
    """The first of each kind."""
    totals: Counter[FindingKind] = field(default_factory=Counter)
    """How many findings there are of each kind."""
    places: Counter[tuple[str, int]] = field(default_factory=Counter)
    """How many concern a (topic, topic partition)."""

    def add(self, *found: Finding) -> None:
        """Count findings, and keep those that can be shown."""
        for finding in found:
            self.totals[finding.kind] += 1
            if self.totals[finding.kind] <= MOST_SHOWN:
                self.shown.append(finding)
            if finding.place is not None:
                self.places[finding.place.topic, finding.place.topic_partition] += 1

    def count(self, kind: FindingKind, more: int) -> None:
        """Count findings that are not shown."""
        self.totals[kind] += more

    @property
    def total(self) -> int:
        """Return how many there are."""
        return self.totals.total()


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionLine:
    """One topic partition, in numbers; messages are counted by their offsets."""

    topic: str
    topic_partition: int
    first_offset: int
    next_offset: int
    landed: int
    lost: int
    dead_letters: int
    expired: int
    """Landed, and neither row nor dead letter: too old when they landed, or in hours that are not audited."""
    end_offset: int | None
    """Where Kafka's log ends; None when the topic is another one."""
    findings: int

    @property
    def verdict(self) -> str:
        """Return in a word how it stands."""
        return "whole" if self.findings == 0 else f"{self.findings:,} findings"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformReport:
    """What an audit of one platform came to."""

    platform: Platform
    audited_from: datetime
    """Messages of earlier ticks have expired or were not asked for: only their ranges were looked at."""
    lines: Sequence[PartitionLine]
    findings: Findings
    objects: int
    """Objects that were read."""
    samples: int
    """Samples that were compared."""
    planned: Sequence[int]
    """Batches in work, which is no fault."""

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing was found."""
        return self.findings.total == 0
