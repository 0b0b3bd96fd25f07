"""A crowd of live broadcasts, tick by tick: the messages that are landed, about 600 bytes each."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from airtide.domain.models import Outcome, Platform, Scope, Snapshot, Sweep

LIVE = 20_000
CHANGED_SHARE = 0.005
"""Of the broadcasts of a tick, those with a new title; as many end and give way to new ones."""
CADENCE_S = 60
DAY = datetime(2026, 1, 10, tzinfo=UTC)

_CATEGORIES = 400
_TITLE_WORDS = (
    "랭크 승급전 시청자 참여 환영",
    "speedrun any% attempts",
    "오늘도 평화로운 하루",
    "drops ON",
    "🔴 LIVE",
    "[24시간] 켠왕 도전",
    "chill & chat",
    "first playthrough, no spoilers",
    "다이아 가자",
    "late night vibes",
)
_LANGUAGES = ("ko", "ko", "ko", "en", "ja", None)


@dataclass(slots=True)
class _Broadcast:
    number: int
    title: str
    viewers: int
    started_at: datetime


class Crowd:
    """The broadcasts of one site, the same for the same seed; each call of `next_tick` is one sweep later."""

    def __init__(self, platform: Platform, *, seed: int, first_tick: datetime, live: int = LIVE) -> None:
        self.platform = platform
        self.tick = first_tick - timedelta(seconds=CADENCE_S)
        self._random = random.Random(seed)
        self._made = 0
        self._broadcasts = [self._make() for _ in range(live)]

    def next_tick(self) -> list[Snapshot]:
        """Return the snapshots of the next sweep, in an order of viewers as sites list them."""
        self.tick += timedelta(seconds=CADENCE_S)
        few = int(len(self._broadcasts) * CHANGED_SHARE)
        for index in self._random.sample(range(len(self._broadcasts)), few):
            self._broadcasts[index] = self._make()
        for broadcast in self._random.sample(self._broadcasts, few):
            broadcast.title = self._entitle()
        for broadcast in self._broadcasts:
            broadcast.viewers = max(0, broadcast.viewers + self._random.randint(-3, 3))
        self._broadcasts.sort(key=lambda broadcast: -broadcast.viewers)
        return [self._observe(place, broadcast) for place, broadcast in enumerate(self._broadcasts)]

    def _sweep_id(self) -> str:
        return f"{self.platform}:{self.tick:%Y-%m-%dT%H:%M:%SZ}:0badcafe"

    def _make(self) -> _Broadcast:
        self._made += 1
        return _Broadcast(
            number=self._made,
            title=self._entitle(),
            viewers=int(self._random.paretovariate(0.9) * 4),
            started_at=self.tick - timedelta(seconds=self._random.randint(0, 6 * 3600)),
        )

    def _entitle(self) -> str:
        return f"{' '.join(self._random.sample(_TITLE_WORDS, 2))} #{self._random.randint(1, 999)}"

    def _observe(self, place: int, broadcast: _Broadcast) -> Snapshot:
        number = broadcast.number
        category = number % _CATEGORIES
        return Snapshot(
            platform=self.platform,
            sweep_id=self._sweep_id(),
            sampled_at=self.tick,
            fetched_at=self.tick + timedelta(milliseconds=place // 100 * 100),
            broadcast_id=f"{self.platform}-{40_000_000_000 + number}",
            channel_id=f"{number * 2654435761 % 2**32:032x}",
            viewers=broadcast.viewers,
            cadence_s=CADENCE_S,
            channel_name=f"스트리머 {number}",
            title=broadcast.title,
            category_id=f"game-{category}",
            category_name=f"Game {category}",
            language=_LANGUAGES[number % len(_LANGUAGES)],
            started_at=broadcast.started_at,
            thumbnail_url=f"https://images.site.invalid/live/{number:012d}/640x360.jpg",
            watch_url=f"https://www.site.invalid/live/{number}",
            is_mature=number % 50 == 0,
            tags=("한국어", f"tag{number % 90}"),
        )


def make_sweep(snapshots: Sequence[Snapshot], end_offsets: Mapping[int, int]) -> Sweep:
    """Return the record of the sweep that took these snapshots."""
    first = snapshots[0]
    return Sweep(
        sweep_id=first.sweep_id,
        platform=first.platform,
        sampled_at=first.sampled_at,
        started_at=first.sampled_at,
        finished_at=first.sampled_at + timedelta(seconds=20),
        outcome=Outcome.COMPLETE,
        scope=Scope.LISTING,
        pages=len(snapshots) // 100,
        requests=len(snapshots) // 100,
        snapshots=len(snapshots),
        duplicates=0,
        end_offsets=end_offsets,
    )
