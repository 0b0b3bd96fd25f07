"""What sets the sites apart: sizes, languages, categories and the shape of their ids."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from airtide.simulators.world.names import make_handle
from airtide.simulators.world.randomness import Dice

_PRIME: Final = 800_000_011


class Category(NamedTuple):
    """What a site files broadcasts under; `parent_id` is empty at the top of a tree and on sites without one.

    On CHZZK the parent is the kind of the category.
    """

    category_id: str
    name: str
    parent_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """One site's character. Shares add up to 1."""

    top_viewers: float
    """Usual concurrent viewers of the largest channel."""
    busiest_at_s: int
    """Second of the UTC day at which most broadcasts start."""
    languages: tuple[tuple[str, float], ...]
    categories: tuple[Category, ...]
    uncategorised_share: float = 0.0
    untitled_share: float = 0.0
    hiding_channels: float = 0.0
    """Share of channels that never show their count."""
    hiding_stretches: float = 0.0
    """Share of broadcasts that hide their count for a while."""
    opening_share: float = 0.5
    """Share of its usual size that a broadcast begins with, before it has risen for ten minutes."""
    tells_zero: bool = True
    """Whether a count of 0 is told, or left out like a hidden one."""
    login_is_id: bool = False
    make_channel_id: Callable[[Dice, int], str]
    make_broadcast_number: Callable[[int, int, int], int]
    """From day, channel index and channels per platform to a number that no other broadcast has."""
    make_broadcast_id: Callable[[Dice, int], str]


def number_channel(dice: Dice, index: int) -> int:
    """Scatter channel indexes over nine digits; no two channels share a number."""
    return 100_000_000 + (index * 48_271 + int(dice.roll("channel number") * _PRIME)) % _PRIME


def _make_youtube_id(dice: Dice, name: str, number: int, length: int) -> str:
    return base64.urlsafe_b64encode(dice.digest(name, number, size=24)).decode()[:length]


def _make_uuid(dice: Dice, number: int) -> str:
    return str(uuid.UUID(bytes=dice.digest("broadcast id", number, size=16), version=4))


YOUTUBE: Final = Traits(
    top_viewers=45_000,
    busiest_at_s=12 * 3600,
    languages=(("ko", 0.6), ("en", 0.3), ("ja", 0.1)),
    categories=(
        Category("20", "Gaming"),
        Category("24", "Entertainment"),
        Category("22", "People & Blogs"),
        Category("10", "Music"),
        Category("25", "News & Politics"),
        Category("17", "Sports"),
        Category("27", "Education"),
        Category("28", "Science & Technology"),
        Category("19", "Travel & Events"),
        Category("15", "Pets & Animals"),
        Category("26", "Howto & Style"),
        Category("1", "Film & Animation"),
        Category("2", "Autos & Vehicles"),
        Category("23", "Comedy"),
    ),
    hiding_channels=0.04,
    hiding_stretches=0.08,
    opening_share=0.9,  # most are announced, and their audience is in the waiting room
    tells_zero=False,
    make_channel_id=lambda dice, index: "UC" + _make_youtube_id(dice, "channel id", index, 22),
    make_broadcast_number=lambda day, index, channels: day * max(10_000, channels) + index,
    make_broadcast_id=lambda dice, number: _make_youtube_id(dice, "broadcast id", number, 11),
)

TWITCH: Final = Traits(
    top_viewers=38_000,
    busiest_at_s=19 * 3600,
    languages=(("en", 0.5), ("ko", 0.2), ("es", 0.1), ("de", 0.08), ("ja", 0.07), ("fr", 0.04), ("other", 0.01)),
    categories=(
        Category("509658", "Just Chatting"),
        Category("21779", "League of Legends"),
        Category("516575", "VALORANT"),
        Category("32399", "Counter-Strike"),
        Category("27471", "Minecraft"),
        Category("32982", "Grand Theft Auto V"),
        Category("29595", "Dota 2"),
        Category("511224", "Apex Legends"),
        Category("513143", "Teamfight Tactics"),
        Category("18122", "World of Warcraft"),
        Category("509660", "Art"),
        Category("26936", "Music"),
    ),
    uncategorised_share=0.02,
    untitled_share=0.005,
    make_channel_id=lambda dice, index: str(number_channel(dice, index)),
    make_broadcast_number=lambda day, index, channels: 41_000_000_000 + day * max(100_000, channels) + index,
    make_broadcast_id=lambda _dice, number: str(number),
)

