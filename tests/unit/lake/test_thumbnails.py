"""What becomes of what a host sent: a WebP without metadata, or a reason."""

from __future__ import annotations

import re
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from threading import Lock

import pytest
from PIL import Image
from tests.drawn_pictures import (
    LEFT,
    RIGHT,
    chunk,
    draw,
    read,
    write,
    write_png,
    write_scans,
    write_turned,
    write_webp_canvas,
)
from tests.fakes.lake import MemoryStore

from airtide.domain.models import Platform
from airtide.domain.pictures import EncodedPicture, PictureRefusal, PictureRefused
from airtide.lake import jpegs, thumbnails
from airtide.lake.thumbnails import PillowCodec, Thumbnails

CODEC = PillowCodec(max_pixels=100_000)
KINDS = ("JPEG", "PNG", "WEBP")


def refuse(body: bytes) -> tuple[PictureRefusal, str]:
    with pytest.raises(PictureRefused) as refused:
        CODEC.encode(body)
    assert refused.value.__cause__ is None
    return refused.value.refusal, str(refused.value)


def is_near(pixel: object, colour: tuple[int, ...]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(one - other) < 40 for one, other in zip(pixel, colour, strict=False))


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff", b"<!DOCTYPE html><title>404</title>", b'<svg xmlns="http://www.w3.org/2000/svg"/>', b"GIF89a"],
    ids=["nothing", "byte", "web page", "svg", "gif"],
)
def test_what_is_no_picture_by_its_bytes_is_refused(body):
    assert refuse(body) == (PictureRefusal.NO_PICTURE, f"{len(body)} bytes that are no JPEG, PNG or WebP")


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "PPM", "ICO"])
def test_a_good_picture_of_another_kind_is_refused(kind):
    assert refuse(write(draw((32, 32)), kind))[0] is PictureRefusal.NO_PICTURE


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_a_picture_that_breaks_off_is_refused(kind, share):
    body = write(Image.effect_noise((160, 90), 80).convert("RGB"), kind)
    assert refuse(body[: int(len(body) * share)])[0] is PictureRefusal.NO_PICTURE


@pytest.mark.parametrize(
    "body",
    [
        write_png(30_000, 30_000, bytes(64)),
        write_png(100_001, 1, bytes(64)),
        write_webp_canvas(16_384, 16_384),
        write(Image.new("L", (400, 300))),
        write(Image.new("L", (400, 300)), "WEBP"),
        write(Image.new("RGB", (400, 300)), "WEBP", lossless=True),
        write(Image.new("RGBA", (400, 300), (1, 2, 3, 4)), "WEBP"),
    ],
    ids=["png", "png line", "webp canvas", "jpeg", "webp", "webp lossless", "webp alpha"],
)
def test_more_pixels_than_allowed_are_refused_before_they_are_decoded(body, monkeypatch):
    for decoder in thumbnails._DECODERS.values():
        monkeypatch.setattr(decoder, "load", lambda self: pytest.fail("decoded"))
    assert refuse(body)[0] is PictureRefusal.TOO_MANY_PIXELS


def test_a_webp_takes_no_memory_for_pixels_that_it_may_not_have(monkeypatch):
    monkeypatch.setitem(thumbnails._DECODERS, "webp", lambda file: pytest.fail("made its decoder"))
    assert refuse(write_webp_canvas(4_000, 4_000)) == (
        PictureRefusal.TOO_MANY_PIXELS,
        "4000 × 4000 pixels, more than 100,000 or a side longer than 16,383",
    )


def test_a_side_that_no_webp_has_is_refused():
    assert refuse(write_png(16_384, 1, bytes(1 + 3 * 16_384)))[0] is PictureRefusal.TOO_MANY_PIXELS


