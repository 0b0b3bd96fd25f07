"""Breaks pictures at random and has each one encoded; prints how that went, and the memory it took.

A process of its own: a decoder that crashes takes its process along, and the peak of memory is that of a process.
"""

from __future__ import annotations

import json
import random
import re
import struct
import sys
import warnings
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from tests.drawn_pictures import PNG_HEAD, chunk, draw, write, write_png, write_scans, write_turned, write_webp_canvas

from airtide.domain.pictures import PictureRefused
from airtide.lake.thumbnails import MAX_SIDE, PillowCodec

MAX_PIXELS = 4_000_000
EXTREMES = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\0\0\x3f\xff", b"\xff\x3f\0\0")


def make_seeds() -> list[bytes]:
    """Return whole pictures of every kind, of some ways of colours, still and moving."""
    noise = Image.effect_noise((97, 61), 70).convert("RGB")
    frames = {"save_all": True, "append_images": [draw((97, 61)), noise]}
    seeds = [write(noise, kind) for kind in ("JPEG", "PNG", "WEBP")]
    seeds += [write(draw(mode="CMYK")), write(draw(), progressive=True), write(draw(mode="P"), "PNG")]
    seeds += [write(draw(mode="LA"), "PNG"), write(noise, "WEBP", lossless=True), write(draw(mode="RGBA"), "WEBP")]
    seeds += [write(noise, kind, **frames) for kind in ("PNG", "WEBP")]
    seeds += [write_turned(6, kind=kind) for kind in ("JPEG", "PNG", "WEBP")]
    text = chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(900_000)))
    seeds += [write_scans(60), write_webp_canvas(2_000, 2_000), write_png(9, 9, bytes(9 * 28), more=text * 9)]
    return [*seeds, write_png(2, 2, bytes(10), bits=16, colours=0), write(draw((1_900, 1_000)))]


def flip(dice: random.Random, body: bytearray) -> None:
    """Change some bits anywhere."""
    for _ in range(dice.choice((1, 3, 20))):
        body[dice.randrange(len(body))] ^= 1 << dice.randrange(8)


def overwrite(dice: random.Random, body: bytearray) -> None:
    """Put an extreme number where sizes and counts are."""
    at = dice.randrange(min(len(body), 200))
    body[at : at + 4] = dice.choice(EXTREMES)


def cut(dice: random.Random, body: bytearray) -> None:
    """Take out a piece, or the rest."""
    at = dice.randrange(1, len(body))
    del body[at : dice.choice((at + dice.randrange(1, 60), len(body)))]


def double(dice: random.Random, body: bytearray) -> None:
    """Say a piece some more times."""
    at = dice.randrange(len(body))
    body[at:at] = body[at : at + dice.randrange(1, 300)] * dice.choice((1, 2, 50))


def blot(dice: random.Random, body: bytearray) -> None:
    """Put noise over a piece."""
    at = dice.randrange(len(body))
    body[at : at + 40] = dice.randbytes(40)


BREAKS: tuple[Callable[[random.Random, bytearray], None], ...] = (flip, overwrite, cut, double, blot)


def seal(body: bytes) -> bytes:
    """Return a PNG with checksums that fit: broken ones would keep its decoder from what is within."""
    sealed, at = bytearray(PNG_HEAD), len(PNG_HEAD)
    while at + 8 <= len(body):
        (length,) = struct.unpack_from(">I", body, at)
        sealed += chunk(body[at + 4 : at + 8], body[at + 8 : at + 8 + length])
        at += 12 + length
    return bytes(sealed)


def break_one(dice: random.Random, seeds: list[bytes]) -> bytes:
    """Return a picture with one to three things wrong, at times with the end of another."""
    body = bytearray(dice.choice(seeds))
    for _ in range(dice.randint(1, 3)):
        if len(body) > 12:
            dice.choice(BREAKS)(dice, body)
    if dice.random() < 0.1:
        other = dice.choice(seeds)
        body += other[dice.randrange(len(other)) :]
    return seal(bytes(body)) if body.startswith(PNG_HEAD) and dice.random() < 0.7 else bytes(body)


def read_peak_kib() -> int:
    """Return the most memory that this program has had; `getrusage` would tell that of whoever started it as well."""
    [told] = re.findall(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(encoding="ascii"), re.MULTILINE)
    return int(told)


def main(seed: int, count: int) -> None:
    """Encode `count` broken pictures; whatever is raised but a refusal ends this process."""
    warnings.simplefilter("ignore")
    dice, seeds, codec = random.Random(seed), make_seeds(), PillowCodec(max_pixels=MAX_PIXELS)
    outcomes: Counter[str] = Counter()
    for _ in range(count):
        try:
            kept = codec.encode(break_one(dice, seeds))
        except PictureRefused as refused:
            outcomes[refused.refusal] += 1
        else:
            is_bounded = kept.width * kept.height <= MAX_PIXELS and max(kept.width, kept.height) <= MAX_SIDE
            outcomes["kept" if is_bounded else "unbounded"] += 1
    print(json.dumps({"outcomes": outcomes, "peak_mib": read_peak_kib() / 1024}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
