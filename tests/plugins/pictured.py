"""Pictures of a seeded world: Twitch's are captured, YouTube's are linked to, SOOP's may not be shown."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO

import psycopg
from PIL import Image
from tests.plugins.seeding import insert

from airtide.domain.errors import ObjectMissing

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from airtide.wiring.reads import Reads

EVERY = timedelta(minutes=30)
COLOURS = ("#b04a4a", "#4a7ab0", "#3d8a5f", "#8a6a2f")
SIZE = (440, 248)


@dataclass
class HeldPictures:
    """A store that holds pictures in memory; `fail`, where set, is raised instead of an answer."""

    objects: dict[str, bytes] = field(default_factory=dict)
    fail: Exception | None = None
    reads: int = 0
    link_of: Callable[[str, int], str] = lambda key, seconds: f"https://store.example:9000/lake/{key}?expires={seconds}"

    def copy_to(self, key: str, file: BinaryIO) -> None:
        """Write an object some at a time."""
        self._fail()
        self.reads += 1
        if key not in self.objects:
            raise ObjectMissing(f"there is no object {key} in memory")
        for place in range(0, len(self.objects[key]), 1000):
            file.write(self.objects[key][place : place + 1000])

    def signed_link(self, key: str, *, seconds: int) -> str:
        """Return a link that says how long it works."""
        self._fail()
        return self.link_of(key, seconds)

    def _fail(self) -> None:
        if self.fail is not None:
            raise self.fail


def derive(reads: Reads, **changes: object) -> Reads:
    """Return a read side that differs and asks over the same connections."""
    derived = replace(reads, **changes)
    derived.warehouse = reads.warehouse
    return derived


def with_settings(reads: Reads, **changes: object) -> Reads:
    """Return a read side with other settings of pictures."""
    pictures = reads.settings.pictures.model_copy(update=changes)
    return derive(reads, settings=reads.settings.model_copy(update={"pictures": pictures}))


def list_live(client: TestClient, platform: str) -> list[dict]:
    """Return what is live."""
    return client.get(f"/api/v1/live?platform={platform}").json()["broadcasts"]


def seed_pictures(connection: psycopg.Connection) -> dict[str, bytes]:
    """Give the seeded world's broadcasts pictures by policy; return what the store holds, by key."""
    bodies = [_draw(colour) for colour in COLOURS]
    held = {f"thumbnails/v1/platform=twitch/{sha256(body).hexdigest()}.webp": body for body in bodies}
    policies = {"youtube": "link", "twitch": "capture", "soop": "never"}
    with connection.transaction():
        for platform, pictures in policies.items():
            connection.execute(
                "UPDATE policy.platform_policy SET pictures = %s WHERE platform = %s", (pictures, platform)
            )
        connection.execute(
            "UPDATE live.broadcast_detail"
            " SET thumbnail_url = 'https://i.ytimg.com/vi/x' || broadcast_key || '/mqdefault_live.jpg'"
        )
        broadcasts = connection.execute(
            "SELECT platform::TEXT, broadcast_key, channel_key, first_sampled_at, last_sampled_at FROM live.broadcast"
            " WHERE platform IN ('twitch', 'soop') ORDER BY broadcast_key"
        ).fetchall()
        first = min(row[3] for row in broadcasts)
        insert(connection, "live.picture_object", [_make_object(key, body, first) for key, body in held.items()])
        keys = list(held)
        rows = [
            _make_thumbnail(platform, broadcast_key, channel_key, first_at + EVERY * place, keys[(index + place) % 4])
            for index, (platform, broadcast_key, channel_key, first_at, last_at) in enumerate(broadcasts)
            for place in range(int((last_at - first_at) / EVERY) + 1)
        ]
        insert(connection, "live.thumbnail", rows)
    return held


def _draw(colour: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", SIZE, colour).save(content, "WEBP")
    return content.getvalue()


def _make_object(key: str, body: bytes, at: datetime) -> dict[str, object]:
    return {
        "object_key": key,
        "platform": "twitch",
        "sha256": sha256(body).hexdigest(),
        "bytes": len(body),
        "claimed_at": at,
        "stored_at": at,
    }


def _make_thumbnail(platform: str, broadcast_key: int, channel_key: int, at: datetime, key: str) -> dict[str, object]:
    return {
        "broadcast_key": broadcast_key,
        "captured_at": at,
        "platform": platform,
        "channel_key": channel_key,
        "sha256": key.rpartition("/")[2].removesuffix(".webp"),
        "object_key": key,
        "width": SIZE[0],
        "height": SIZE[1],
        "picture_url": "https://static-cdn.jtvnw.net/previews-ttv/live_user_x-440x248.jpg",
    }
