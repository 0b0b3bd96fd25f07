"""The channels of one platform: who they are, how many usually watch them, and when they like to be live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from airtide.simulators.world.names import make_handle, name_channel
from airtide.simulators.world.randomness import Dice, Flags, Floats
from airtide.simulators.world.traits import Category, Traits

DAY_S: Final = 86_400

_RHYTHM: Final = 0.12
"""How much denser than the mean broadcasts start at the busiest time of day, and thinner at the quietest."""
_FLATTENING: Final = 60
_SLOPE: Final = 1.2
_WATCHED_SHARE: Final = 0.97
"""The rest broadcasts to nobody, unless a raid comes by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """An account of a platform; the same in every world of the same seed and size."""

    index: int
    channel_id: str
    handle: str
    name: str
    language: str
    category: Category
    """What it mostly broadcasts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelTable:
    """All channels of a platform, and their habits as arrays in the same order."""

    channels: tuple[Channel, ...]
    by_id: dict[str, Channel]
    by_handle: dict[str, Channel]
    usual_viewers: Floats
    habit_s: Floats
    """Second of the UTC day before which it never starts, and soon after which it does."""
    live_share: Floats
    """Share of days with a broadcast."""
    usual_length: Floats
    """Its broadcasts' length against everybody's."""
    hides_counts: Flags


def settle_channels(dice: Dice, traits: Traits, count: int) -> ChannelTable:
    """Make the `count` channels of a platform."""
    order = np.arange(count, dtype=np.int64)
    channels = tuple(_introduce(dice, traits, index) for index in range(count))
    return ChannelTable(
        channels=channels,
        by_id={channel.channel_id: channel for channel in channels},
        by_handle={channel.handle: channel for channel in channels},
        usual_viewers=_spread_sizes(dice.uniform("size", order), traits.top_viewers),
        habit_s=_spread_habits(dice.uniform("habit", order), traits.busiest_at_s),
        live_share=0.72 + 0.26 * dice.uniform("live share", order),
        usual_length=np.exp(0.2 * dice.normal("usual length", order)),
        hides_counts=dice.uniform("hides", order) < traits.hiding_channels,
    )


def _introduce(dice: Dice, traits: Traits, index: int) -> Channel:
    language = _choose_language(traits, dice.roll("language", index))
    channel_id = traits.make_channel_id(dice, index)
    return Channel(
        index=index,
        channel_id=channel_id,
        handle=channel_id if traits.login_is_id else make_handle(dice, index, 1000 + index),
        name=name_channel(dice, index, language),
        language=language,
        category=traits.categories[int(dice.roll("category", index) ** 2 * len(traits.categories))],
    )


def _choose_language(traits: Traits, chance: float) -> str:
    for language, share in traits.languages:
        chance -= share
        if chance < 0:
            return language
    return traits.languages[-1][0]


def _spread_sizes(chances: Floats, top_viewers: float) -> Floats:
    """Rank the channels and give them sizes of a Zipf-Mandelbrot law, which thins out to nothing at the far end.

    The flattened head keeps the largest channel near one percent of its platform, so that one long evening of it
    does not decide how a whole day comes out.
    """
    ranks = np.argsort(np.argsort(chances)).astype(np.float64)
    sizes: Floats = top_viewers * (_FLATTENING / (ranks + _FLATTENING)) ** _SLOPE
    return sizes * np.maximum(1 - (ranks / (_WATCHED_SHARE * len(ranks))) ** 3, 0)


def _spread_habits(chances: Floats, busiest_at_s: int) -> Floats:
    """Place habits evenly along the day's rhythm: by rank, not by chance, so that no hour falls empty."""
    places = (np.argsort(np.argsort(chances)) + 0.5) / len(chances)
    seconds = np.arange(0, DAY_S + 60, 60, dtype=np.float64)
    phase = 2 * np.pi * (seconds - busiest_at_s) / DAY_S
    cumulated = seconds / DAY_S + _RHYTHM / (2 * np.pi) * (np.sin(phase) - np.sin(phase[0]))
    return np.interp(places, cumulated, seconds)
