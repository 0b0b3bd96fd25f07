"""What a batch tells of channels, categories and details beyond what its run has handed over before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from airtide.domain.landed import CategoryRow, ChannelRow, DetailRow
from airtide.pipeline.arrays import NEVER_MS, Integers, grow
from airtide.pipeline.coding import Coded
from airtide.pipeline.facts import Facts

OBSERVED_STEP_MS = 3_600_000
"""Attributes that stay the same are observed anew only once in this time: a row is not worth a write a tick."""

_NOBODY = -1
_FOREVER_MS = np.iinfo(np.int64).max


class Observations:
    """Channels or categories as a run has last handed them over, told apart by key."""

    def __init__(self) -> None:
        self._places: dict[int, int] = {}
        self._looks: dict[tuple[str | None, ...], int] = {}
        none = np.empty(0, dtype=np.int64)
        # by code: who it shows, how it looks, and how many attributes of that are told
        self._place_of = self._look_of = self._told_of = none
        # by place: the look last handed over, its tick then, and the last tick at which it was seen
        self._look = self._handed_ms = self._seen_ms = none

    def learn(
        self, size: int, codes: Sequence[int], keys: Sequence[int], looks: Sequence[tuple[str | None, ...] | None]
    ) -> None:
        """Take in new codes of `size` in all: whose key each shows, and how it looks; None shows nobody."""
        self._place_of, self._look_of = grow(self._place_of, size, _NOBODY), grow(self._look_of, size, _NOBODY)
        self._told_of = grow(self._told_of, size, 0)
        for code, key, look in zip(codes, keys, looks, strict=True):
            if look is not None:
                self._place_of[code] = self._places.setdefault(key, len(self._places))
                self._look_of[code] = self._looks.setdefault(look, len(self._looks))
                self._told_of[code] = len(look) - look.count(None)
        places = len(self._places)
        self._look = grow(self._look, places, _NOBODY)
        self._handed_ms, self._seen_ms = grow(self._handed_ms, places, NEVER_MS), grow(self._seen_ms, places, NEVER_MS)

    def find_news(self, codes: Integers, ticks: Integers, by_age: Integers) -> list[int]:
        """Return the rows that are worth handing over, one of a key at most: of those that tell most its newest.

        So a name that only older rows tell is not lost, however many ticks come at once. `by_age` are the rows by tick,
        of one tick the lowest record offset last.
        """
        newest = np.full(len(self._look), _NOBODY)
        places = self._place_of[codes[by_age]]
        shown, places = by_age[places != _NOBODY], places[places != _NOBODY]
        told = self._told_of[codes[shown]]
        if len(told) and told.min() < told.max():
            order = np.argsort(told, kind="stable")
            shown, places = shown[order], places[order]
        # an index that comes again is set again: the last one stays
        newest[places] = shown
        present = np.flatnonzero(newest != _NOBODY)
        rows = newest[present]
        at_ms, look, seen_ms = ticks[rows], self._look_of[codes[rows]], self._seen_ms[present]
        is_same = look == self._look[present]
        self._seen_ms[present[is_same]] = np.maximum(seen_ms, at_ms)[is_same]
        is_news = np.where(is_same, at_ms - OBSERVED_STEP_MS >= self._handed_ms[present], at_ms > seen_ms)
        handed = present[is_news]
        self._look[handed] = look[is_news]
        self._handed_ms[handed] = self._seen_ms[handed] = at_ms[is_news]
        news: list[int] = rows[is_news].tolist()
        return news


class RunAttributes:
    """Attributes handed over in one run, by code."""

    def __init__(self) -> None:
        self._channels = Observations()
        self._categories = Observations()
        self._detail_from_ms: dict[int, int] = {}
        self._handed_from_ms = np.empty(0, dtype=np.int64)
        """By code: since when its detail is handed over, or later than that."""

    def learn(self, coded: Coded, facts: Facts, codes: Sequence[int]) -> None:
        """Take in codes that are new."""
        values, size = coded.values, len(facts.broadcast)
        self._handed_from_ms = grow(self._handed_from_ms, size, _FOREVER_MS)
        handles, names = values["channel_handle"], values["channel_name"]
        self._channels.learn(
            size, codes, facts.channel[codes].tolist(), [(handles[code], names[code]) for code in codes]
        )
        ids, titles = values["category_id"], values["category_name"]
        looks = [None if ids[code] is None else (titles[code],) for code in codes]
        self._categories.learn(size, codes, facts.category[codes].tolist(), looks)

    def find_details(self, coded: Coded, facts: Facts, ticks: Integers, order: Integers) -> list[DetailRow]:
        """Return the details to hand over; `order` lists the samples ascending in time."""
        codes, first = np.unique(coded.codes[order], return_index=True)
        first = np.sort(first[ticks[order[first]] < self._handed_from_ms[codes]])
        codes, from_ms = coded.codes[order[first]], ticks[order[first]]
        details = facts.detail[codes].tolist()
        kept = []
        for number, (detail_key, tick) in enumerate(zip(details, from_ms.tolist(), strict=True)):
            if tick < self._detail_from_ms.get(detail_key, _FOREVER_MS):
                self._detail_from_ms[detail_key] = tick
                kept.append(number)
        self._handed_from_ms[codes] = [self._detail_from_ms[detail_key] for detail_key in details]
        return _detail_rows(coded, facts, codes[kept], from_ms[kept])

    def find_channels(self, coded: Coded, facts: Facts, ticks: Integers, by_age: Integers) -> list[ChannelRow]:
        """Return the channels to hand over, each as its newest snapshot shows it."""
        ids, handles, names = (coded.values[name] for name in ("channel_id", "channel_handle", "channel_name"))
        rows = self._channels.find_news(coded.codes, ticks, by_age)
        seen = [(int(coded.codes[row]), int(ticks[row])) for row in rows]
        return [ChannelRow(int(facts.channel[c]), ids[c], handles[c], names[c], tick) for c, tick in seen]

    def find_categories(self, coded: Coded, facts: Facts, ticks: Integers, by_age: Integers) -> list[CategoryRow]:
        """Return the categories to hand over, each as its newest snapshot shows it."""
        ids, names = coded.values["category_id"], coded.values["category_name"]
        rows = self._categories.find_news(coded.codes, ticks, by_age)
        seen = [(int(coded.codes[row]), int(ticks[row])) for row in rows]
        return [CategoryRow(int(facts.category[c]), ids[c], names[c], tick) for c, tick in seen]


def _detail_rows(coded: Coded, facts: Facts, codes: Integers, from_ms: Integers) -> list[DetailRow]:
    def pick(name: str) -> Iterator[Any]:
        values = coded.values[name]
        return (values[code] for code in picked)

    picked = codes.tolist()
    columns = (
        facts.detail[codes].tolist(),
        facts.broadcast[codes].tolist(),
        from_ms.tolist(),
        pick("title"),
        facts.category[codes].tolist(),
        pick("language"),
        pick("thumbnail_url"),
        pick("watch_url"),
        map(tuple, pick("tags")),
        pick("is_mature"),
    )
    return list(map(DetailRow._make, zip(*columns, strict=True)))
