"""Pictures of broadcasts: what asks for one, what a site's host answered, and what is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from airtide.domain.models import Platform

PICTURE_TYPE = "image/webp"
"""What every kept picture is, whatever it came as."""


class PictureRefusal(StrEnum):
    """Why a picture was not taken; each is counted, none stops a run."""

    ADDRESS = "address"
    """Not https on its usual port, with a login, or of a host that is not the site's."""
    FORBIDDEN_NETWORK = "forbidden_network"
    """The host's name leads to an address that is not a public one."""
    REDIRECT = "redirect"
    """Sent elsewhere: to a host that is not the site's, or too often."""
    STATUS = "status"
    """Answered with an error, such as 404."""
    BUSY = "busy"
    """Answered that it has had enough, or that its server failed: 429, or 5xx."""
    TOO_LARGE = "too_large"
    """More bytes than a preview has."""
    TOO_SLOW = "too_slow"
    """Not whole when its time was up."""
    TOO_MANY_PIXELS = "too_many_pixels"
    """Would be more pixels than a preview has: a picture of a few bytes can be gigabytes once it is decoded."""
    NO_PICTURE = "no_picture"
    """Not a JPEG, PNG or WebP by its bytes, or one that cannot be decoded."""
    UNREACHABLE = "unreachable"
    """The host did not answer, or broke off."""
    PLACEHOLDER = "placeholder"
    """What a site shows where it has no picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureWish:
    """A broadcast that a message showed live, with the address of its picture."""

    platform: Platform
    broadcast_key: int
    channel_key: int
    sampled_at: datetime
    """The tick of the message."""
    viewers: int | None
    picture_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LastPicture:
    """The newest picture of a broadcast, and what its host can be asked with whether it has changed."""

    captured_at: datetime
    sha256: str
    picture_url: str
    etag: str | None = None
    last_modified: str | None = None

    def is_due(self, every: timedelta, at: datetime) -> bool:
        """Tell whether another one may be taken at `at`."""
        return at - self.captured_at >= every


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedPicture:
    """What a host sent: the bytes as they came; None of them when it said that nothing has changed."""

    body: bytes | None
    fetched_at: datetime
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedPicture:
    """A picture as it is kept: without metadata, always WebP; `sha256` is over these bytes."""

    body: bytes
    sha256: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedPicture(LastPicture):
    """Which picture belonged to which broadcast when."""

    platform: Platform
    broadcast_key: int
    channel_key: int
    object_key: str
    bytes: int
    width: int
    height: int


class PictureRefused(Exception):
    """A picture that is not taken; says why without the query of its address."""

    def __init__(self, refusal: PictureRefusal, said: str) -> None:
        super().__init__(said)
        self.refusal = refusal
