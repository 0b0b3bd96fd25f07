"""What recomputing a day needs of the outside, as protocols like those of `ports`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Protocol

from airtide.domain.models import Platform
from airtide.domain.periods import Period, ZoneDay
from airtide.domain.recomputed import BroadcastBounds, DayObject, DayRecord, DaySnapshots, DayTable, Row


class KeptDay(Protocol):
    """One platform's day as the warehouse had it at one moment."""

    record: DayRecord

    def read_bounds(self) -> Iterator[Sequence[BroadcastBounds]]:
        """Yield the broadcasts that may have a row in the day, some at a time."""
        ...

    def read_rows(self, table: DayTable) -> Iterator[Row]:
        """Yield the day's rows of a table in the order of their keys."""
        ...


class DayWarehouse(Protocol):
    """The warehouse's side of recomputing a day; it changes nothing."""

    def open_day(self, platform: Platform, zone: str, day: date) -> AbstractContextManager[KeptDay]:
        """Open a view that no landing and no roll-up changes; raises `MisconfiguredError` when there is no such day."""
        ...


class DayLake(Protocol):
    """The lake's side."""

    def read_snapshots(
        self, platform: Platform, objects: Sequence[DayObject], lives: Mapping[str, int], period: Period
    ) -> Iterator[DaySnapshots]:
        """Yield the snapshots in `period` of the objects; raises `ObjectMissing` and `ObjectConflict`."""
        ...


class RecomputedDay(Protocol):
    """One platform's day as an engine computed it."""

    def read_rows(self, table: DayTable) -> Iterator[Row]:
        """Yield the day's rows of a table in the order of their keys."""
        ...


class DayEngine(Protocol):
    """Computes a day from its snapshots."""

    def recompute(
        self, day: ZoneDay, snapshots: Iterable[DaySnapshots], bounds: Iterable[Sequence[BroadcastBounds]]
    ) -> AbstractContextManager[RecomputedDay]:
        """Compute every table of one platform's day; `snapshots` are those from an hour before it to an hour after."""
        ...
