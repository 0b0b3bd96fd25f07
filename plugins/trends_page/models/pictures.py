"""Pictures of broadcasts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from airtide.domain.models import Platform
from airtide.wiring.reads import DataKind
from trends_page.models.base import Answer


class Picture(Answer):
    """A picture as it was captured; `url` is a path on this server, and its content never changes."""

    sha256: str
    captured_at: datetime
    width: int
    height: int
    url: str


class PictureLink(Answer):
    """The address of what a site itself shows now, of a site whose pictures are not kept."""

    link: str


class BroadcastPictures(Answer):
    """The pictures of one broadcast over time, oldest first; of very many the newest."""

    data: DataKind
    platform: Platform
    broadcast_id: str
    pictures: Sequence[Picture]