def test_a_jpeg_that_goes_over_its_pixels_without_end_is_refused():
    assert refuse(write_scans(jpegs.MAX_SCANS))[1] == "a JPEG of more than 100 scans"
    assert CODEC.encode(write_scans(jpegs.MAX_SCANS - 10)).width == 64


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(b"\xff", id="filling"),
        pytest.param(b"\xff\x00", id="escaped"),
        pytest.param(b"\xff\xd9", id="bare"),
        pytest.param(b"\xff\xe5\x00\x02", id="empty"),
        pytest.param(b"\xff\xe5\x00\x03x", id="short"),
        pytest.param(b"\xff\xd9\x00", id="stray"),
    ],
)
def test_a_jpeg_of_which_the_decoder_takes_one_byte_after_the_other_is_refused(more, monkeypatch):
    whole = write(draw())
    monkeypatch.setitem(thumbnails._DECODERS, "jpeg", lambda file: pytest.fail("made its decoder"))
    large = whole[:2] + more * jpegs.MAX_STEPS + whole[2:]
    assert refuse(large) == (PictureRefusal.NO_PICTURE, "a JPEG of more than 1,000 steps to its first scan")


@pytest.mark.parametrize(
    "more", [b"\xff", b"\xff\xe5\x00\x02", b"\xff\xe5\x00\x03x"], ids=["filling", "empty", "short"]
)
def test_a_jpeg_may_have_a_few_segments_more_than_others(more):
    whole = write(draw())
    assert CODEC.encode(whole[:2] + more * (jpegs.MAX_STEPS // 2) + whole[2:]).sha256 == CODEC.encode(whole).sha256


@pytest.mark.parametrize("length", range(2, 24))
def test_a_jpeg_that_ends_before_its_first_scan_is_refused(length):
    assert refuse(write(draw())[:length].ljust(3, b"\xff"))[0] is PictureRefusal.NO_PICTURE


def test_texts_that_unpack_to_more_than_they_may_are_refused():
    text = chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(1_000_000)))
    body = write_png(1, 1, bytes(4), more=text * 80)
    assert refuse(body) == (PictureRefusal.NO_PICTURE, f"{len(body)} bytes of png that cannot be decoded (ValueError)")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_becomes_a_webp_under_the_hash_of_its_bytes(kind):
    kept = CODEC.encode(write(draw(), kind))
    assert (kept.width, kept.height, kept.sha256) == (160, 90, sha256(kept.body).hexdigest())
    picture = read(kept.body)
    assert (picture.format, picture.size, picture.mode) == ("WEBP", (160, 90), "RGB")
    assert is_near(picture.getpixel((10, 45)), LEFT)
    assert is_near(picture.getpixel((150, 45)), RIGHT)


@pytest.mark.parametrize(
    ("mode", "kind", "kept"),
    [
        ("1", "PNG", "RGB"),
        ("L", "JPEG", "RGB"),
        ("P", "PNG", "RGB"),
        ("CMYK", "JPEG", "RGB"),
        ("YCbCr", "JPEG", "RGB"),
        ("LA", "PNG", "RGBA"),
        ("RGBA", "PNG", "RGBA"),
        ("RGBA", "WEBP", "RGBA"),
    ],
)
def test_every_way_of_colours_is_kept_as_red_green_and_blue(mode, kind, kept):
    picture = draw(mode=mode)
    if "A" in mode:
        picture.putpixel((0, 0), (0,) * len(mode))  # an opaque picture is kept without opacity
    assert read(CODEC.encode(write(picture, kind)).body).mode == kept


def test_a_palette_with_a_colour_that_is_clear_keeps_it_clear():
    picture = Image.new("P", (20, 20), 0)
    picture.putpalette([0, 0, 0, 255, 255, 255])
    kept = read(CODEC.encode(write(picture, "PNG", transparency=0)).body)
    assert kept.convert("RGBA").getpixel((5, 5))[3] == 0


def test_sixteen_bits_of_grey_become_eight():
    rows = b"".join(b"\0" + struct.pack(">HH", 65_535, 32_768) for _ in range(2))
    picture = read(CODEC.encode(write_png(2, 2, rows, bits=16, colours=0)).body)
    assert is_near(picture.getpixel((0, 0)), (255, 255, 255))
    assert is_near(picture.getpixel((1, 0)), (128, 128, 128))


def test_a_picture_that_moves_is_kept_as_its_first_frame():
    frames = [draw(), Image.new("RGB", (160, 90), (0, 255, 0))]
    for kind in ("PNG", "WEBP"):
        kept = read(CODEC.encode(write(frames[0], kind, save_all=True, append_images=frames[1:])).body)
        assert (kept.n_frames, is_near(kept.convert("RGB").getpixel((10, 45)), LEFT)) == (1, True)


