"""What is observed: platforms, snapshots of broadcasts, and the sweeps that took them.

All times are aware datetimes in UTC; ids are text whatever the site sends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def observed(cls: type[T]) -> type[T]:
    """Make a dataclass that is immutable to the type checker alone.

    A frozen one sets each of its fields by a call: for a snapshot that was a quarter of parsing its record. Fields may
    be given by their order, which parsers do: naming all of them was another sixth.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)


class Platform(StrEnum):
    """A streaming site."""

    YOUTUBE = "youtube"
    TWITCH = "twitch"
    SOOP = "soop"
    CHZZK = "chzzk"
    KICK = "kick"


class Outcome(StrEnum):
    """How a sweep ended."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    FAILED = "failed"


class Scope(StrEnum):
    """What a sweep's absences mean: a listing speaks of the whole site, a sweep by id only of the ids asked for."""

    LISTING = "listing"
    BY_ID = "by_id"


@observed
class Snapshot:
    """One observation of one broadcast at one tick; immutable."""

    platform: Platform
    sweep_id: str
    sampled_at: datetime
    """The tick, whole seconds."""
    fetched_at: datetime
    """When the page that held it came."""
    broadcast_id: str
    channel_id: str
    viewers: int | None
    """None when the count is hidden, never 0 in its place."""
    cadence_s: int
    """Seconds until the next sample that the poller promises for this broadcast."""
    channel_handle: str | None = None
    channel_name: str | None = None
    title: str | None = None
    category_id: str | None = None
    category_name: str | None = None
    language: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    """The end told by the site; a snapshot with it is no sample, it only ends the broadcast."""
    thumbnail_url: str | None = None
    watch_url: str | None = None
    is_mature: bool | None = None
    tags: Sequence[str] = ()
    flags: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """When and by which sweep a site's record was seen: what its snapshot has that the record does not tell."""

    sweep_id: str
    sampled_at: datetime
    fetched_at: datetime
    cadence_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """A record that the parser refused: the site's own bytes, kept for a dead letter."""

    platform: Platform
    reason: str
    raw: bytes
    channel_id: str | None = None
    seen: Sighting | None = None
    """Set by the poll, for a parser that can read the record later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """One poll of one platform: what it asked, what it got, and where its messages ended."""

    sweep_id: str
    """platform:tick:token, the token new for every try."""
    platform: Platform
    sampled_at: datetime
    started_at: datetime
    finished_at: datetime
    outcome: Outcome
    scope: Scope
    pages: int
    requests: int
    snapshots: int
    duplicates: int
    rejects: int = 0
    absent: Sequence[str] = ()
    """Broadcast ids asked for and not returned; empty for a listing."""
    viewer_floor: int | None = None
    """Where a listing ordered by viewers was left: what has fewer is unseen, not gone; None when it was read whole."""
    is_filtered: bool = False
    """Only some languages or categories were listed, so that an absence says nothing."""
    unknown_fields: Mapping[str, int] = field(default_factory=dict)
    """Fields of the site that no parser knows: records that had them, by name."""
    spend: Mapping[str, int] = field(default_factory=dict)
    """Cost by quota bucket."""
    error: str | None = None
    end_offsets: Mapping[int, int] = field(default_factory=dict)
    """End offset of every partition of the snapshots topic, asked after the last delivery report."""
