"""What follows from a set of attributes alone: worked out the first time that a run meets it, and kept by code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from airtide.domain.keys import hash_detail
from airtide.domain.landed import Dimension
from airtide.pipeline.arrays import NEVER_MS, Integers, grow
from airtide.pipeline.coding import Coded
from airtide.pipeline.key_book import KeyBook

NO_KEY = -1
"""In place of a key that belongs to another id."""

UNKNOWN_START_MS = np.iinfo(np.int64).max
"""Later than every start."""


class Facts:
    """Keys, start, end and flags by code."""

    broadcast: Integers
    channel: Integers
    category: Integers
    detail: Integers
    started_ms: Integers
    """`UNKNOWN_START_MS` where the site does not tell it."""
    ended_ms: Integers
    """`NEVER_MS` where the site has told no end."""
    cadence_s: Integers
    is_flagged: Integers

    _ARRAYS = ("broadcast", "channel", "category", "detail", "started_ms", "ended_ms", "cadence_s", "is_flagged")

    def __init__(self) -> None:
        for name in self._ARRAYS:
            setattr(self, name, np.empty(0, dtype=np.int64))
        self._is_known = np.empty(0, dtype=np.int64)

    def learn(self, coded: Coded, keys: KeyBook) -> list[int]:
        """Work out what was not met before; return the codes of it."""
        size = len(coded.values["broadcast_id"])
        for name in (*self._ARRAYS, "_is_known"):
            setattr(self, name, grow(getattr(self, name), size, 0))
        new = np.unique(coded.codes[self._is_known[coded.codes] == 0])
        codes: list[int] = new.tolist()
        if codes:
            self._enter(new, {name: [values[code] for code in codes] for name, values in coded.values.items()}, keys)
            self._is_known[new] = 1
        return codes

    def _enter(self, new: Integers, met: Mapping[str, Sequence[Any]], keys: KeyBook) -> None:
        for dimension in Dimension:
            found = keys.find_keys(dimension, met[f"{dimension}_id"])
            getattr(self, dimension)[new] = [NO_KEY if key is None else key for key in found]
        self.started_ms[new] = [UNKNOWN_START_MS if told is None else told for told in met["started_at_ms"]]
        self.ended_ms[new] = [NEVER_MS if told is None else told for told in met["ended_at_ms"]]
        self.cadence_s[new] = met["cadence_s"]
        self.is_flagged[new] = [len(flags) > 0 for flags in met["flags"]]
        attributes = zip(
            self.broadcast[new].tolist(),
            self.category[new].tolist(),
            met["title"],
            met["language"],
            met["thumbnail_url"],
            met["tags"],
            met["is_mature"],
            strict=True,
        )
        self.detail[new] = [
            hash_detail(
                broadcast,
                title=title,
                category_key=category,
                language=language,
                thumbnail_url=thumbnail_url,
                tags=tags,
                is_mature=is_mature,
            )
            for broadcast, category, title, language, thumbnail_url, tags, is_mature in attributes
        ]
