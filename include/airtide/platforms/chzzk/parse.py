"""CHZZK's live records to snapshots; pure."""

from __future__ import annotations

from typing import Annotated

import msgspec

from airtide.domain.models import Snapshot
from airtide.platforms.fields import FieldWatch
from airtide.platforms.korean_time import parse_korean_time
from airtide.platforms.parsing import RecordParser
from airtide.platforms.records import (
    Id,
    Observation,
    ViewerCount,
    clean_picture_url,
    clean_tags,
    quote_id,
)

THUMBNAIL_TYPE = "480"
"""Lines of the picture: the site also has 720 and 1080."""

LiveId = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]


class LiveRecord(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """One entry of `data`, with the fields that are used of it."""

    live_id: LiveId
    channel_id: Id
    concurrent_user_count: ViewerCount
    open_date: str
    channel_name: str | None = None
    live_title: str | None = None
    live_category: str | None = None
    live_category_value: str | None = None
    live_thumbnail_image_url: str | None = None
    adult: bool | None = None
    tags: list[str] | None = None


class PageLink(msgspec.Struct, frozen=True):
    """The way to the next page; without a cursor this one is the last."""

    next: str | None = None


class LiveList(msgspec.Struct, frozen=True):
    """The content of a page; records stay undecoded, so that one bad record does not cost the page."""

    data: list[msgspec.Raw]
    page: PageLink | None = None

    @property
    def next_cursor(self) -> str | None:
        """The cursor of the next page, None on the last one, which the site marks in three ways."""
        return (self.page and self.page.next) or None


NO_CONTENT = b"null"


class Envelope(msgspec.Struct, frozen=True):
    """What every answer is wrapped in; `code` repeats the HTTP status, or names the site's own error.

    The content stays undecoded until the code says that there is some.
    """

    code: int | str
    message: str | None = None
    content: msgspec.Raw = msgspec.Raw(NO_CONTENT)


LIVE_FIELDS = FieldWatch(LiveRecord, ignored=("categoryType", "channelImageUrl"))
"""The kind of a category (GAME, SPORTS, ETC) and the picture of the channel are of no use here."""


def _observe(record: LiveRecord, observation: Observation) -> Snapshot:
    """Return the snapshot of one live record; raises `BadRecord` with the field that is wrong."""
    broadcast_id = str(record.live_id)
    channel_id = record.channel_id
    viewers = record.concurrent_user_count
    channel_name = record.channel_name or None
    title = record.live_title or None
    category_id = record.live_category or None
    category_name = record.live_category_value or None
    started_at = parse_korean_time("openDate", record.open_date)
    thumbnail_url = _fill_thumbnail(record.live_thumbnail_image_url)
    watch_url = f"https://chzzk.naver.com/live/{quote_id(record.channel_id)}"
    is_mature = record.adult
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
        None,  # channel_handle
        channel_name,
        title,
        category_id,
        category_name,
        None,  # language
        started_at,
        None,  # ended_at
        thumbnail_url,
        watch_url,
        is_mature,
        tags,
    )


LIVES = RecordParser(LiveRecord, _observe)


def _fill_thumbnail(template: str | None) -> str | None:
    url = clean_picture_url(template)
    return url and url.replace("{type}", THUMBNAIL_TYPE)
