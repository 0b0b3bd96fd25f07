"""Which addresses pictures may be fetched from: https, and the hosts that a site itself serves its previews from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from airtide.domain.models import Platform
from airtide.domain.pictures import PictureRefusal, PictureRefused

PICTURE_HOSTS: Final[Mapping[Platform, frozenset[str]]] = {
    Platform.YOUTUBE: frozenset({"i.ytimg.com"}),
    Platform.TWITCH: frozenset({"static-cdn.jtvnw.net"}),
    Platform.SOOP: frozenset({"liveimg.sooplive.com"}),
    Platform.CHZZK: frozenset({"livecloud-thumb.akamaized.net"}),
    Platform.KICK: frozenset({"images.kick.com"}),
}
"""In lower case; a name matches whole or not at all."""

MAX_LENGTH: Final = 2_048
"""Characters of an address; real ones have about a hundred."""

_SHOWN: Final = 200
_PART: Final = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*"
_READ: Final = re.compile(rf"https://([A-Za-z0-9.-]+)(?::443)?(/{_PART})(\?(?:{_PART}|\?)*)?")
"""Name, path, query. There is no room in it for a login, another port, a literal address of IPv6, or a fragment."""
_CLIMBS: Final = re.compile(r"/(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureAddress:
    """An address that may be asked."""

    host: str
    path: str
    """Begins with a slash and never leads upwards."""
    query: str = ""
    """With its question mark, where there is one."""

    @property
    def url(self) -> str:
        """The whole of it."""
        return f"https://{self.host}{self.path}{self.query}"

    @property
    def name(self) -> str:
        """What errors call it: without its query, and not too long."""
        return f"https://{self.host}{self.path}"[:_SHOWN]


def judge_address(platform: Platform, picture_url: str) -> PictureAddress:
    """Return the parts of an address that pictures of `platform` may be fetched from; pure, asks no name server.

    Raises `PictureRefused`, whose text holds nothing of an address that it does not understand.
    """
    read = _READ.fullmatch(picture_url) if len(picture_url) <= MAX_LENGTH else None
    if read is None or _CLIMBS.search(read[2]):
        raise PictureRefused(
            PictureRefusal.ADDRESS, f"{platform}: no plain https address ({len(picture_url)} characters)"
        )
    host = read[1].lower()
    if host not in PICTURE_HOSTS[platform]:
        known = ", ".join(sorted(PICTURE_HOSTS[platform]))
        raise PictureRefused(
            PictureRefusal.ADDRESS, f"{platform}: {host[:_SHOWN]} is no host of its pictures (known: {known})"
        )
    return PictureAddress(host=host, path=read[2], query=read[3] or "")
