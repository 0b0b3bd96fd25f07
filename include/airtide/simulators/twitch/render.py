"""Channels, broadcasts and categories as Helix's resources."""

from __future__ import annotations

from typing import Any, Final

from airtide.simulators.clock import format_utc
from airtide.simulators.world import Live, World
from airtide.simulators.world.channels import Channel
from airtide.simulators.world.traits import Category

_LANGUAGE_TAGS: Final = {"ko": "한국어", "en": "English", "ja": "日本語", "es": "Español", "de": "Deutsch"}
_CREATED_S: Final = 1_400_000_000


def render_stream(world: World, live: Live, at_s: int) -> dict[str, Any]:
    """Render a live broadcast."""
    broadcast, channel = live.broadcast, live.broadcast.channel
    scene = world.scene("twitch", broadcast, at_s)
    chance = world.roll("twitch", "tags", channel.index)
    return {
        "id": broadcast.broadcast_id,
        "user_id": channel.channel_id,
        "user_login": channel.handle,
        "user_name": channel.name,
        "game_id": scene.category.category_id,
        "game_name": scene.category.name,
        "type": "live",
        "title": scene.title,
        "tags": [_LANGUAGE_TAGS.get(channel.language, "Chill")] if chance < 0.8 else None,
        "viewer_count": live.viewers,
        "started_at": format_utc(broadcast.started_s),
        "language": channel.language,
        "thumbnail_url": (
            f"https://static-cdn.jtvnw.net/previews-ttv/live_user_{channel.handle}-{{width}}x{{height}}.jpg"
        ),
        "tag_ids": [],
        "is_mature": chance > 0.95,
    }


def render_game(game: Category) -> dict[str, str]:
    """Render a category."""
    art = f"https://static-cdn.jtvnw.net/ttv-boxart/{game.category_id}-{{width}}x{{height}}.jpg"
    return {"id": game.category_id, "name": game.name, "box_art_url": art, "igdb_id": ""}


def render_user(channel: Channel) -> dict[str, Any]:
    """Render an account."""
    return {
        "id": channel.channel_id,
        "login": channel.handle,
        "display_name": channel.name,
        "type": "",
        "broadcaster_type": "partner" if channel.index % 3 else "affiliate",
        "description": "",
        "profile_image_url": f"https://static-cdn.jtvnw.net/jtv_user_pictures/{channel.handle}-300x300.png",
        "offline_image_url": "",
        "view_count": 0,
        "created_at": format_utc(_CREATED_S + channel.index * 3600),
    }
