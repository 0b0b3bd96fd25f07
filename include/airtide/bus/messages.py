"""The messages on the topics, one struct each: what a JSON value must be to be landed.

Within a version a message only ever gains optional fields; anything else is a new version and a new topic. What
changes with every sweep stands first, so that the unchanged rest of a broadcast's message is the same bytes each time.
Times are RFC 3339 text in UTC (see `instants`), ids text; the JSON Schemas in `schemas/` are made from these structs.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from airtide.domain.models import Outcome, Platform, Scope

VERSION = 1

_LARGEST_INTEGER = 2**31 - 1
_LARGEST_OFFSET = 2**63 - 1
_LONGEST_ID = 255

Tick = Annotated[
    str,
    Meta(
        description="RFC 3339 in UTC, whole seconds, with Z",
        extra_json_schema={"format": "date-time", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
    ),
]
Instant = Annotated[
    str,
    Meta(
        description="RFC 3339 in UTC, at most milliseconds, with Z",
        extra_json_schema={"format": "date-time", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$"},
    ),
]
Id = Annotated[str, Meta(min_length=1, max_length=_LONGEST_ID)]
FilledText = Annotated[str, Meta(min_length=1)]
Count = Annotated[int, Meta(ge=0, le=_LARGEST_INTEGER)]
CadenceSeconds = Annotated[int, Meta(ge=1, le=1800)]
TopicPartition = Annotated[int, Meta(ge=0, le=_LARGEST_INTEGER)]
Offset = Annotated[int, Meta(ge=0, le=_LARGEST_OFFSET)]


class SnapshotMessage(Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """One observation of one broadcast at one tick."""

    v: Literal[1]
    sampled_at: Tick
    fetched_at: Instant
    viewers: Count | None
    """null when the count is hidden; 0 is a number."""
    sweep_id: Id
    platform: Platform
    broadcast_id: Id
    channel_id: Id
    cadence_s: CadenceSeconds
    channel_handle: str | None = None
    channel_name: str | None = None
    title: str | None = None
    category_id: Id | None = None
    category_name: FilledText | None = None
    language: FilledText | None = None
    started_at: Instant | None = None
    ended_at: Instant | None = None
    """A message with it is no sample; it only ends the broadcast."""
    thumbnail_url: str | None = None
    watch_url: str | None = None
    is_mature: bool | None = None
    tags: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


class SnapshotHead(Struct, frozen=True, gc=False, forbid_unknown_fields=True, kw_only=True):
    """The fields of a snapshot that change with every sweep, alone: they stand first in its message."""

    v: Literal[1]
    sampled_at: Tick
    fetched_at: Instant
    viewers: Count | None
    sweep_id: Id


class SweepMessage(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One poll of one platform, written after its last snapshot is acknowledged."""

    v: Literal[1]
    sampled_at: Tick
    started_at: Instant
    finished_at: Instant
    sweep_id: Id
    platform: Platform
    outcome: Outcome
    scope: Scope
    pages: Count
    requests: Count
    snapshots: Count
    duplicates: Count
    end_offsets: dict[TopicPartition, Offset]
    """End offset of every partition of the snapshots topic."""
    rejects: Count = 0
    absent: tuple[Id, ...] = ()
    spend: dict[str, Count] = {}
    error: str | None = None
    viewer_floor: Count | None = None
    """null when the listing was read whole."""
    is_filtered: bool = False
    unknown_fields: dict[str, Count] = {}
    """Records that had a field which no parser knows, by its name."""


class VersionOnly(Struct):
    """Any message at all, read for its version alone."""

    v: int | UnsetType = UNSET
