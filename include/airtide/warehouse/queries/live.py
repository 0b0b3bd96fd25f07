"""What is live: the broadcasts that were sampled when they were last due, and have not ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from airtide.domain.models import Platform
from airtide.warehouse.queries.fetch import fetch_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestTick:
    """The latest tick of a platform of which every message has landed."""

    platform: str
    sampled_at: datetime
    outcome: str
    """complete | partial"""
    scope: str
    """listing | by_id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveTotal:
    """All that is live on one platform as of its latest landed tick."""

    platform: str
    sampled_at: datetime
    broadcasts: int
    hidden_counts: int
    """Broadcasts whose viewers the site hides; they add nothing to `viewers`."""
    viewers: int
    unseen: int
    """Broadcasts that were not sampled when they were due, and are not known to be over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveBroadcast:
    """One broadcast as it was sampled last: at the latest landed tick, or where it is asked by id when it was due."""

    platform: str
    sampled_at: datetime
    broadcast_id: str
    started_at: datetime | None
    channel_id: str
    channel_name: str | None
    title: str | None
    language: str | None
    watch_url: str | None
    is_mature: bool | None
    category_name: str | None
    viewers: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePage:
    """A page of what is live, with the ticks it stands for."""

    ticks: Sequence[LatestTick]
    totals: Sequence[LiveTotal]
    broadcasts: Sequence[LiveBroadcast]


def read_live(
    connection: Connection[Any], snapshot_topics: Mapping[Platform, str], *, limit: int, offset: int
) -> LivePage:
    """Read what is live on the platforms of `snapshot_topics` (platform to topic), most viewers first."""
    ticks = fetch_rows(
        connection,
        "read_latest_ticks",
        LatestTick,
        {"platforms": [*snapshot_topics], "topics": [*snapshot_topics.values()]},
    )
    asked = {
        "platforms": [tick.platform for tick in ticks],
        "ticks": [tick.sampled_at for tick in ticks],
        "scopes": [tick.scope for tick in ticks],
    }
    return LivePage(
        ticks=ticks,
        totals=fetch_rows(connection, "read_live_totals", LiveTotal, asked),
        broadcasts=fetch_rows(
            connection, "read_live_broadcasts", LiveBroadcast, {**asked, "limit": limit, "offset": offset}
        ),
    )
