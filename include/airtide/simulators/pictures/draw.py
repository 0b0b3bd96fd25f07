"""Draws what a broadcast shows, so that a person sees which one it is and when."""

from __future__ import annotations

import colorsys
import io
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, NamedTuple

from PIL import Image, ImageDraw, ImageFont

from airtide.simulators.clock import format_utc

Form = Literal["JPEG", "WEBP"]

COLOURS: Final = 16
BEATS: Final = 8
"""Places that the disc moves through, one a picture."""

_FONT: Final = Path(__file__).parent / "fonts" / "simulators.ttf"
_MOST_CHARACTERS: Final = 120
_OPTIONS: Final = {"JPEG": {"quality": 75}, "WEBP": {"quality": 60, "method": 0}}
"""The quickest, which is what a simulator is measured by."""
_WHITE: Final = (255, 255, 255)
_GREY: Final = (96, 96, 96)


class Card(NamedTuple):
    """All that can be seen on one picture."""

    width: int
    height: int
    form: Form
    colour: int
    """One of COLOURS."""
    beat: int
    """Which picture of its broadcast it is; the disc moves on with each."""
    at_s: int
    name: str
    title: str


# a host hands the same picture to everybody who asks; some ten kilobytes each
@lru_cache(maxsize=1024)
def draw_card(card: Card) -> bytes:
    """Draw one picture: channel and title below, the time above, in a colour and with stripes of its own."""
    width, height = card.width, card.height
    image = _paint_background(card.colour, width, height)
    pen = ImageDraw.Draw(image)
    radius, middle = height // 8, height * 3 // 10
    across = width * (2 * (card.beat % BEATS) + 1) // (2 * BEATS)
    pen.ellipse((across - radius, middle - radius, across + radius, middle + radius), fill=_shade(card.colour, 0.78))
    margin = width // 30
    for text, top, size in (
        (format_utc(card.at_s)[:16].replace("T", " ") + " UTC", height // 36, height // 11),
        (card.name, height * 61 // 100, height // 7),
        (card.title, height * 81 // 100, height // 12),
    ):
        _write(image, _fit(text, size, width - 2 * margin), margin, top)
    return _encode(image, card.form)


@lru_cache(maxsize=64)
def draw_placeholder(text: str, width: int, height: int) -> bytes:
    """Draw what a site shows where it has no picture: the same for everybody."""
    image = Image.new("RGB", (width, height), _GREY)
    letters = _fit(text, height // 6, width)
    _write(image, letters, (width - sum(letter.width for letter in letters)) // 2, height * 2 // 5)
    return _encode(image, "JPEG")


@lru_cache(maxsize=1)
def draw_bomb() -> bytes:
    """Draw a picture of some thirty kilobytes that takes two hundred megabytes once it is decoded."""
    content = io.BytesIO()
    Image.new("1", (15_000, 15_000)).save(content, "PNG")
    return content.getvalue()


def _paint_background(colour: int, width: int, height: int) -> Image.Image:
    image = Image.new("RGB", (width, height), _shade(colour, 0.42))
    pen = ImageDraw.Draw(image)
    step = width // (4 + colour % 5)
    lean = height if colour % 2 else -height
    for left in range(-height - step, width + height + step, 2 * step):
        stripe = ((left, 0), (left + step, 0), (left + step + lean, height), (left + lean, height))
        pen.polygon(stripe, fill=_shade(colour, 0.34))
    pen.rectangle((0, height * 3 // 5, width, height), fill=_shade(colour, 0.2))
    return image


def _shade(colour: int, lightness: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hls_to_rgb(colour / COLOURS, lightness, 0.55)
    return int(255 * red), int(255 * green), int(255 * blue)


def _fit(text: str, size: int, width: int) -> list[Image.Image]:
    """Give a text's letters on one line, cut where it is too wide; what cannot be seen is left out."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[:_MOST_CHARACTERS]).split())
    letters = [_cast(character, size) for character in line]
    if sum(letter.width for letter in letters) <= width:
        return letters
    dots = _cast("…", size)
    while letters and sum(letter.width for letter in letters) + dots.width > width:
        letters.pop()
    return [*letters, dots]


def _write(image: Image.Image, letters: Sequence[Image.Image], left: int, top: int) -> None:
    for letter in letters:
        image.paste(_WHITE, (left, top), letter)
        left += letter.width


# the world's words have some hundred letters: cast once they cost a third of what it takes to draw a line
@lru_cache(maxsize=8192)
def _cast(character: str, size: int) -> Image.Image:
    """Draw one letter, as white as the picture is to be."""
    font = _load_font(size)
    letter = Image.new("L", (max(round(font.getlength(character)), 1), size * 5 // 4 + 1))
    ImageDraw.Draw(letter).text((0, 0), character, font=font, fill=255)
    return letter


@lru_cache(maxsize=64)
def _load_font(size: int) -> ImageFont.FreeTypeFont:
    # the basic layout draws alike whatever else is installed
    return ImageFont.truetype(_FONT, max(size, 6), layout_engine=ImageFont.Layout.BASIC)


def _encode(image: Image.Image, form: Form) -> bytes:
    content = io.BytesIO()
    image.save(content, form, **_OPTIONS[form])
    return content.getvalue()
