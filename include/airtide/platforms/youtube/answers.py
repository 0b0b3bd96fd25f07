"""Envelopes of YouTube's lists; records stay undecoded, so that one bad record does not cost the page."""

from __future__ import annotations

from typing import Literal

import msgspec


class VideoList(msgspec.Struct, frozen=True):
    """Answer of videos.list: the ids asked for that still exist."""

    kind: Literal["youtube#videoListResponse"]
    items: list[msgspec.Raw] = []


class FoundId(msgspec.Struct, frozen=True, rename="camel"):
    """What a search result points at; only videos have this id, which is unchecked."""

    video_id: str | None = None


class FoundVideo(msgspec.Struct, frozen=True):
    """One search result."""

    id: FoundId


class SearchList(msgspec.Struct, frozen=True, rename="camel"):
    """Answer of search.list; its total is a guess of the site, only the token tells whether there is more."""

    kind: Literal["youtube#searchListResponse"]
    items: list[FoundVideo] = []
    next_page_token: str | None = None

    @property
    def video_ids(self) -> list[str]:
        """The ids found, in the site's order."""
        return [item.id.video_id for item in self.items if item.id.video_id is not None]


class CategorySnippet(msgspec.Struct, frozen=True):
    """The name of a category."""

    title: str


class VideoCategory(msgspec.Struct, frozen=True):
    """One category."""

    id: str
    snippet: CategorySnippet


class CategoryList(msgspec.Struct, frozen=True):
    """Answer of videoCategories.list."""

    kind: Literal["youtube#videoCategoryListResponse"]
    items: list[VideoCategory] = []


class UploadDetails(msgspec.Struct, frozen=True, rename="camel"):
    """What an entry of a playlist points at; the id is unchecked."""

    video_id: str


class Upload(msgspec.Struct, frozen=True, rename="camel"):
    """One entry of a channel's uploads."""

    content_details: UploadDetails


class PlaylistItemList(msgspec.Struct, frozen=True):
    """Answer of playlistItems.list."""

    kind: Literal["youtube#playlistItemListResponse"]
    items: list[Upload] = []

    @property
    def video_ids(self) -> list[str]:
        """The ids listed, newest first."""
        return [item.content_details.video_id for item in self.items]


VIDEO_LISTS = msgspec.json.Decoder(VideoList)
SEARCH_LISTS = msgspec.json.Decoder(SearchList)
PLAYLIST_LISTS = msgspec.json.Decoder(PlaylistItemList)
CATEGORY_LISTS = msgspec.json.Decoder(CategoryList)