SOOP: Final = Traits(
    top_viewers=24_000,
    busiest_at_s=11 * 3600,
    languages=(("ko", 1.0),),
    categories=(
        Category("00130000", "토크/캠방"),
        Category("00040019", "리그 오브 레전드", "00040000"),
        Category("00040001", "스타크래프트", "00040000"),
        Category("00040066", "배틀그라운드", "00040000"),
        Category("00040004", "FC 온라인", "00040000"),
        Category("00040067", "마인크래프트", "00040000"),
        Category("00040042", "종합게임", "00040000"),
        Category("00060001", "야구", "00060000"),
        Category("00060002", "축구", "00060000"),
        Category("00330000", "음악"),
        Category("00370000", "먹방/쿡방"),
        Category("00040000", "게임"),
        Category("00060000", "스포츠"),
    ),
    make_channel_id=lambda dice, index: make_handle(dice, index, 1000 + index),
    login_is_id=True,
    make_broadcast_number=lambda day, index, channels: 80_000_000 + day * max(10_000, channels) + index,
    make_broadcast_id=lambda _dice, number: str(number),
)

CHZZK: Final = Traits(
    top_viewers=20_000,
    busiest_at_s=11 * 3600,
    languages=(("ko", 1.0),),
    categories=(
        Category("talk", "talk", "ETC"),
        Category("League_of_Legends", "리그 오브 레전드", "GAME"),
        Category("Teamfight_Tactics", "전략적 팀 전투", "GAME"),
        Category("MapleStory", "메이플스토리", "GAME"),
        Category("Lost_Ark", "로스트아크", "GAME"),
        Category("Minecraft", "마인크래프트", "GAME"),
        Category("PUBG_BATTLEGROUNDS", "PUBG: 배틀그라운드", "GAME"),
        Category("VALORANT", "발로란트", "GAME"),
        Category("Eternal_Return", "이터널 리턴", "GAME"),
        Category("Overwatch", "오버워치", "GAME"),
        Category("virtual", "버추얼", "ETC"),
        Category("music", "음악/노래", "ETC"),
        Category("baseball", "야구", "SPORTS"),
        Category("football", "축구", "SPORTS"),
    ),
    uncategorised_share=0.02,
    make_channel_id=lambda dice, index: dice.digest("channel id", index, size=16).hex(),
    make_broadcast_number=lambda day, index, channels: day * max(1_000, channels) + index,
    make_broadcast_id=lambda _dice, number: str(number),
)

KICK: Final = Traits(
    top_viewers=30_000,
    busiest_at_s=22 * 3600,
    languages=(("en", 0.45), ("es", 0.22), ("pt", 0.1), ("ar", 0.09), ("tr", 0.07), ("ko", 0.05), ("zh-Hans", 0.02)),
    categories=(
        Category("15", "Just Chatting"),
        Category("28", "Slots & Casino"),
        Category("12", "Grand Theft Auto V"),
        Category("8", "League of Legends"),
        Category("5", "Counter-Strike 2"),
        Category("20", "VALORANT"),
        Category("8549", "IRL"),
        Category("4", "Minecraft"),
        Category("6", "Dota 2"),
        Category("34", "Music"),
        Category("547", "Poker"),
        Category("16", "Pools, Hot Tubs & Bikinis"),
    ),
    uncategorised_share=0.01,
    untitled_share=0.005,
    hiding_channels=0.03,
    hiding_stretches=0.05,
    make_channel_id=lambda dice, index: str(number_channel(dice, index)),
    make_broadcast_number=lambda day, index, channels: day * max(100_000, channels) + index,
    make_broadcast_id=_make_uuid,
)

TRAITS: Final[Mapping[str, Traits]] = {"youtube": YOUTUBE, "twitch": TWITCH, "soop": SOOP, "chzzk": CHZZK, "kick": KICK}
