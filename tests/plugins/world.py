"""A small plausible world of broadcasts: when each is live and how many watch it, always the same for one seed."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

PLATFORMS = ("youtube", "twitch", "soop")
HOSTILE_TITLE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script> =2+3'
HOSTILE_NAME = '=HYPERLINK("https://bad.example","click")'

TITLES = {
    "youtube": ("lofi beats to study to 📚", "24/7 뉴스 라이브", "Rocket launch countdown", "LCK 결승 같이 보기"),
    "twitch": ("ranked grind until grandmaster", "first playthrough, no spoilers", "speedrun attempts", "coworking"),
    "soop": ("저녁 먹방 같이 드실 분~", "스타 프로리그 4강", "종합게임 새벽반", "노래방 신청곡 받아요"),
}
CATEGORIES = {
    "youtube": ("News", "Music", "Gaming", "Science"),
    "twitch": ("League of Legends", "Just Chatting", "Elden Ring", "Software and Game Development"),
    "soop": ("먹방", "스타크래프트", "종합게임", "음악"),
}
NAMES = ("하늘", "Nova", "Kestrel", "민트초코", "Juniper", "새벽별", "Orbit", "도토리", "Marlow", "푸른바다", "Ember")
SIZES = {"youtube": 0.8, "twitch": 1.2, "soop": 0.45}
HIDDEN_EVERY = 11
"""Of so many channels one hides its counts."""


@dataclass
class Session:
    """One broadcast; `channel` is the channel's place on its platform by size, 0 the largest."""

    platform: str
    channel: int
    broadcast_id: str
    starts_at: datetime
    ends_at: datetime
    audience: float
    title: str
    category: str
    noise: random.Random = field(repr=False)
    level: float = 0.0

    def count_viewers(self, at: datetime) -> int | None:
        """Return the viewers at `at`, to be asked in the order of time: a walk with a slow start; None when hidden."""
        if self.channel % HIDDEN_EVERY == HIDDEN_EVERY // 2:
            return None
        self.level = 0.97 * self.level + self.noise.gauss(0, 0.03)
        minutes = (at - self.starts_at).total_seconds() / 60
        ramp = 1 - math.exp(-(minutes + 2) / 15)
        daily = 1 + 0.35 * math.sin((at.hour + at.minute / 60 - 6) / 24 * 2 * math.pi)
        return max(1, round(self.audience * ramp * daily * math.exp(self.level)))


def name_channel(platform: str, channel: int) -> str:
    """Return a channel's name; the fourth of SOOP is called by a formula."""
    if platform == "soop" and channel == 3:
        return HOSTILE_NAME
    repeat = channel // len(NAMES)
    return f"{NAMES[channel % len(NAMES)]}{repeat + 1 if repeat else ''}"


def list_sessions(platform: str, channel: int, ticks: Sequence[datetime], rng: random.Random) -> Iterator[Session]:
    """Yield the broadcasts of one channel between the first and the last tick, in the order of time.

    The largest channel of Twitch has a hostile title and is always live.
    """
    usual = 42_000 / (channel + 1) ** 1.1 * rng.uniform(0.7, 1.3) * SIZES[platform]
    at = ticks[0] - timedelta(hours=rng.uniform(0, 10))
    number = 0
    while at < ticks[-1]:
        number += 1
        pick = rng.randrange(4)
        length = timedelta(hours=min(20.0, rng.lognormvariate(math.log(4.2), 0.6)))
        is_hostile = platform == "twitch" and channel == 0
        yield Session(
            platform=platform,
            channel=channel,
            broadcast_id=f"{platform[:2]}-{channel}-{number}",
            starts_at=at,
            ends_at=at + length,
            audience=usual * rng.uniform(0.8, 1.2),
            title=HOSTILE_TITLE if is_hostile else f"{TITLES[platform][pick]} #{number}",
            category=CATEGORIES[platform][pick],
            noise=random.Random(f"{platform}{channel}{number}"),
        )
        pause = timedelta(hours=rng.uniform(1, 9 if channel > 2 else 3))
        at += length if is_hostile else length + pause
