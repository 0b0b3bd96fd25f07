"""Which broadcast an address shows: for exactly the addresses that the sites put into their answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from airtide.simulators.chzzk.render import is_adult
from airtide.simulators.kick.render import name_picture
from airtide.simulators.world import Broadcast, World
from airtide.simulators.world.channels import DAY_S

PICTURES: Final = "pictures"
"""What the hosts together are called, where sites have names."""

HOSTS: Final[Mapping[str, str]] = {
    "i.ytimg.com": "youtube",
    "static-cdn.jtvnw.net": "twitch",
    "liveimg.sooplive.com": "soop",
    "livecloud-thumb.akamaized.net": "chzzk",
    "images.kick.com": "kick",
}
"""Whose pictures each host has."""

_PLACES: Final[Mapping[str, re.Pattern[str]]] = {
    "youtube": re.compile(r"/vi/(?P<id>[\w-]{11})/(?P<size>default|mqdefault|hqdefault)_live\.jpg", re.ASCII),
    "twitch": re.compile(
        r"/(?:previews-ttv/live_user_(?P<id>\w+)|ttv-static/404_preview)-(?P<size>\d{2,4}x\d{2,4})\.jpg", re.ASCII
    ),
    "soop": re.compile(r"/(?P<size>m)/(?P<id>\d+)", re.ASCII),
    "chzzk": re.compile(
        r"/chzzk/livecloud/KR/stream/(?P<id>\d+)/live/(?P=id)/record/(?P=id)/thumbnail/image_(?P<size>480|720|1080)\.jpg",
        re.ASCII,
    ),
    "kick": re.compile(r"/video_thumbnails/(?P<id>[0-9a-f]{12}/[0-9a-f]{12})/(?P<size>480)\.webp"),
}
_SIZES: Final = {
    "default": (120, 90),
    "mqdefault": (320, 180),
    "hqdefault": (480, 360),
    "m": (480, 270),
    "480": (480, 270),
    "720": (1280, 720),
    "1080": (1920, 1080),
}
_LARGEST: Final = (1920, 1080)


class Place(NamedTuple):
    """What an address asks for; without a name it is the picture that stands for none."""

    name: str | None
    width: int
    height: int


def read_place(site: str, path: str) -> Place | None:
    """Read the path of an address; None when the host has nothing there."""
    found = _PLACES[site].fullmatch(path)
    if found is None:
        return None
    size = found["size"]
    width, height = _SIZES.get(size) or map(int, size.split("x"))
    return Place(found["id"], width, height) if width <= _LARGEST[0] and height <= _LARGEST[1] else None


class Finder:
    """Finds broadcasts of a world by the names that stand in addresses of pictures."""

    def __init__(self, world: World) -> None:
        """Look in this world."""
        self._world = world
        self._kick_days = lru_cache(maxsize=12)(self._name_kick)
        self._by_site: Mapping[str, Callable[[str, int], Broadcast | None]] = {
            "youtube": lambda name, at_s: world.find_broadcast("youtube", name, at_s),
            "twitch": self._find_twitch,
            "soop": lambda name, at_s: world.find_broadcast("soop", name, at_s),
            "chzzk": self._find_chzzk,
            "kick": self._find_kick,
        }

    def find(self, site: str, name: str, at_s: int) -> Broadcast | None:
        """Find a broadcast of the days around an instant, live or not; None if there is none."""
        return self._by_site[site](name, at_s)

    def _find_twitch(self, handle: str, at_s: int) -> Broadcast | None:
        """Find the last one that the account has begun: there the address is the account's."""
        channel = self._world.channel_table("twitch").by_handle.get(handle)
        if channel is None:
            return None
        begun = (one for one in self._world.broadcasts_of("twitch", channel, at_s) if one.started_s <= at_s)
        return next(begun, None)

    def _find_chzzk(self, live_id: str, at_s: int) -> Broadcast | None:
        broadcast = self._world.find_broadcast("chzzk", live_id, at_s)
        return None if broadcast is None or is_adult(self._world, broadcast.channel) else broadcast

    def _find_kick(self, folders: str, at_s: int) -> Broadcast | None:
        # a broadcast may last into the day after the one it belongs to, never further
        found = (self._kick_days(day).get(folders) for day in (at_s // DAY_S, at_s // DAY_S - 1))
        return next((broadcast for broadcast in found if broadcast is not None), None)

    def _name_kick(self, day: int) -> dict[str, Broadcast]:
        broadcasts = self._world.broadcasts_of_day("kick", day)
        return {"/".join(name_picture(broadcast.broadcast_id)): broadcast for broadcast in broadcasts}
