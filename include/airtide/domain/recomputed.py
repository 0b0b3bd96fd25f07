"""A day that is computed a second time, from the lake: what goes into it, what comes out, and what differs.

Times are epoch seconds or milliseconds UTC, as the names say; in arrays of numpy −1 stands for what is not told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from airtide.domain.periods import ZoneDay

if TYPE_CHECKING:
    from airtide.domain.audited import Integers

AROUND_MS = 3_600_000
"""How far before and after a day its samples are read: a cell reaches no farther from its sample."""
MOST_SHOWN = 10
"""Differences of one table and platform that are kept; the others are counted."""

Row: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTable:
    """A table of `trends` that is computed a second time; `peak_at` and the like are epoch seconds."""

    name: str
    key: tuple[str, ...]
    """What tells its rows of one platform and day apart; none where there is one row."""
    numbers: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Key and numbers, in the order of a row."""
        return (*self.key, *self.numbers)


_MEASURES = (
    "samples",
    "known_samples",
    "airtime_ms",
    "known_airtime_ms",
    "live_ms",
    "viewer_ms",
    "peak_viewers",
    "peak_at",
)
_CONCURRENT = ("peak_concurrent", "peak_concurrent_at", "peak_concurrent_hidden")
BROADCAST_DAY = DayTable(name="broadcast_day", key=("broadcast_key",), numbers=("channel_key", "language", *_MEASURES))
CHANNEL_DAY = DayTable(name="channel_day", key=("channel_key",), numbers=("broadcasts", *_MEASURES))
CATEGORY_DAY = DayTable(
    name="category_day",
    key=("category_key",),
    numbers=("broadcasts", "active_channels", *(name for name in _MEASURES if name != "live_ms"), *_CONCURRENT),
)
LANGUAGE_DAY = DayTable(name="language_day", key=("language",), numbers=("broadcasts", "active_channels", *_MEASURES))
PLATFORM_DAY = DayTable(
    name="platform_day",
    key=(),
    numbers=(
        *("broadcasts", "active_channels", *_MEASURES),
        *("top_10_viewer_ms", "top_100_viewer_ms", *_CONCURRENT),
    ),
)
DAY_TABLES = (BROADCAST_DAY, CHANNEL_DAY, CATEGORY_DAY, LANGUAGE_DAY, PLATFORM_DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySnapshots:
    """Some snapshots of a day and the hours beside it, all of one life of their topic, in any order."""

    life: int
    """Counts up with each time that the topic was made anew."""
    record_offset: Integers
    broadcast_key: Integers
    channel_key: Integers
    category_key: Integers
    at_s: Integers
    viewers: Integers
    cadence_s: Integers
    started_ms: Integers
    ended_ms: Integers
    language: Integers
    """Index in `languages`."""
    languages: Sequence[str]


class BroadcastBounds(NamedTuple):
    """What is on record of a broadcast that may have a row in the day: where it begins and ends."""

    broadcast_key: int
    channel_key: int
    started_ms: int | None
    ended_ms: int | None
    """The end that the site tells; not one that was inferred."""
    first_s: int
    last_s: int
    language_before: str | None
    """Its language in the day before; None where it has no row there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayObject:
    """An object of snapshots that holds some of the day and the hours beside it."""

    object_key: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRecord:
    """What stands on record of one platform's day, but for its rows."""

    day: ZoneDay
    raw_age: timedelta
    waits: bool
    """It, or an hour that it is merged from, is marked to be rolled up again."""
    objects: Sequence[DayObject]
    """By age: those of one life of the topic come before those of the next."""
    lives: Mapping[str, int]
    """The number of each life of the topic by its id, in the order in which they began to land."""


class Difference(NamedTuple):
    """A row that is not as it should be; None stands for one that is not there."""

    key: Row
    kept: Row | None
    recomputed: Row | None


@dataclass(slots=True)
class TableReport:
    """What became of one table."""

    table: DayTable
    equal: int = 0
    different: Counter[str] = field(default_factory=Counter)
    """Rows by what is wrong: "missing", "too many", or the first column that differs."""
    shown: list[Difference] = field(default_factory=list)

    @property
    def is_equal(self) -> bool:
        """Tell whether every row is as it should be."""
        return not self.different

    def note(self, key: Row, kept: Row | None, recomputed: Row | None) -> None:
        """Count one row."""
        if kept == recomputed:
            self.equal += 1
            return
        self.different[self._name(kept, recomputed)] += 1
        if len(self.shown) < MOST_SHOWN:
            self.shown.append(Difference(key, kept, recomputed))

    def _name(self, kept: Row | None, recomputed: Row | None) -> str:
        if kept is None or recomputed is None:
            return "missing" if kept is None else "too many"
        names = zip(self.table.numbers, kept, recomputed, strict=True)
        return next(name for name, one, other in names if one != other)


def compare_rows(table: DayTable, kept: Iterable[Row], recomputed: Iterable[Row]) -> TableReport:
    """Return how rows compare; both are in the order of their keys, and no more than one of each is in memory."""
    report = TableReport(table)
    width = len(table.key)
    ours, theirs = iter(kept), iter(recomputed)
    one, other = next(ours, None), next(theirs, None)
    while one is not None or other is not None:
        keys = [row[:width] for row in (one, other) if row is not None]
        key = min(keys)
        mine = one[width:] if one is not None and one[:width] == key else None
        yours = other[width:] if other is not None and other[:width] == key else None
        report.note(key, mine, yours)
        one = next(ours, None) if mine is not None else one
        other = next(theirs, None) if yours is not None else other
    return report
