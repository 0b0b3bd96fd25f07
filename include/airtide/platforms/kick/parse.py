"""Kick's livestream records, of both versions of its API, to snapshots; pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

import msgspec

from airtide.domain.errors import BadRecord
from airtide.domain.models import Snapshot
from airtide.platforms.fields import FieldWatch
from airtide.platforms.parsing import RecordParser
from airtide.platforms.records import (
    Id,
    Moment,
    Observation,
    ViewerCount,
    clean_picture_url,
    clean_tags,
    quote_id,
    read_start,
)

MAYBE_HIDDEN = ("maybe_hidden",)
"""Flag of a count of 0, which is also what the site shows where the count is hidden."""

NumberId = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]


class Broadcaster(msgspec.Struct, frozen=True, gc=False):
    """The account."""

    id: NumberId
    username: str | None = None


class Category(msgspec.Struct, frozen=True, gc=False):
    """What a broadcast is filed under."""

    id: int
    name: str | None = None


class Channel(msgspec.Struct, frozen=True, gc=False):
    """The page of an account."""

    slug: str | None = None


class Picture(msgspec.Struct, frozen=True, gc=False):
    """A picture where it is no plain address."""

    url: str | None = None


class LivestreamRecord(msgspec.Struct, frozen=True, gc=False):
    """One entry of `data` of version 2 and of the list by user, with the fields that are used of it."""

    id: Id
    broadcaster_user: Broadcaster
    viewer_count: ViewerCount
    started_at: Moment
    title: str | None = None
    category: Category | None = None
    channel: Channel | None = None
    language_code: str | None = None
    thumbnail: str | Picture | None = None
    has_mature_content: bool | None = None
    tags: list[str] | None = None


class LivestreamRecordV1(msgspec.Struct, frozen=True, gc=False):
    """One entry of `data` of version 1, which has no id of the broadcast."""

    broadcaster_user_id: NumberId
    viewer_count: ViewerCount
    started_at: Moment
    slug: str | None = None
    stream_title: str | None = None
    category: Category | None = None
    language: str | None = None
    thumbnail: str | Picture | None = None
    has_mature_content: bool | None = None
    custom_tags: list[str] | None = None


class Pagination(msgspec.Struct, frozen=True):
    """The way to the next page; without a cursor this one is the last."""

    next_cursor: str | None = None


class LivestreamsPage(msgspec.Struct, frozen=True):
    """The envelope of a list; records stay undecoded, so that one bad record does not cost the page."""

    data: list[msgspec.Raw] | None
    pagination: Pagination | None = None

    @property
    def records(self) -> list[msgspec.Raw]:
        """The records; the site may write null for none."""
        return self.data or []

    @property
    def next_cursor(self) -> str | None:
        """The cursor of the next page; None on the last one, and on one without records."""
        return self.pagination.next_cursor or None if self.data and self.pagination else None


class Stats(msgspec.Struct, frozen=True):
    """How many broadcasts are live."""

    total_count: Annotated[int, msgspec.Meta(ge=0)]


class StatsAnswer(msgspec.Struct, frozen=True):
    """The envelope of the count."""

    data: Stats


LIVESTREAM_FIELDS = FieldWatch(LivestreamRecord, ignored=("broadcaster_user.profile_picture", "category.thumbnail"))
LIVESTREAM_FIELDS_V1 = FieldWatch(LivestreamRecordV1, ignored=("channel_id", "category.thumbnail"))
"""Pictures of channels and categories, and a second number of the channel, are of no use here."""


def _observe_v1(record: LivestreamRecordV1, observation: Observation) -> Snapshot:
    """Return the snapshot of one record of version 1, under the id that is made for it; raises `BadRecord`."""
    known = LivestreamRecord(
        id="made of its channel and start",
        broadcaster_user=Broadcaster(record.broadcaster_user_id),
        viewer_count=record.viewer_count,
        started_at=record.started_at,
        title=record.stream_title,
        category=record.category,
        channel=Channel(record.slug),
        language_code=record.language,
        thumbnail=record.thumbnail,
        has_mature_content=record.has_mature_content,
        tags=record.custom_tags,
    )
    return _observe_renamed(known, observation)


def _observe_renamed(record: LivestreamRecord, observation: Observation) -> Snapshot:
    """Return the snapshot under the id that version 1 has for its broadcast; raises `BadRecord` without a start."""
    snapshot = _observe(record, observation)
    return replace(snapshot, broadcast_id=make_broadcast_id(snapshot.channel_id, snapshot.started_at))


def make_broadcast_id(channel_id: str, started_at: datetime | None) -> str:
    """Return channel and start in whole seconds, such as `7788001-1795156200`: an account is live once at a time."""
    if started_at is None:
        raise BadRecord("started_at is needed where a record has no id")
    return f"{channel_id}-{int(started_at.timestamp())}"


def _observe(record: LivestreamRecord, observation: Observation) -> Snapshot:
    """Return the snapshot of one record of version 2; raises `BadRecord` with the field that is wrong."""
    category = record.category if record.category is not None and record.category.id > 0 else None
    slug = record.channel.slug or None if record.channel is not None else None
    picture = record.thumbnail
    if picture is not None and not isinstance(picture, str):
        picture = picture.url
    broadcast_id = record.id
    channel_id = str(record.broadcaster_user.id)
    viewers = record.viewer_count
    channel_handle = slug
    channel_name = record.broadcaster_user.username or None
    title = record.title or None
    category_id = None if category is None else str(category.id)
    category_name = None if category is None else category.name or None
    language = record.language_code or None
    started_at = read_start("started_at", record.started_at)
    thumbnail_url = clean_picture_url(picture)
    watch_url = None if slug is None else f"https://kick.com/{quote_id(slug)}"
    is_mature = record.has_mature_content
    tags = clean_tags(record.tags)
    flags = () if record.viewer_count else MAYBE_HIDDEN
    return Snapshot(
        observation.platform,
        observation.sweep_id,
        observation.sampled_at,
        observation.fetched_at,
        broadcast_id,
        channel_id,
        viewers,
        observation.cadence_s,
        channel_handle,
        channel_name,
        title,
        category_id,
        category_name,
        language,
        started_at,
        None,  # ended_at
        thumbnail_url,
        watch_url,
        is_mature,
        tags,
        flags,
    )


LIVESTREAMS = RecordParser(LivestreamRecord, _observe)
LIVESTREAMS_RENAMED = RecordParser(LivestreamRecord, _observe_renamed)
"""The same records where version 1 is read: a broadcast has one id whichever call shows it."""
LIVESTREAMS_V1 = RecordParser(LivestreamRecordV1, _observe_v1)
