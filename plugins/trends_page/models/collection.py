"""How collection stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from airtide.domain.models import Platform
from airtide.wiring.reads import DataKind
from trends_page.models.base import Answer


class Sweep(Answer):
    """The latest landed sweep of a platform."""

    sampled_at: datetime
    started_at: datetime
    finished_at: datetime
    landed_at: datetime
    outcome: str
    scope: str
    pages: int
    requests: int
    snapshots: int
    duplicates: int
    rejects: int
    absent: int
    viewer_floor: int | None
    """Where a listing by viewers was left; null when it was read whole."""
    is_filtered: bool
    """Only some languages or categories were listed: absence says nothing."""
    unknown_fields: Mapping[str, int]
    """Fields of the site that nobody reads yet: records that had them, by name."""
    spend: Mapping[str, int]
    error: str | None


class DeadLetterCount(Answer):
    """Dead letters of one reason in 24 hours that were not sent back."""

    platform: Platform
    reason: str
    letters: int
    last_found_at: datetime


class PartitionLag(Answer):
    """What waits in one topic partition; `waiting_since` is when its first message was produced, null when none waits.

    `lost` counts messages that Kafka dropped before they were landed.
    """

    topic: str
    topic_partition: int
    next_offset: int
    end_offset: int
    messages: int
    lost: int
    waiting_since: datetime | None


class Landing(Answer):
    """How a platform's landing stands, as its last run told.

    Lag was measured at `lag_measured_at`, null while nobody has. Batches, messages, samples and seconds are those of
    the last run that landed anything. `error` is that of the last run, null when it did not fail.
    """

    lag_measured_at: datetime | None
    lag_messages: int | None
    waiting_since: datetime | None
    lags: Sequence[PartitionLag]
    landed_at: datetime | None
    batches: int | None
    messages: int | None
    samples: int | None
    seconds: float | None
    messages_per_s: float | None
    failing_since: datetime | None
    error: str | None


class Capture(Answer):
    """How capturing a platform's pictures stands, as the last run told; read as a landing is."""

    lag_measured_at: datetime | None
    lag_messages: int | None
    waiting_since: datetime | None
    lags: Sequence[PartitionLag]
    captured_at: datetime | None
    pictures: int | None
    failing_since: datetime | None
    error: str | None


class PlatformCollection(Answer):
    """How one platform's collection stands; ticks and spend are counted over 24 hours.

    `ticks_due` counts those since the platform's first tick that should have landed by now.
    `known_lag` counts messages up to the end that the last landed sweeps told; what came later is not known here.
    """

    platform: Platform
    cadence_s: int
    last_sweep: Sweep | None
    ticks_due: int
    ticks_complete: int
    ticks_partial: int
    ticks_failed: int
    spend: Mapping[str, int]
    known_lag: int | None
    batch_planned_at: datetime | None
    landing: Landing | None
    capture: Capture | None
    """Null for a platform whose pictures were never to be captured."""
    dead_letters: int
    lost_messages: int
    last_loss_at: datetime | None


class BucketState(Answer):
    """How one quota bucket of a site stands.

    Of a bucket that is filled once a day: what is drawn since then, and what will be at `resets_at` if it goes on so
    (`projected`, null while it is too early to tell). Of one that is filled each minute: what the site's last landed
    sweep, taken at `told_at`, drew in a minute; null before any. `is_closed` means that the site said nothing is left.
    """

    bucket: str
    platform: Platform
    per: Literal["minute", "day"]
    limit: int
    spent: int | None
    left: int | None
    projected: int | None
    resets_at: datetime | None
    is_closed: bool
    told_at: datetime | None


class Collection(Answer):
    """How collection stands."""

    data: DataKind
    platforms: Sequence[PlatformCollection]
    quotas: Sequence[BucketState]
    dead_letters: Sequence[DeadLetterCount]
    dirty_hours: int
    dirty_days: int
    last_rolled_up_at: datetime | None
