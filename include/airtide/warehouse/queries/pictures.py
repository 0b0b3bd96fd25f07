"""Pictures beside broadcasts and channels, the pictures of one broadcast, and where a picture lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from airtide.domain.models import Platform
from airtide.domain.pictures import PictureWish
from airtide.warehouse.queries.fetch import fetch_row, fetch_rows

STRIP_LENGTH = 120
"""Pictures of one broadcast that are shown: a day and a half of one that gets its next every half hour has fewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPicture:
    """A picture of a broadcast, and when it was captured."""

    sha256: str
    captured_at: datetime
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureBeside:
    """What is shown beside a broadcast or channel: a kept picture, or an address where its site only lets link."""

    of_key: int
    kept: KeptPicture | None
    link: str | None
    """As the site told it: hostile text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPicture:
    """Where a picture lies."""

    object_key: str
    bytes: int
    kept_until: datetime
    """When the policy of its site ends its last row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _BesideRow:
    of_key: int
    sha256: str | None
    captured_at: datetime
    width: int
    height: int
    link: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _BroadcastKey:
    broadcast_key: int


def read_broadcast_pictures(connection: Connection[Any], keys: Sequence[int], *, now: datetime) -> list[PictureBeside]:
    """Read what is shown beside broadcasts, in one question; those without anything are left out."""
    return _read_beside(connection, "read_broadcast_pictures", {"keys": list(keys), "now": now})


def read_channel_pictures(
    connection: Connection[Any], keys: Sequence[int], *, from_at: datetime, to_at: datetime, now: datetime
) -> list[PictureBeside]:
    """Read what is shown beside channels of the time [from_at, to_at), in one question."""
    asked = {"keys": list(keys), "from_at": from_at, "to_at": to_at, "now": now}
    return _read_beside(connection, "read_channel_pictures", asked)


def _read_beside(connection: Connection[Any], name: str, asked: Mapping[str, object]) -> list[PictureBeside]:
    return [
        PictureBeside(
            of_key=row.of_key,
            kept=None
            if row.sha256 is None
            else KeptPicture(sha256=row.sha256, captured_at=row.captured_at, width=row.width, height=row.height),
            link=row.link,
        )
        for row in fetch_rows(connection, name, _BesideRow, asked)
    ]


def read_strip(
    connection: Connection[Any], *, platform: Platform, broadcast_id: str, now: datetime
) -> list[KeptPicture] | None:
    """Read the pictures of one broadcast, oldest first; None when it was never seen."""
    named = {"platform": platform, "broadcast_id": broadcast_id}
    found = fetch_row(connection, "read_broadcast_key", _BroadcastKey, named)
    if found is None:
        return None
    asked = {"broadcast_key": found.broadcast_key, "now": now, "limit": STRIP_LENGTH}
    return fetch_rows(connection, "read_picture_strip", KeptPicture, asked)


def find_picture(connection: Connection[Any], sha256: str, *, now: datetime) -> StoredPicture | None:
    """Find where a picture lies that some broadcast may show still; None when there is none."""
    return fetch_row(connection, "find_shown_picture", StoredPicture, {"sha256": sha256, "now": now})


def read_ranked_broadcasts(
    connection: Connection[Any], *, zone: str, day: date, platforms: Sequence[Platform], first: int, settled_s: int
) -> list[PictureWish]:
    """Read what to take pictures of for a day's rankings: of each platform's `first` channels their main broadcast.

    At the time when most people watched, though not within `settled_s` of its first sample; without those that have a
    picture of the day.
    """
    asked = {"zone": zone, "day": day, "platforms": [*platforms], "first": first, "settled_s": settled_s}
    rows = fetch_rows(connection, "read_ranked_broadcasts", PictureWish, asked)
    return [replace(row, platform=Platform(row.platform)) for row in rows]
