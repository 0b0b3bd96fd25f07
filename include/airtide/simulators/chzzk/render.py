"""Broadcasts, channels and categories as the open API's resources."""

from __future__ import annotations

from typing import Any, Final

from airtide.simulators.clock import format_kst
from airtide.simulators.world import Live, World
from airtide.simulators.world.channels import Channel
from airtide.simulators.world.traits import Category

_IMAGES: Final = "https://livecloud-thumb.akamaized.net/chzzk/livecloud/KR/stream"
_ADULT_SHARE: Final = 0.04
_TAGS: Final = ("소통", "버추얼", "종겜", "노래", "시참", "새벽반")


def render_live(world: World, live: Live, at_s: int) -> dict[str, Any]:
    """Render a live broadcast; one that is for adults has no picture, one without a category says so in two ways."""
    broadcast, channel = live.broadcast, live.broadcast.channel
    scene = world.scene("chzzk", broadcast, at_s)
    chance = world.roll("chzzk", "tags", channel.index)
    adult = is_adult(world, channel)
    live_id = int(broadcast.broadcast_id)
    image = f"{_IMAGES}/{live_id}/live/{live_id}/record/{live_id}/thumbnail/image_{{type}}.jpg"
    return {
        "liveId": live_id,
        "liveTitle": scene.title,
        "liveThumbnailImageUrl": None if adult else image,
        "concurrentUserCount": live.viewers,
        "openDate": format_kst(broadcast.started_s),
        "adult": adult,
        "tags": list(_TAGS[: int(chance * 4)]),
        "categoryType": scene.category.parent_id or None,
        "liveCategory": scene.category.category_id or None,
        "liveCategoryValue": scene.category.name or (None if chance < 0.5 else ""),
        "channelId": channel.channel_id,
        "channelName": channel.name,
        "channelImageUrl": _find_image(channel),
    }


def is_adult(world: World, channel: Channel) -> bool:
    """Say whether a channel broadcasts for adults."""
    return world.roll("chzzk", "adult", channel.index) < _ADULT_SHARE


def render_channel(channel: Channel) -> dict[str, Any]:
    """Render an account."""
    return {
        "channelId": channel.channel_id,
        "channelName": channel.name,
        "channelImageUrl": _find_image(channel),
        "followerCount": 40 + channel.index * 7 % 9000,
        "verifiedMark": channel.index % 3 == 0,
    }


def render_category(category: Category) -> dict[str, str | None]:
    """Render a category."""
    return {
        "categoryType": category.parent_id,
        "categoryId": category.category_id,
        "categoryValue": category.name,
        "posterImageUrl": None,
    }


def _find_image(channel: Channel) -> str | None:
    return None if channel.index % 5 == 0 else f"https://nng-phinf.pstatic.net/profile/{channel.channel_id}.png"
