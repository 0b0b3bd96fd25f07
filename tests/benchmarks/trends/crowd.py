"""A day of a site's broadcasts, one sample a minute, as arrays: 21,700 of them have 4.3 million samples in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from airtide.domain.keys import hash_id
from airtide.domain.models import Platform
from airtide.lake.parquet import SNAPSHOT_SCHEMA

BROADCASTS = 21_700
CADENCE_S = 60
DAY = datetime(2026, 1, 10, tzinfo=UTC)
DAY_S = round(DAY.timestamp())
FIRST_MINUTE, LAST_MINUTE = -60, 1499
"""What is sampled: the day, the hour before it and the hour after it; minutes count from its beginning."""

_OUTAGES = ((400, 412), (900, 935))
_MISSED_SHARE, _HIDDEN_SHARE = 0.01, 0.005
_MEDIAN_MINUTES = 195
_CATEGORIES = 400
_CATEGORY_MINUTES = 240
"""So long a broadcast stays in a category."""
_LANGUAGES = ("ko", "ko", "ko", "en", "ja", None)

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Samples:
    """Parallel columns, ordered by minute and then by key."""

    broadcast: Array
    """Index of the broadcast."""
    minute: Array
    viewers: Array
    """−1 where hidden."""


class Crowd:
    """The broadcasts of one site, the same for the same seed."""

    def __init__(self, platform: Platform, *, seed: int, broadcasts: int = BROADCASTS) -> None:
        self.platform = platform
        self.size = broadcasts
        self._random = np.random.default_rng(seed)
        self.ids = [f"{platform}-{40_000_000_000 + number}" for number in range(broadcasts)]
        self.keys = np.array([hash_id(platform, text) for text in self.ids], dtype=np.int64)
        self.channel_ids = [f"{number * 2654435761 % 2**32:032x}" for number in range(broadcasts)]
        self.channel_keys = np.array([hash_id(platform, text) for text in self.channel_ids], dtype=np.int64)
        self.category_ids = [f"game-{number}" for number in range(_CATEGORIES)]
        self.category_keys = np.array([hash_id(platform, text) for text in self.category_ids], dtype=np.int64)
        self.languages = [_LANGUAGES[number % len(_LANGUAGES)] for number in range(broadcasts)]
        minutes = self._random.lognormal(np.log(_MEDIAN_MINUTES), 0.7, broadcasts).astype(np.int64) + 1
        self._starts = self._random.integers(-180, 1440, broadcasts)
        self._ends = self._starts + minutes
        self.started_s = DAY_S + self._starts * 60 - 17
        self.samples = self._sample()

    def category_of(self, samples: Samples) -> Array:
        """Return the index of each sample's category."""
        return (samples.broadcast + self.part_of(samples)) % _CATEGORIES

    def part_of(self, samples: Samples) -> Array:
        """Return which of its categories a broadcast was in, counted over the day."""
        return (samples.minute.astype(np.int64) - FIRST_MINUTE) // _CATEGORY_MINUTES

    def find_ends(self) -> tuple[Array, Array, Array]:
        """Return the broadcasts that were sampled, and the time of the first and the last sample of each."""
        broadcast, times = self.samples.broadcast, DAY_S + self.samples.minute.astype(np.int64) * 60
        sampled, first = np.unique(broadcast, return_index=True)
        _, last = np.unique(broadcast[::-1], return_index=True)
        return sampled, times[first], times[::-1][last]

    def tables(self, samples: Samples, rows_at_once: int, *, first_offset: int = 0) -> Iterator[pa.Table]:
        """Yield the snapshots in their order, so many rows at a time."""
        attributes = self._list_attributes()
        categories = pa.array(self.category_ids)
        for start in range(0, len(samples.minute), rows_at_once):
            some = slice(start, start + rows_at_once)
            part = Samples(samples.broadcast[some], samples.minute[some], samples.viewers[some])
            category = pa.array(self.category_of(part))
            at_ms = pa.array((DAY_S + part.minute.astype(np.int64) * 60) * 1000)
            which = pa.array(part.broadcast)
            count = len(part.minute)
            columns = {name: values.take(which) for name, values in attributes.items()}
            columns |= {
                "topic_partition": pa.array(np.zeros(count, dtype=np.int32)),
                "record_offset": pa.array(np.arange(first_offset + start, first_offset + start + count)),
                "sampled_at": at_ms.cast(SNAPSHOT_SCHEMA.field("sampled_at").type),
                "fetched_at": at_ms.cast(SNAPSHOT_SCHEMA.field("fetched_at").type),
                "viewers": pa.array(part.viewers, mask=part.viewers < 0),
                "category_id": categories.take(category),
                "category_name": categories.take(category),
            }
            yield pa.table([columns[name] for name in SNAPSHOT_SCHEMA.names], schema=SNAPSHOT_SCHEMA)

    def _list_attributes(self) -> dict[str, pa.Array]:
        told = {
            "sweep_id": [f"{self.platform}:{DAY:%Y-%m-%dT%H:%M:%SZ}:0badcafe"] * self.size,
            "broadcast_id": self.ids,
            "channel_id": self.channel_ids,
            "cadence_s": [CADENCE_S] * self.size,
            "channel_handle": [None] * self.size,
            "channel_name": [f"스트리머 {number}" for number in range(self.size)],
            "title": [f"오늘도 평화로운 하루 speedrun any% #{number % 999}" for number in range(self.size)],
            "language": self.languages,
            "started_at": (self.started_s * 1000).tolist(),
            "ended_at": [None] * self.size,
            "thumbnail_url": [f"https://images.site.invalid/live/{n:012d}/640x360.jpg" for n in range(self.size)],
            "watch_url": [f"https://www.site.invalid/live/{number}" for number in range(self.size)],
            "is_mature": [number % 50 == 0 for number in range(self.size)],
            "tags": [["한국어", f"tag{number % 90}"] for number in range(self.size)],
            "flags": [[]] * self.size,
        }
        return {name: pa.array(values, type=SNAPSHOT_SCHEMA.field(name).type) for name, values in told.items()}

    def _sample(self) -> Samples:
        first = np.clip(self._starts, FIRST_MINUTE, LAST_MINUTE + 1)
        counts = np.clip(self._ends, FIRST_MINUTE, LAST_MINUTE + 1) - first
        broadcast = np.repeat(np.arange(self.size, dtype=np.int32), counts)
        nth = np.arange(len(broadcast)) - np.repeat(np.cumsum(counts) - counts, counts)
        minute = (np.repeat(first, counts) + nth).astype(np.int16)
        seen = self._random.random(len(minute)) >= _MISSED_SHARE
        for begins, ends in _OUTAGES:
            seen &= (minute < begins) | (minute >= ends)
        broadcast, minute = broadcast[seen], minute[seen]
        usual = (self._random.pareto(0.9, self.size) * 4).clip(0, 200_000)
        viewers = (usual[broadcast] * (1 + 0.2 * self._random.random(len(minute)))).astype(np.int32)
        viewers[self._random.random(len(minute)) < _HIDDEN_SHARE] = -1
        order = np.lexsort((self.keys[broadcast], minute))
        return Samples(broadcast[order], minute[order], viewers[order])
