"""Pictures for tests: drawn ones, and such as only somebody hostile would send."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

from PIL import Image, ImageDraw

LEFT, RIGHT = (200, 30, 30), (30, 30, 200)
PNG_HEAD = b"\x89PNG\r\n\x1a\n"


def draw(size: tuple[int, int] = (160, 90), mode: str = "RGB") -> Image.Image:
    """Draw a picture that is red on the left and blue on the right."""
    picture = Image.new("RGB", size, LEFT)
    ImageDraw.Draw(picture).rectangle((size[0] // 2, 0, *size), fill=RIGHT)
    return picture.convert(mode)


def write(picture: Image.Image, kind: str = "JPEG", **how: object) -> bytes:
    """Return the bytes of a file of this kind."""
    file = BytesIO()
    picture.save(file, kind, **how)
    return file.getvalue()


def read(body: bytes) -> Image.Image:
    """Open a kept picture."""
    return Image.open(BytesIO(body), formats=("WEBP",))


def write_turned(orientation: object, size: tuple[int, int] = (160, 90), kind: str = "JPEG") -> bytes:
    """Return a picture whose EXIF says how the camera was held."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return write(draw(size), kind, exif=exif.tobytes())


def chunk(name: bytes, data: bytes) -> bytes:
    """Return one chunk of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def write_png(width: int, height: int, rows: bytes, *, bits: int = 8, colours: int = 2, more: bytes = b"") -> bytes:
    """Return a PNG whose header says what it likes; `more` stands before its pixels."""
    header = struct.pack(">IIBBBBB", width, height, bits, colours, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(rows))
    return PNG_HEAD + chunk(b"IHDR", header) + more + pixels + chunk(b"IEND", b"")


def write_webp_canvas(width: int, height: int) -> bytes:
    """Return a WebP that says a canvas of this size, and holds a picture of a few pixels."""
    sides = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    chunks = b"VP8X" + struct.pack("<I", 10) + bytes(4) + sides + write(draw((16, 16)), "WEBP")[12:]
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks


def write_scans(count: int) -> bytes:
    """Return a progressive JPEG that goes over all its pixels `count` times more, 14 bytes each."""
    body = write(draw((64, 64), "L"), progressive=True)
    start = body.rindex(b"\xff\xda")
    return body[:start] + body[start:-2] * (count + 1) + body[-2:]
