"""How landing and capturing stand: what waits in Kafka by topic partition, and what the last run did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from airtide.domain.models import Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionLag:
    """One topic partition: what it still holds, and where its reader stands in it."""

    topic: str
    topic_partition: int
    low_offset: int
    """The first offset that Kafka still holds."""
    next_offset: int
    """The next one to be worked off; the first held offset where nothing was yet."""
    end_offset: int
    waiting_since: datetime | None = None
    """When the first message that waits was produced; None when none does."""

    @property
    def lag(self) -> int:
        """Offsets still to be worked off."""
        return max(0, self.end_offset - self.next_offset)

    @property
    def lost(self) -> int:
        """Offsets that Kafka dropped before they were."""
        return max(0, self.low_offset - self.next_offset)

    def count_seconds(self, now: datetime) -> float:
        """Return for how long its first message has waited, 0 when none does."""
        return 0.0 if self.waiting_since is None else max(0.0, (now - self.waiting_since).total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class LandingFigures:
    """What an operator needs to know of one run of a landing."""

    platform: Platform
    at: datetime
    """Its end."""
    seconds: float
    batches: int = 0
    messages: int = 0
    samples: int = 0
    lags: Sequence[PartitionLag] | None = None
    """After it; None when they could not be measured."""
    error: str | None = None
    """Why it failed; None when it did not."""

    @property
    def lag_messages(self) -> int | None:
        """Messages that wait, None when nobody knows."""
        return None if self.lags is None else sum(lag.lag for lag in self.lags)

    @property
    def lag_s(self) -> float | None:
        """For how long the first of them has waited; 0 when none does, None when nobody knows."""
        return None if self.lags is None else max((lag.count_seconds(self.at) for lag in self.lags), default=0.0)

    @property
    def messages_per_s(self) -> float | None:
        """Its rate; None for a run that landed nothing."""
        return self.messages / self.seconds if self.messages and self.seconds > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureFigures:
    """What an operator needs to know of one run that captures pictures, for one platform."""

    platform: Platform
    at: datetime
    """Its end."""
    pictures: int = 0
    lags: Sequence[PartitionLag] | None = None
    """Of the group, after it; None when they could not be measured."""
    error: str | None = None
    """Why it failed; None when it did not."""
