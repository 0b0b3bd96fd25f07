"""What a batch tells of channels, categories and details beyond what its run has handed over before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from airtide.domain.batches import SnapshotColumns
from airtide.domain.keys import hash_detail
from airtide.domain.landed import CategoryRow, ChannelRow, DetailRow

OBSERVED_STEP_MS = 3_600_000
"""Attributes that stay the same are observed anew only once in this time: a row is not worth a write a tick."""

_MOST_DETAILS = 500_000
"""A run that has met more sets of attributes than this forgets them; the warehouse still knows them."""


@dataclass(slots=True)
class _Observed:
    """Attributes as a run has last handed them over, their tick then, and the last tick at which they were seen."""

    attributes: tuple[str | None, ...]
    handed_ms: int
    seen_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotKeys:
    """The keys of snapshots, parallel to their columns."""

    broadcast: Sequence[int]
    channel: Sequence[int]
    category: Sequence[int]


class RunAttributes:
    """Attributes seen in one run; bounded, and never wrong when it forgets."""

    def __init__(self) -> None:
        self._detail_keys: dict[tuple[object, ...], int] = {}
        self._detail_from_ms: dict[int, int] = {}
        self._channels: dict[int, _Observed] = {}
        self._categories: dict[int, _Observed] = {}

    def find_details(
        self, snapshots: SnapshotColumns, keys: SnapshotKeys, order: Sequence[int]
    ) -> tuple[list[int], list[DetailRow]]:
        """Return the detail key of each sample in `order`, ascending in time, and the details to hand over."""
        if len(self._detail_keys) > _MOST_DETAILS:
            self._detail_keys.clear()
            self._detail_from_ms.clear()
        attributes = list(
            zip(
                keys.broadcast,
                keys.category,
                snapshots.title,
                snapshots.language,
                snapshots.thumbnail_url,
                snapshots.tags,
                snapshots.is_mature,
                strict=True,
            )
        )
        detail_keys: list[int] = []
        rows: list[DetailRow] = []
        for i in order:
            key = self._detail_keys.get(attributes[i])
            if key is None:
                key = _hash_detail(snapshots, keys, i)
                self._detail_keys[attributes[i]] = key
            tick = snapshots.sampled_at_ms[i]
            if tick < self._detail_from_ms.get(key, tick + 1):
                self._detail_from_ms[key] = tick
                rows.append(_detail_row(snapshots, keys, i, key))
            detail_keys.append(key)
        return detail_keys, rows

    def find_channels(self, snapshots: SnapshotColumns, keys: SnapshotKeys) -> list[ChannelRow]:
        """Return the channels to hand over, each as its newest snapshot shows it."""
        rows = []
        for key, i in _find_newest(keys.channel, snapshots).items():
            handle, name, tick = snapshots.channel_handle[i], snapshots.channel_name[i], snapshots.sampled_at_ms[i]
            if _observe(self._channels, key, (handle, name), tick):
                rows.append(ChannelRow(key, snapshots.channel_id[i], handle, name, tick))
        return rows

    def find_categories(self, snapshots: SnapshotColumns, keys: SnapshotKeys) -> list[CategoryRow]:
        """Return the categories to hand over, each as its newest snapshot shows it."""
        rows = []
        for key, i in _find_newest(keys.category, snapshots).items():
            category_id, name, tick = snapshots.category_id[i], snapshots.category_name[i], snapshots.sampled_at_ms[i]
            if category_id is not None and _observe(self._categories, key, (name,), tick):
                rows.append(CategoryRow(key, category_id, name, tick))
        return rows


def _find_newest(keys: Sequence[int], snapshots: SnapshotColumns) -> dict[int, int]:
    """Return the index of each key's newest entry; of one tick the lowest record offset."""
    # the best comes last: a later entry of a dict replaces an earlier one
    order = sorted(range(len(keys)), key=snapshots.record_offset.__getitem__, reverse=True)
    order.sort(key=snapshots.sampled_at_ms.__getitem__)
    return dict(zip(map(keys.__getitem__, order), order, strict=True))


def _observe(known: dict[int, _Observed], key: int, attributes: tuple[str | None, ...], at_ms: int) -> bool:
    """Tell whether attributes seen at `at_ms` are worth handing over; of one tick the first to be seen are."""
    observed = known.get(key)
    if observed is not None and attributes == observed.attributes:
        observed.seen_ms = max(observed.seen_ms, at_ms)
        if at_ms < observed.handed_ms + OBSERVED_STEP_MS:
            return False
    elif observed is not None and at_ms <= observed.seen_ms:
        return False
    known[key] = _Observed(attributes, handed_ms=at_ms, seen_ms=at_ms)
    return True


def _hash_detail(snapshots: SnapshotColumns, keys: SnapshotKeys, i: int) -> int:
    return hash_detail(
        keys.broadcast[i],
        title=snapshots.title[i],
        category_key=keys.category[i],
        language=snapshots.language[i],
        thumbnail_url=snapshots.thumbnail_url[i],
        tags=snapshots.tags[i],
        is_mature=snapshots.is_mature[i],
    )


def _detail_row(snapshots: SnapshotColumns, keys: SnapshotKeys, i: int, detail_key: int) -> DetailRow:
    return DetailRow(
        detail_key=detail_key,
        broadcast_key=keys.broadcast[i],
        observed_from_ms=snapshots.sampled_at_ms[i],
        title=snapshots.title[i],
        category_key=keys.category[i],
        language=snapshots.language[i],
        thumbnail_url=snapshots.thumbnail_url[i],
        watch_url=snapshots.watch_url[i],
        tags=tuple(snapshots.tags[i]),
        is_mature=snapshots.is_mature[i],
    )