@pytest.mark.parametrize("kind", KINDS)
def test_metadata_is_gone(kind):
    exif = Image.Exif()
    exif[0x010E] = "canary-4f1c at home"
    more = {"exif": exif.tobytes(), "icc_profile": b"canary-4f1c" * 9, "xmp": b"<x:xmpmeta>canary-4f1c</x:xmpmeta>"}
    body = write(draw(), kind, **{k: v for k, v in more.items() if not (k == "xmp" and kind == "PNG")})
    assert b"canary-4f1c" in body or kind == "PNG"
    kept = CODEC.encode(body).body
    assert b"canary-4f1c" not in kept
    assert re.search(rb"EXIF|ICCP|XMP ", kept) is None
    assert kept == CODEC.encode(write(draw(), kind)).body


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("orientation", "first"), [(2, RIGHT), (3, RIGHT), (6, LEFT), (8, RIGHT)])
def test_a_picture_stands_upright_as_its_camera_was_held(kind, orientation, first):
    kept = CODEC.encode(write_turned(orientation, kind=kind))
    assert (kept.width, kept.height) == ((90, 160) if orientation > 4 else (160, 90))
    assert is_near(read(kept.body).getpixel((5, 5)), first)


@pytest.mark.parametrize("orientation", [0, 1, 9, 60_000])
def test_an_orientation_that_there_is_not_turns_nothing(orientation):
    assert CODEC.encode(write_turned(orientation)) == CODEC.encode(write(draw()))


@pytest.mark.filterwarnings("ignore:.*:UserWarning:PIL")
@pytest.mark.parametrize(
    "exif",
    [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"Exif\0\0" + b"\xff" * 4_000],
    ids=["empty", "far", "long", "noise"],
)
def test_metadata_that_nobody_can_read_costs_no_picture(exif):
    plain = CODEC.encode(write(draw()))
    assert CODEC.encode(write(draw(), exif=exif)) == plain
    profile = b"\xff\xe2" + struct.pack(">H", 2 + 12 + 2 + 9) + b"ICC_PROFILE\0\x07\x02broken \0\0"
    body = write(draw())
    assert CODEC.encode(body[:2] + profile + body[2:]) == plain


def test_the_same_picture_gives_the_same_bytes_in_any_thread_and_order():
    bodies = [write(draw((100 + n, 60)), kind) for n in range(4) for kind in KINDS]
    alone = [CODEC.encode(body).sha256 for body in bodies]
    with ThreadPoolExecutor(8) as pool:
        together = [kept.sha256 for kept in pool.map(CODEC.encode, bodies[::-1] * 3)]
    assert together == alone[::-1] * 3


def test_few_pictures_are_decoded_at_a_time_however_many_threads_ask(monkeypatch):
    inside, most, lock, load = 0, 0, Lock(), thumbnails.JpegImageFile.load

    def count(picture: thumbnails.JpegImageFile) -> object:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        try:
            return load(picture)
        finally:
            with lock:
                inside -= 1

    monkeypatch.setattr(thumbnails.JpegImageFile, "load", count)
    bodies = [write(draw((300, 200)))] * 60
    with ThreadPoolExecutor(16) as pool:
        assert len({kept.sha256 for kept in pool.map(CODEC.encode, bodies)}) == 1
    assert 1 <= most <= thumbnails.AT_ONCE


def test_a_picture_is_one_object_however_often_it_is_put():
    store = MemoryStore()
    shelf = Thumbnails(store)
    picture = EncodedPicture(body=b"webp", sha256="ab" * 32, width=1, height=1)
    keys = {shelf.put(Platform.KICK, picture) for _ in range(3)}
    assert keys == {f"thumbnails/kick/ab/{'ab' * 32}.webp"} == {shelf.object_key(Platform.KICK, "ab" * 32)}
    assert store.types == dict.fromkeys(keys, "image/webp")
    assert store.objects == {keys.pop(): (b"webp", "ab" * 32)}
