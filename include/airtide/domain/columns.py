"""Forms of columns that cost little in very many rows; each is a sequence of plain values as a list is."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, overload

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class CodedColumn(Sequence[T]):
    """The value of each row by its code, an index of `values`.

    `values` may be shared by the columns of many batches and only ever grows, so that what was worked out of a value
    once holds for its code as long as `values` is the same object.
    """

    values: Sequence[T]
    codes: array[int]

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        if isinstance(index, slice):
            return CodedColumn(self.values, self.codes[index])
        return self.values[self.codes[index]]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # equal to a list of the same values, and as mutable as one


@dataclass(frozen=True, slots=True, eq=False)
class OptionalIntegers(Sequence[int | None]):
    """Integers of which some are missing; what stands in the place of a missing one means nothing."""

    values: array[int]
    missing: bytes
    """1 where there is none, else 0."""

    def __len__(self) -> int:
        return len(self.values)

    @overload
    def __getitem__(self, index: int) -> int | None: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[int | None]: ...
    def __getitem__(self, index: int | slice) -> int | Sequence[int | None] | None:
        if isinstance(index, slice):
            return OptionalIntegers(self.values[index], self.missing[index])
        return None if self.missing[index] else self.values[index]


def take_rows(columns: Mapping[str, Sequence[Any]], indexes: Sequence[int]) -> dict[str, Sequence[Any]]:
    """Return the rows at `indexes` of each column, in that order and in the column's own form; shared codes stay so."""
    codes = {id(c.codes): c.codes for c in columns.values() if isinstance(c, CodedColumn)}
    taken = {key: array("q", [column[i] for i in indexes]) for key, column in codes.items()}
    rows: dict[str, Sequence[Any]] = {}
    for name, column in columns.items():
        if isinstance(column, CodedColumn):
            rows[name] = CodedColumn(column.values, taken[id(column.codes)])
        else:
            kept = [column[i] for i in indexes]
            rows[name] = array(column.typecode, kept) if isinstance(column, array) else kept
    return rows
