"""Channels and broadcasts as YouTube's resources."""

from __future__ import annotations

import html
from typing import Any, Final

from airtide.simulators.clock import format_utc
from airtide.simulators.world import Broadcast, World
from airtide.simulators.world.channels import Channel
from airtide.simulators.youtube.parameters import make_etag

DESCRIPTION: Final = "Live stream, broadcast live. 라이브 생방송 방송"
"""Stands below every broadcast, so that searches for the plainest words find them all."""

_TOLD_LANGUAGE_SHARE: Final = 0.6
_LAGGING_SHARE: Final = 0.3
_LAG_S: Final = 90
_SIZES: Final = {"default": (120, 90), "medium": (320, 180), "high": (480, 360)}
_FILES: Final = {"default": "default_live", "medium": "mqdefault_live", "high": "hqdefault_live"}


def render_search_result(world: World, broadcast: Broadcast, at_s: int) -> dict[str, Any]:
    """Render a row of a search; its texts are escaped for HTML, and an end is noticed late."""
    title = world.scene("youtube", broadcast, at_s).title
    return {
        "kind": "youtube#searchResult",
        "etag": make_etag(broadcast.broadcast_id, title),
        "id": {"kind": "youtube#video", "videoId": broadcast.broadcast_id},
        "snippet": {
            "publishedAt": format_utc(broadcast.published_s),
            "channelId": broadcast.channel.channel_id,
            "title": _escape(title),
            "description": DESCRIPTION,
            "thumbnails": _render_thumbnails(broadcast),
            "channelTitle": _escape(broadcast.channel.name),
            "liveBroadcastContent": "live",
            "publishTime": format_utc(broadcast.published_s),
        },
    }


def render_video(world: World, broadcast: Broadcast, viewers: int | None, at_s: int, parts: set[str]) -> dict[str, Any]:
    """Render a broadcast's page; `viewers` is None when the count is hidden."""
    offered = {
        "snippet": _render_snippet,
        "status": _render_status,
        "statistics": _render_statistics,
    }
    video = {name: render(world, broadcast, at_s) for name, render in offered.items() if name in parts}
    if "liveStreamingDetails" in parts:
        video["liveStreamingDetails"] = _render_details(broadcast, viewers, at_s)
    tag = make_etag(broadcast.broadcast_id, video)
    return {"kind": "youtube#video", "etag": tag, "id": broadcast.broadcast_id} | video


def render_channel(world: World, channel: Channel, parts: set[str]) -> dict[str, Any]:
    """Render an account."""
    subscribers = int(world.channel_table("youtube").usual_viewers[channel.index]) * 40 // 100 * 100
    offered = {
        "snippet": {
            "title": channel.name,
            "description": "",
            "customUrl": f"@{channel.handle}",
            "publishedAt": "2019-04-01T00:00:00Z",
            "thumbnails": {},
        },
        "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": "UU" + channel.channel_id[2:]}},
        "statistics": {
            "viewCount": str(subscribers * 90),
            "subscriberCount": str(subscribers),
            "hiddenSubscriberCount": False,
            "videoCount": str(100 + channel.index % 900),
        },
    }
    body = {name: content for name, content in offered.items() if name in parts}
    tag = make_etag(channel.channel_id, body)
    return {"kind": "youtube#channel", "etag": tag, "id": channel.channel_id} | body


def _render_snippet(world: World, broadcast: Broadcast, at_s: int) -> dict[str, Any]:
    scene = world.scene("youtube", broadcast, at_s)
    channel = broadcast.channel
    snippet = {
        "publishedAt": format_utc(broadcast.published_s),
        "channelId": channel.channel_id,
        "title": scene.title,
        "description": DESCRIPTION,
        "thumbnails": _render_thumbnails(broadcast),
        "channelTitle": channel.name,
        "categoryId": scene.category.category_id,
        "liveBroadcastContent": _state(world, broadcast, at_s),
        "localized": {"title": scene.title, "description": DESCRIPTION},
    }
    if world.roll("youtube", "tells language", channel.index) < _TOLD_LANGUAGE_SHARE:
        snippet["defaultAudioLanguage"] = channel.language
    return snippet


def _state(world: World, broadcast: Broadcast, at_s: int) -> str:
    if at_s < broadcast.started_s:
        return "upcoming"
    lags = world.roll("youtube", "lags", broadcast.channel.index, broadcast.day) < _LAGGING_SHARE
    return "live" if at_s < broadcast.ended_s + (_LAG_S if lags else 0) else "completed"


def _render_details(broadcast: Broadcast, viewers: int | None, at_s: int) -> dict[str, str]:
    details = {"scheduledStartTime": format_utc(broadcast.started_s // 300 * 300)}
    if at_s >= broadcast.started_s:
        details["actualStartTime"] = format_utc(broadcast.started_s)
    if at_s >= broadcast.ended_s:
        details["actualEndTime"] = format_utc(broadcast.ended_s)
        return details
    if viewers is not None:
        details["concurrentViewers"] = str(viewers)
    details["activeLiveChatId"] = make_etag(broadcast.broadcast_id)
    return details


def _render_status(_world: World, _broadcast: Broadcast, at_s: int) -> dict[str, Any]:
    return {
        "uploadStatus": "uploaded",
        "privacyStatus": "public",
        "license": "youtube",
        "embeddable": True,
        "publicStatsViewable": True,
        "madeForKids": False,
    }


def _render_statistics(_world: World, broadcast: Broadcast, at_s: int) -> dict[str, str]:
    views = max(at_s - broadcast.started_s, 0) // 7
    return {"viewCount": str(views), "likeCount": str(views // 20), "favoriteCount": "0", "commentCount": "0"}


def _render_thumbnails(broadcast: Broadcast) -> dict[str, Any]:
    return {
        name: {
            "url": f"https://i.ytimg.com/vi/{broadcast.broadcast_id}/{_FILES[name]}.jpg",
            "width": width,
            "height": height,
        }
        for name, (width, height) in _SIZES.items()
    }


def _escape(text: str) -> str:
    return html.escape(text).replace("&#x27;", "&#39;")
