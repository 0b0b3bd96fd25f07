"""Keys of text ids, worked out once a run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from airtide.domain.keys import NO_CATEGORY_KEY, hash_id
from airtide.domain.landed import Dimension
from airtide.domain.models import Platform

FindCollisions = Callable[[Platform, Dimension, Mapping[str, int]], Collection[str]]

_MOST_IDS = 1_000_000
"""A run that has met more than this many ids of one dimension forgets them and works them out again."""


class KeyBook:
    """Remembers the key of every id that a run has met; an id whose key belongs to another id has none."""

    def __init__(self, platform: Platform, find_collisions: FindCollisions) -> None:
        self._platform = platform
        self._find_collisions = find_collisions
        self._keys: dict[Dimension, dict[str | None, int | None]] = {dimension: {} for dimension in Dimension}
        self._owners: dict[Dimension, dict[int, str]] = {dimension: {} for dimension in Dimension}

    def find_keys(self, dimension: Dimension, text_ids: Sequence[str | None]) -> list[int | None]:
        """Return the key of each id: `NO_CATEGORY_KEY` where there is no id, None where the key is another's."""
        keys = self._keys[dimension]
        if len(keys) > _MOST_IDS:
            keys.clear()
            self._owners[dimension].clear()
        keys[None] = NO_CATEGORY_KEY
        # in a fixed order, so that of two new ids with one key every try refuses the same one
        unmet = sorted(text_id for text_id in set(text_ids).difference(keys) if text_id is not None)
        if unmet:
            self._enter(dimension, {text_id: hash_id(self._platform, text_id) for text_id in unmet})
        return [keys[text_id] for text_id in text_ids]

    def _enter(self, dimension: Dimension, hashed: Mapping[str, int]) -> None:
        taken = self._find_collisions(self._platform, dimension, hashed)
        owners = self._owners[dimension]
        for text_id, key in hashed.items():
            is_free = text_id not in taken and owners.setdefault(key, text_id) == text_id
            self._keys[dimension][text_id] = key if is_free else None
