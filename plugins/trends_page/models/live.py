"""What is live."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from airtide.domain.models import Platform
from airtide.wiring.reads import DataKind
from trends_page.models.base import Answer
from trends_page.models.pictures import Picture, PictureLink


class LatestTick(Answer):
    """The latest tick of a platform of which every message has landed."""

    platform: Platform
    sampled_at: datetime
    outcome: str
    scope: str


class LiveTotal(Answer):
    """All that was live on a platform at that tick; hidden counts add nothing to viewers."""

    platform: Platform
    sampled_at: datetime
    broadcasts: int
    hidden_counts: int
    viewers: int
    unseen: int
    """Broadcasts that were not sampled when they were due, and are not known to be over: they are not in the list."""


class LiveBroadcast(Answer):
    """One broadcast as sampled when it was last due.

    Titles and names are written by strangers: never put them into markup.
    """

    platform: Platform
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
    picture: Picture | PictureLink | None
    """The newest; null where there is none, or the platform's policy allows none."""


class Live(Answer):
    """What is live, most viewers first, hidden counts last."""

    data: DataKind
    ticks: Sequence[LatestTick]
    totals: Sequence[LiveTotal]
    total: int
    limit: int
    offset: int
    broadcasts: Sequence[LiveBroadcast]
