"""The methods of YouTube's API that look things up, and the routes of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from airtide.simulators.answers import Answer, Call, Handler, Site, answer_json
from airtide.simulators.clock import format_utc
from airtide.simulators.world import Broadcast, World
from airtide.simulators.world.traits import YOUTUBE
from airtide.simulators.youtube.errors import check_key, refuse, word_fault
from airtide.simulators.youtube.feed import PATH as FEED_PATH
from airtide.simulators.youtube.feed import YouTubeFeeds
from airtide.simulators.youtube.parameters import (
    check_names,
    make_etag,
    make_page_token,
    read_ids,
    read_list,
    read_max_results,
    read_page_token,
    read_parts,
)
from airtide.simulators.youtube.render import render_channel, render_video
from airtide.simulators.youtube.search import YouTubeSearch

_ROOT: Final = "/youtube/v3"


def build_youtube(world: World, api_key: str) -> Site:
    """Serve the world's YouTube channels to holders of this API key."""
    lookups = YouTubeLookups(world)
    methods = {
        "search": YouTubeSearch(world).answer,
        "videos": lookups.list_videos,
        "channels": lookups.list_channels,
        "playlistItems": lookups.list_playlist_items,
        "videoCategories": lookups.list_categories,
    }
    return Site(
        name="youtube",
        routes={
            **{("GET", f"{_ROOT}/{name}"): _guard(handler, api_key) for name, handler in methods.items()},
            ("GET", FEED_PATH): YouTubeFeeds(world).answer,
        },
        page_of=lambda call: read_page_token(call) // max(read_max_results(call), 1) + 1,
        fail=lambda call, status: word_fault(call, status, searching="eventType" in call.params),
        rows=("items",),
    )


def _guard(handler: Handler, api_key: str) -> Handler:
    def answer(call: Call) -> Answer:
        check_key(call, api_key)
        return handler(call)

    return answer


class YouTubeLookups:
    """Serves everything but the search. What an id does not lead to is left out of the answer."""

    def __init__(self, world: World) -> None:
        """Look things up in this world."""
        self._world = world

    def list_videos(self, call: Call) -> Answer:
        """Answer broadcasts by id: announced, running, or ended less than a day ago."""
        check_names(call, ("id", "hl", "maxResults", "pageToken"))
        parts = read_parts(call, ("snippet", "liveStreamingDetails", "status", "statistics"))
        ids = read_ids(call)
        if not ids:
            refuse(400, "missingRequiredParameter", "No filter selected. Expected one of: id")
        told = {
            live.broadcast.broadcast_id: live.viewers for live in self._world.live("youtube", call.now_s) if live.known
        }
        found = [self._find_visible(broadcast_id, call.now_s) for broadcast_id in dict.fromkeys(ids)]
        items = [
            render_video(self._world, broadcast, told.get(broadcast.broadcast_id), call.now_s, parts)
            for broadcast in found
            if broadcast
        ]
        return _answer_list("video", items)

    def list_channels(self, call: Call) -> Answer:
        """Answer accounts by id or by handle."""
        check_names(call, ("id", "forHandle", "hl", "maxResults", "pageToken"))
        parts = read_parts(call, ("snippet", "contentDetails", "statistics"))
        ids, handles = set(read_ids(call)), {handle.lstrip("@").lower() for handle in read_list(call, "forHandle")}
        if not ids and not handles:
            refuse(400, "missingRequiredParameter", "No filter selected. Expected one of: id, forHandle")
        channels = self._world.channel_table("youtube").channels
        found = [channel for channel in channels if channel.channel_id in ids or channel.handle in handles]
        return _answer_list("channel", [render_channel(self._world, channel, parts) for channel in found])

    def list_playlist_items(self, call: Call) -> Answer:
        """Answer a channel's uploads of the last days, newest first; every other playlist is unknown."""
        check_names(call, ("playlistId", "maxResults", "pageToken"))
        read_parts(call, ("contentDetails",))
        playlist_id = call.params.get("playlistId", "")
        channel = self._world.channel("youtube", "UC" + playlist_id.removeprefix("UU"))
        if not channel or not playlist_id.startswith("UU"):
            message = "The playlist identified with the request's playlistId parameter cannot be found."
            refuse(404, "playlistNotFound", message, domain="youtube.playlistItem")
        offset, size = read_page_token(call), read_max_results(call)
        uploads = [
            broadcast
            for broadcast in self._world.broadcasts_of("youtube", channel, call.now_s)
            if self._is_visible(broadcast, call.now_s)
        ]
        more = {"nextPageToken": make_page_token(call, offset + size)} if 0 < size < len(uploads) - offset else {}
        return _answer_list(
            "playlistItem", [_render_upload(upload) for upload in uploads[offset : offset + size]], more
        )

    def list_categories(self, call: Call) -> Answer:
        """Answer the categories by id, or all of a region; here every region has the same ones."""
        check_names(call, ("id", "regionCode", "hl"))
        read_parts(call, ("snippet",))
        ids = read_ids(call)
        if not ids and "regionCode" not in call.params:
            refuse(400, "missingRequiredParameter", "No filter selected. Expected one of: id, regionCode")
        items = [
            {
                "kind": "youtube#videoCategory",
                "etag": make_etag(category),
                "id": category.category_id,
                "snippet": {"title": category.name, "assignable": True, "channelId": "UCBR8-60-B28hp2BmDPdntcQ"},
            }
            for category in YOUTUBE.categories
            if not ids or category.category_id in ids
        ]
        return _answer_list("videoCategory", items)

    def _find_visible(self, broadcast_id: str, at_s: int) -> Broadcast | None:
        broadcast = self._world.find_broadcast("youtube", broadcast_id, at_s)
        return broadcast if broadcast and self._is_visible(broadcast, at_s) else None

    def _is_visible(self, broadcast: Broadcast, at_s: int) -> bool:
        return broadcast.published_s <= at_s and not (broadcast.vanishes and at_s >= broadcast.ended_s)


def _render_upload(upload: Broadcast) -> dict[str, Any]:
    details = {"videoId": upload.broadcast_id, "videoPublishedAt": format_utc(upload.published_s)}
    tag = make_etag(upload.broadcast_id)
    return {"kind": "youtube#playlistItem", "etag": tag, "id": tag, "contentDetails": details}


def _answer_list(kind: str, items: Sequence[dict[str, Any]], more: dict[str, str] | None = None) -> Answer:
    body = {
        "kind": f"youtube#{kind}ListResponse",
        "etag": make_etag([item["etag"] for item in items]),
        "pageInfo": {"totalResults": len(items), "resultsPerPage": len(items)},
        "items": items,
    }
    return answer_json(body | (more or {}))
