"""Channel names, handles and broadcast titles, ordinary and hostile ones."""

from __future__ import annotations

from typing import Final

from airtide.simulators.world.randomness import Dice
from airtide.simulators.world.words import (
    ENGLISH_FIRST,
    ENGLISH_LAST,
    ENGLISH_SECOND,
    ENGLISH_TITLES,
    HOSTILE_NAMES,
    HOSTILE_TITLES,
    KOREAN_FIRST,
    KOREAN_LAST,
    KOREAN_SECOND,
    KOREAN_TITLES,
)

_HOSTILE_EVERY: Final = 97
_HOSTILE_FIRST: Final = 13
_HOSTILE_TITLE_SHARE: Final = 0.01


def name_channel(dice: Dice, index: int, language: str) -> str:
    """Name a channel in its language; one in 97 gets a name that tries to break whatever handles it carelessly."""
    if index % _HOSTILE_EVERY == _HOSTILE_FIRST:
        return HOSTILE_NAMES[index // _HOSTILE_EVERY % len(HOSTILE_NAMES)]
    korean = language == "ko"
    parts = (KOREAN_FIRST, KOREAN_SECOND) if korean else (ENGLISH_FIRST, ENGLISH_SECOND)
    first, second = (_pick(dice, f"name{place}", words, index) for place, words in enumerate(parts))
    last = _pick(dice, "name2", KOREAN_LAST if korean else ENGLISH_LAST, index)
    return f"{first}{' ' if korean else ''}{second}{last}"


def make_handle(dice: Dice, index: int, number: int) -> str:
    """Make a login of lower-case letters and digits; a distinct `number` makes it distinct."""
    first, second = (
        _pick(dice, f"handle{place}", words, index) for place, words in enumerate((ENGLISH_FIRST, ENGLISH_SECOND))
    )
    return f"{first}{second}{number}".lower()


def write_title(dice: Dice, language: str, category: str, *coordinates: int) -> str:
    """Write the title of one act of a broadcast; coordinates say which act of which broadcast."""
    chance = dice.roll("title", *coordinates)
    if chance < _HOSTILE_TITLE_SHARE:
        return _pick(dice, "hostile title", HOSTILE_TITLES, *coordinates)
    templates = KOREAN_TITLES if language == "ko" else ENGLISH_TITLES
    template = templates[int(chance * 1000) % len(templates)]
    return template.format(category=category or "just talking", number=int(chance * 10_000) % 365 + 1)


def _pick(dice: Dice, name: str, words: tuple[str, ...], *coordinates: int) -> str:
    return words[int(dice.roll(name, *coordinates) * len(words))]
