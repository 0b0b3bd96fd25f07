"""Broadcasts as the two versions of Kick's API show them."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from airtide.simulators.clock import format_utc
from airtide.simulators.world import Live, World
from airtide.simulators.world.traits import Category

_MATURE_SHARE: Final = 0.15
_TAGGED_SHARE: Final = 0.6
_UNPICTURED_SHARE: Final = 0.02


def show_viewers(live: Live) -> int:
    """Show a count; one that is hidden is shown as 0, which nothing tells from an empty room."""
    return live.viewers if live.known else 0


def render_livestream(world: World, live: Live, at_s: int) -> dict[str, Any]:
    """Render a live broadcast as version 2 and the list by user do."""
    broadcast, channel = live.broadcast, live.broadcast.channel
    scene = world.scene("kick", broadcast, at_s)
    return {
        "id": broadcast.broadcast_id,
        "title": scene.title,
        "thumbnail": _picture(broadcast.broadcast_id),
        "started_at": format_utc(broadcast.started_s),
        "viewer_count": show_viewers(live),
        "language_code": channel.language,
        "tags": _tags(world, live),
        "has_mature_content": _is_mature(world, live),
        "broadcaster_user": {
            "id": int(channel.channel_id),
            "username": channel.name,
            "profile_picture": "https://kick.com/img/default-profile-pictures/default-avatar-2.webp",
        },
        "category": _category(scene.category),
        "channel": {"slug": channel.handle},
    }


def render_livestream_v1(world: World, live: Live, at_s: int) -> dict[str, Any]:
    """Render a live broadcast as version 1 does: flat, under other names, and without an id of its own."""
    broadcast, channel = live.broadcast, live.broadcast.channel
    scene = world.scene("kick", broadcast, at_s)
    has_picture = world.roll("kick", "picture", channel.index, broadcast.day) >= _UNPICTURED_SHARE
    return {
        "broadcaster_user_id": int(channel.channel_id),
        "channel_id": int(channel.channel_id) - 1,
        "slug": channel.handle,
        "stream_title": scene.title,
        "started_at": format_utc(broadcast.started_s),
        "viewer_count": show_viewers(live),
        "thumbnail": _picture(broadcast.broadcast_id) if has_picture else None,
        "language": channel.language,
        "custom_tags": _tags(world, live),
        "has_mature_content": _is_mature(world, live),
        "category": _category(scene.category),
    }


def _category(category: Category) -> dict[str, Any] | None:
    if not category.category_id:
        return None
    picture = f"https://files.kick.com/images/subcategories/{category.category_id}/banner/cover.webp"
    return {"id": int(category.category_id), "name": category.name, "thumbnail": picture}


def name_picture(broadcast_id: str) -> tuple[str, str]:
    """Give the two folders of a broadcast's picture, which tell nothing of its id."""
    digest = hashlib.blake2b(broadcast_id.encode(), digest_size=12).hexdigest()
    return digest[:12], digest[12:]


def _picture(broadcast_id: str) -> str:
    return f"https://images.kick.com/video_thumbnails/{'/'.join(name_picture(broadcast_id))}/480.webp"


def _tags(world: World, live: Live) -> list[str]:
    channel = live.broadcast.channel
    return ["chill", channel.language] if world.roll("kick", "tags", channel.index) < _TAGGED_SHARE else []


def _is_mature(world: World, live: Live) -> bool:
    return world.roll("kick", "mature", live.broadcast.channel.index) < _MATURE_SHARE
