"""Columns as numpy arrays and back: no copy where a column is an array already."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from airtide.domain.columns import OptionalIntegers

Integers: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]
Booleans: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]

NEVER_MS = np.iinfo(np.int64).min
"""Before every instant; stands for one that is not known."""
HIDDEN = -1
"""Stands for a count that is hidden."""


def to_integers(column: Sequence[int]) -> Integers:
    """Return a column of integers as an array."""
    return np.asarray(column, dtype=np.int64)


def to_column(values: Integers) -> array[int]:
    """Return an array as a column."""
    return array("q", values.astype(np.int64, copy=False).tobytes())


def to_optional_column(values: Integers, missing: Booleans) -> OptionalIntegers:
    """Return an array as a column of which some rows hold nothing."""
    return OptionalIntegers(to_column(values), missing.tobytes())


def grow(values: Integers, size: int, fill: int) -> Integers:
    """Return the array with room for `size` values, the new ones set to `fill`."""
    return np.concatenate([values, np.full(size - len(values), fill, dtype=np.int64)])
