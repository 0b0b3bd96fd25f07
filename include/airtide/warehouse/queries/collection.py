"""The state of collection: was everything swept, has everything landed, what was refused or lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from psycopg import Connection

from airtide.domain.models import Platform
from airtide.warehouse.queries.fetch import fetch_row, fetch_rows

DataKind = Literal["simulated", "real"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LastSweep:
    """The latest landed sweep record of a platform, whatever its outcome."""

    platform: str
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
    is_filtered: bool
    unknown_fields: Mapping[str, int]
    spend: Mapping[str, int]
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TickCounts:
    """Ticks of a platform that a sweep record tells of, by their best outcome."""

    platform: str
    complete: int
    partial: int
    failed: int
    first_sampled_at: datetime | None
    """The first tick of all that is known; None before any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """What the sweeps of a platform cost in one quota bucket."""

    platform: str
    bucket: str
    cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What of a platform is known to be in Kafka and has not landed."""

    platform: str
    known_lag: int | None
    """Messages up to the end of the last landed sweeps; None before the first sweep."""
    batch_planned_at: datetime | None
    """When the batch under way was planned; None when none is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lagging:
    """How a reader of a platform's topics stands, as its last run told."""

    platform: str
    lags: Sequence[Mapping[str, Any]]
    """By topic partition: topic, topic_partition, next_offset, end_offset, messages, lost, waiting_since."""
    lag_measured_at: datetime | None
    failing_since: datetime | None
    error: str | None
    """Of the last run; None when it did not fail."""

    @property
    def lag_messages(self) -> int | None:
        """Messages that wait; None while nobody has measured."""
        return None if self.lag_measured_at is None else sum(lag["messages"] for lag in self.lags)

    @property
    def waiting_since(self) -> datetime | None:
        """When the first of them was produced."""
        told = [lag["waiting_since"] for lag in self.lags if lag["waiting_since"] is not None]
        return min(map(datetime.fromisoformat, told), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing(Lagging):
    """How a platform's landing stands."""

    landed_at: datetime | None
    """When the last run ended that landed anything; its figures follow, None before any."""
    batches: int | None
    messages: int | None
    samples: int | None
    seconds: float | None

    @property
    def messages_per_s(self) -> float | None:
        """The rate of the last run that landed anything."""
        return self.messages / self.seconds if self.messages and self.seconds else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture(Lagging):
    """How capturing the pictures of a platform stands."""

    captured_at: datetime | None
    """When the last run ended that captured any; how many follows, None before any."""
    pictures: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterCount:
    """Dead letters of one reason that were not sent back."""

    platform: str
    reason: str
    letters: int
    last_found_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Messages of a platform that were given up."""

    platform: str
    messages: int
    last_accepted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRollups:
    """Hours and days that landings made stale, and when hours were last rolled up."""

    dirty_hours: int
    dirty_days: int
    last_rolled_up_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreStamp:
    """What kind of data the warehouse was made for."""

    kind: DataKind
    stamped_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionState:
    """Everything the state of collection is told by; lists hold no entry for a platform without any."""

    sweeps: Sequence[LastSweep]
    ticks: Sequence[TickCounts]
    spend: Sequence[Spend]
    backlogs: Sequence[Backlog]
    landings: Sequence[Landing]
    captures: Sequence[Capture]
    dead_letters: Sequence[DeadLetterCount]
    losses: Sequence[Loss]
    waiting: WaitingRollups


def read_collection(
    connection: Connection[Any],
    *,
    snapshot_topics: Mapping[Platform, str],
    sweep_topics: Mapping[Platform, str],
    from_at: datetime,
) -> CollectionState:
    """Read the state of the platforms that are keys of both maps; what is counted is counted from `from_at` on."""
    since = {"platforms": [*snapshot_topics], "from_at": from_at}
    on_snapshots = {"platforms": [*snapshot_topics], "topics": [*snapshot_topics.values()]}
    on_both = {
        "platforms": [*snapshot_topics, *sweep_topics],
        "topics": [*snapshot_topics.values(), *sweep_topics.values()],
    }
    (waiting,) = fetch_rows(connection, "read_waiting_rollups", WaitingRollups, {})
    return CollectionState(
        sweeps=fetch_rows(connection, "read_last_sweeps", LastSweep, {"platforms": [*snapshot_topics]}),
        ticks=fetch_rows(connection, "read_tick_counts", TickCounts, since),
        spend=fetch_rows(connection, "read_spend", Spend, since),
        backlogs=fetch_rows(connection, "read_backlog", Backlog, on_snapshots),
        landings=read_landings(connection, [*snapshot_topics]),
        captures=read_captures(connection, [*snapshot_topics]),
        dead_letters=fetch_rows(connection, "read_dead_letters", DeadLetterCount, {**on_both, "from_at": from_at}),
        losses=fetch_rows(connection, "read_losses", Loss, on_both),
        waiting=waiting,
    )


def read_landings(connection: Connection[Any], platforms: Sequence[Platform]) -> Sequence[Landing]:
    """Read how landings stand; no entry for a platform whose landing has never run."""
    return fetch_rows(connection, "read_landings", Landing, {"platforms": [*platforms]})


def read_captures(connection: Connection[Any], platforms: Sequence[Platform]) -> Sequence[Capture]:
    """Read how capturing pictures stands; no entry for a platform whose pictures were never to be captured."""
    return fetch_rows(connection, "read_captures", Capture, {"platforms": [*platforms]})


def read_store_stamp(connection: Connection[Any]) -> StoreStamp | None:
    """Read what kind of data the warehouse holds; None when it was never stamped."""
    return fetch_row(connection, "read_store_stamp", StoreStamp, {})
