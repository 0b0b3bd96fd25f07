"""What a picture is by its first bytes: names and headers say what somebody wants it to be taken for."""

from __future__ import annotations

from enum import StrEnum

HEAD_BYTES = 12
"""As many of a picture's bytes tell its type."""


class PictureType(StrEnum):
    """The kinds of pictures that are taken."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"


def tell_type(head: bytes) -> PictureType | None:
    """Return what a body that begins with `head` is; None for anything that is not taken."""
    if head.startswith(b"\xff\xd8\xff"):
        return PictureType.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PictureType.PNG
    if head.startswith(b"RIFF") and head[8:HEAD_BYTES] == b"WEBP":
        return PictureType.WEBP
    return None
