"""Pictures as they are kept: decoded within bounds, without metadata, as WebP, under the hash of their bytes."""

from __future__ import annotations

import struct
from hashlib import sha256
from io import BytesIO
from threading import BoundedSemaphore
from typing import Final

from PIL.Image import Image, Transpose
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from airtide.domain.models import Platform
from airtide.domain.picture_types import PictureType, tell_type
from airtide.domain.pictures import PICTURE_TYPE, EncodedPicture, PictureRefusal, PictureRefused
from airtide.lake.jpegs import check_jpeg
from airtide.lake.keys import picture_key
from airtide.lake.stores import ObjectStore

MAX_SIDE: Final = 16_383
"""Pixels; no WebP is wider or higher."""
AT_ONCE: Final = 4
"""Pictures that are decoded at a time, however many threads ask: each takes several times its pixels in memory."""

QUALITY: Final = 75
METHOD: Final = 1
"""Of WebP's 0 to 6: four tenths of the time of its own choice of 4, for at most a tenth more bytes."""

_DECODERS: Final[dict[PictureType, type[ImageFile]]] = {
    PictureType.JPEG: JpegImageFile,
    PictureType.PNG: PngImageFile,
    PictureType.WEBP: WebPImageFile,
}
_ORIENTATION: Final = 0x0112
_TURNS: Final = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
"""By what EXIF says of how the camera was held."""
_DEEP: Final = ("I;16", "I;16B", "I;16L", "I;16N", "I")


class PillowCodec:
    """Pillow, asked for three decoders only and for the first frame only. Safe for several threads at once.

    The same bytes give the same bytes, as long as the versions of Pillow and libwebp stay.
    """

    def __init__(self, *, max_pixels: int) -> None:
        self._max_pixels = max_pixels
        self._room = BoundedSemaphore(AT_ONCE)

    def encode(self, body: bytes) -> EncodedPicture:
        """Decode within bounds, turn as EXIF says, strip, and encode again; raises `PictureRefused`."""
        kind = tell_type(body)
        if kind is None:
            raise PictureRefused(PictureRefusal.NO_PICTURE, f"{len(body)} bytes that are no JPEG, PNG or WebP")
        said: str
        try:
            with self._room:
                return self._encode(body, kind)
        except PictureRefused:
            raise
        except Exception as error:  # the decoders raise a dozen kinds for what is broken, and none may stop a run
            said = f"{len(body)} bytes of {kind} that cannot be decoded ({type(error).__name__})"
        raise PictureRefused(PictureRefusal.NO_PICTURE, said)

    def _encode(self, body: bytes, kind: PictureType) -> EncodedPicture:
        if kind is PictureType.WEBP:
            # its decoder takes memory for all pixels as soon as it is made
            self._check_size(_read_webp_size(body))
        if kind is PictureType.JPEG:
            check_jpeg(body)
        with _DECODERS[kind](BytesIO(body)) as opened:
            self._check_size(opened.size)
            opened.load()
            turn = _TURNS.get(_read_orientation(opened))
            picture = _reduce_colours(opened)
        if turn is not None:
            picture = picture.transpose(turn)
        file = BytesIO()
        picture.save(file, "WEBP", quality=QUALITY, method=METHOD, exif=b"", icc_profile=b"", xmp=b"")
        kept = file.getvalue()
        return EncodedPicture(body=kept, sha256=sha256(kept).hexdigest(), width=picture.width, height=picture.height)

    def _check_size(self, size: tuple[int, int]) -> None:
        width, height = size
        if width * height > self._max_pixels or max(size) > MAX_SIDE:
            raise PictureRefused(
                PictureRefusal.TOO_MANY_PIXELS,
                f"{width} × {height} pixels, more than {self._max_pixels:,} or a side longer than {MAX_SIDE:,}",
            )


class Thumbnails:
    """Pictures in an object store, each under its content hash: written again it is the same object."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def object_key(self, platform: Platform, sha256: str) -> str:
        """Return the name under which a picture lies."""
        return picture_key(platform, sha256)

    def put(self, platform: Platform, picture: EncodedPicture) -> str:
        """Write a picture unless it is there; return its object's key."""
        key = picture_key(platform, picture.sha256)
        self._store.put_if_absent(key, picture.body, sha256=picture.sha256, content_type=PICTURE_TYPE)
        return key


def _read_webp_size(body: bytes) -> tuple[int, int]:
    """Return width and height of the canvas that a WebP's first chunk tells; raises `struct.error` without one."""
    kind = body[12:16]
    if kind == b"VP8X":
        width, width_high, height, height_high = struct.unpack_from("<HBHB", body, 24)
        return (width | width_high << 16) + 1, (height | height_high << 16) + 1
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", body, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", body, 26)
    return width & 0x3FFF, height & 0x3FFF


def _read_orientation(opened: Image) -> int:
    """Return how the camera was held, 1 for upright: also where it is told in a way that nobody can read."""
    try:
        told = opened.getexif().get(_ORIENTATION)
    except Exception:  # as above; the pixels are whole all the same
        return 1
    return told if isinstance(told, int) else 1


def _reduce_colours(opened: Image) -> Image:
    """Return the pixels with 8 bits of red, green and blue, and of opacity where the picture has that."""
    if opened.mode in _DEEP:
        opened = opened.convert("I").point(lambda value: value / 256).convert("L")
    return opened.convert("RGBA" if opened.has_transparency_data else "RGB")
