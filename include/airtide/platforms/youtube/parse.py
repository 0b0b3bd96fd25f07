"""YouTube's video records to snapshots; pure."""

from __future__ import annotations

from datetime import datetime

import msgspec

from airtide.domain.errors import BadRecord
from airtide.domain.models import Snapshot
from airtide.platforms.fields import FieldWatch
from airtide.platforms.parsing import RecordParser, decode_record
from airtide.platforms.records import (
    Id,
    Moment,
    Observation,
    check_id,
    clean_picture_url,
    clean_tags,
    parse_count,
    quote_id,
    read_start,
    read_utc,
)


class Thumbnail(msgspec.Struct, frozen=True, gc=False):
    """One picture of a video."""

    url: str


NO_PICTURE = Thumbnail("")


class Thumbnails(msgspec.Struct, frozen=True, gc=False):
    """The pictures offered of a video, by size; the first of these that there is will be taken."""

    medium: Thumbnail = NO_PICTURE
    high: Thumbnail = NO_PICTURE
    standard: Thumbnail = NO_PICTURE
    maxres: Thumbnail = NO_PICTURE
    default: Thumbnail = NO_PICTURE


class VideoSnippet(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """What a video is about."""

    channel_id: Id
    channel_title: str | None = None
    title: str | None = None
    category_id: str | None = None
    default_language: str | None = None
    default_audio_language: str | None = None
    tags: list[str] | None = None
    thumbnails: Thumbnails = Thumbnails()


class LiveDetails(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """When a broadcast ran and how many watch it; the count is text, and missing when it is hidden."""

    actual_start_time: Moment | None = None
    actual_end_time: Moment | None = None
    concurrent_viewers: str | None = None


class VideoRecord(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """One entry of `items`, with the fields that are used of it."""

    id: Id
    snippet: VideoSnippet
    live_streaming_details: LiveDetails = LiveDetails()


class AnnouncedDetails(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """When a broadcast is to begin."""

    scheduled_start_time: Moment | None = None


class AnnouncedRecord(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """What is used of a record that is not live; one without live details was never live."""

    live_streaming_details: AnnouncedDetails | None = None


class VideoId(msgspec.Struct, frozen=True, gc=False):
    """The id of a record, whatever else is wrong with it."""

    id: Id


VIDEO_FIELDS = FieldWatch(
    VideoRecord,
    ignored=(
        "kind",
        "etag",
        "snippet.publishedAt",
        "snippet.description",
        "snippet.liveBroadcastContent",
        "snippet.localized",
        "liveStreamingDetails.scheduledStartTime",  # read of those alone that are not live
        "liveStreamingDetails.scheduledEndTime",
        "liveStreamingDetails.activeLiveChatId",
    ),
)
"""`fields` keeps most of these out of answers; what is left is of no use here."""

_ANNOUNCED = msgspec.json.Decoder(AnnouncedRecord)
_IDS = msgspec.json.Decoder(VideoId)


def read_video_id(raw: msgspec.Raw | bytes) -> str:
    """Return the id of a video record; raises `BadRecord` when even that cannot be read."""
    return check_id("id", decode_record(_IDS, raw).id)


def read_announcement(raw: msgspec.Raw | bytes) -> tuple[bool, datetime | None]:
    """Return whether a video that is not live is a broadcast at all, and the start that is announced of it."""
    try:
        details = decode_record(_ANNOUNCED, raw).live_streaming_details
        if details is None or details.scheduled_start_time is None:
            return details is not None, None
        return True, read_utc("scheduledStartTime", details.scheduled_start_time)
    except BadRecord:
        # what cannot be read of it decides nothing but when it is asked for again
        return True, None


def _observe(record: VideoRecord, observation: Observation) -> Snapshot | None:
    """Return the snapshot of one video; None when it has not begun, so that there is nothing to observe.

    With the site's end time it only ends the broadcast. Liveness is told by the times and never by the viewers, which
    are missing when the owner hides them. Raises `BadRecord` with the field that is wrong.
    """
    snippet, details = record.snippet, record.live_streaming_details
    broadcast_id = record.id
    if details.actual_start_time is None:
        return None
    channel_id = snippet.channel_id
    viewers = None if details.actual_end_time is not None else _read_viewers(details)
    cadence_s = observation.promises.get(broadcast_id, observation.cadence_s)
    channel_name = snippet.channel_title or None
    title = snippet.title or None
    category_id = snippet.category_id or None
    category_name = observation.name_category(category_id)
    language = snippet.default_audio_language or snippet.default_language or None
    started_at = read_start("actualStartTime", details.actual_start_time)
    ended_at = details.actual_end_time and read_utc("actualEndTime", details.actual_end_time)
    thumbnail_url = clean_picture_url(snippet.thumbnails.medium.url) or _choose_thumbnail(snippet.thumbnails)
    watch_url = f"https://www.youtube.com/watch?v={quote_id(record.id)}"
    tags = clean_tags(snippet.tags)
    return Snapshot(
        observation.platform,
        observation.sweep_id,
        observation.sampled_at,
        observation.fetched_at,
        broadcast_id,
        channel_id,
        viewers,
        cadence_s,
        None,  # channel_handle
        channel_name,
        title,
        category_id,
        category_name,
        language,
        started_at,
        ended_at,
        thumbnail_url,
        watch_url,
        None,  # is_mature
        tags,
    )


VIDEOS = RecordParser(VideoRecord, _observe)


def _read_viewers(details: LiveDetails) -> int | None:
    if details.concurrent_viewers is None:
        return None
    return parse_count("concurrentViewers", details.concurrent_viewers)


def _choose_thumbnail(offered: Thumbnails) -> str | None:
    for thumbnail in (offered.high, offered.standard, offered.maxres, offered.default):
        url = clean_picture_url(thumbnail.url)
        if url is not None:
            return url
    return None
