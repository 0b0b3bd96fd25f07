"""Codes of snapshots: rows with the same attributes have the same code as long as the run lasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from airtide.domain.batches import ATTRIBUTES, SnapshotColumns
from airtide.domain.columns import CodedColumn
from airtide.pipeline.arrays import Integers, to_integers

_MOST_CODES = 60_000
"""A run that has met more sets of attributes than this forgets them."""


@dataclass(frozen=True, slots=True)
class Coded:
    """The code of each row, and the attributes by code; these lists only grow while they are the same objects."""

    codes: Integers
    values: Mapping[str, Sequence[Any]]

    def take(self, rows: Integers) -> Coded:
        """Return these rows."""
        return Coded(self.codes[rows], self.values)


class SnapshotCoder:
    """Finds the codes of snapshots; gives them some where the log has not."""

    def __init__(self) -> None:
        self._forget()

    def code(self, snapshots: SnapshotColumns) -> Coded:
        """Return the codes of the snapshots."""
        columns = {name: getattr(snapshots, name) for name in ATTRIBUTES}
        first = columns["broadcast_id"]
        if all(isinstance(column, CodedColumn) and column.codes is first.codes for column in columns.values()):
            return Coded(to_integers(first.codes), {name: column.values for name, column in columns.items()})
        return self._give_codes(list(zip(*columns.values(), strict=True)))

    def _give_codes(self, rows: Sequence[tuple[Any, ...]]) -> Coded:
        if len(self._codes) > _MOST_CODES:
            self._forget()
        known = len(self._codes)
        codes = np.array([self._codes.setdefault(row, len(self._codes)) for row in rows], dtype=np.int64)
        for row in islice(self._codes, known, None):
            for values, value in zip(self._values.values(), row, strict=True):
                values.append(value)
        return Coded(codes, self._values)

    def _forget(self) -> None:
        self._codes: dict[tuple[Any, ...], int] = {}
        self._values: dict[str, list[Any]] = {name: [] for name in ATTRIBUTES}
