"""Twitch's stream records to snapshots; pure."""

from __future__ import annotations

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

THUMBNAIL_WIDTH = "440"
THUMBNAIL_HEIGHT = "248"


class StreamRecord(msgspec.Struct, frozen=True, gc=False):
    """One entry of `data`, with the fields that are used of it."""

    id: Id
    user_id: Id
    viewer_count: ViewerCount
    type: str
    started_at: Moment
    user_login: str | None = None
    user_name: str | None = None
    game_id: str | None = None
    game_name: str | None = None
    title: str | None = None
    language: str | None = None
    thumbnail_url: str | None = None
    tags: list[str] | None = None
    is_mature: bool | None = None


class Pagination(msgspec.Struct, frozen=True):
    """The way to the next page; without a cursor this one is the last."""

    cursor: str | None = None


class StreamsPage(msgspec.Struct, frozen=True):
    """The envelope of a page; records stay undecoded, so that one bad record does not cost the page."""

    data: list[msgspec.Raw]
    pagination: Pagination | None = None

    @property
    def next_cursor(self) -> str | None:
        """The cursor of the next page, None on the last one."""
        return self.pagination.cursor or None if self.pagination is not None else None


STREAM_FIELDS = FieldWatch(StreamRecord, ignored=("tag_ids",))
"""`tag_ids` has been empty since tags became texts."""


def _observe(record: StreamRecord, observation: Observation) -> Snapshot:
    """Return the snapshot of one stream record; raises `BadRecord` with the field that is wrong."""
    if record.type != "live":
        # the site leaves the type empty where its own lookup failed: its count cannot be trusted either
        raise BadRecord("type is not live")
    login = record.user_login or None
    broadcast_id = record.id
    channel_id = record.user_id
    viewers = record.viewer_count
    channel_handle = login
    channel_name = record.user_name or None
    title = record.title or None
    category_id = record.game_id or None
    category_name = record.game_name or None
    language = record.language or None
    started_at = read_start("started_at", record.started_at)
    thumbnail_url = _fill_thumbnail(record.thumbnail_url)
    watch_url = None if login is None else f"https://www.twitch.tv/{quote_id(login)}"
    tags = clean_tags(record.tags)
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
        record.is_mature,
        tags,
    )


STREAMS = RecordParser(StreamRecord, _observe)


def _fill_thumbnail(template: str | None) -> str | None:
    url = clean_picture_url(template)
    return url and url.replace("{width}", THUMBNAIL_WIDTH).replace("{height}", THUMBNAIL_HEIGHT)
