"""Which numbers a landing makes stale, no more and no less: what the roll-ups must redo after it.

A sample's cell reaches at most one hour to either side, and a new sample changes at most its two neighbours' cells.
So a sample at t spoils the state of its hour, the hourly tables of that hour and the two beside it, and the days
within an hour of t. What a broadcast's bounds decide beyond that is named by `find_dirty_by_bounds`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from airtide.domain.periods import HOUR_MS, ZoneDay, days_touching, floor_to_hour, hours_touching


@dataclass(frozen=True, slots=True, kw_only=True)
class Dirty:
    """What to redo on one platform; `|` joins two."""

    state_hours: frozenset[int] = frozenset()
    """Starts of the hours whose states are stale; always among `hours`."""
    hours: frozenset[int] = frozenset()
    """Starts of the hours whose hourly tables are stale."""
    days: frozenset[ZoneDay] = frozenset()

    def __or__(self, other: Dirty) -> Dirty:
        return Dirty(
            state_hours=self.state_hours | other.state_hours,
            hours=self.hours | other.hours,
            days=self.days | other.days,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownBounds:
    """What the warehouse knows of a broadcast's ends at one moment; all None before anything of it has landed."""

    started_at_ms: int | None = field(default=None)
    """S"""
    ended_at_ms: int | None = field(default=None)
    """E, told by the site; an inferred end is left out."""
    first_sampled_at_ms: int | None = field(default=None)
    """t₁"""
    last_sampled_at_ms: int | None = field(default=None)
    """tₙ"""


def find_dirty_by_samples(sampled_at_ms: Iterable[int], zone_days: Collection[ZoneDay]) -> Dirty:
    """Return what samples at these instants make stale, among the days of all zones in use."""
    dirty = Dirty()
    for instant_ms in set(sampled_at_ms):
        dirty |= Dirty(state_hours=frozenset({floor_to_hour(instant_ms)})) | _within_an_hour(
            instant_ms, instant_ms, zone_days
        )
    return dirty


def find_dirty_by_bounds(before: KnownBounds, after: KnownBounds, zone_days: Collection[ZoneDay]) -> Dirty:
    """Return what a change of a broadcast's S, E, first or last sample makes stale, besides its new samples.

    - The hourly tables of the hour of t₁, old and new, and of the hours beside it, when S or t₁ changed; likewise of tₙ
      when E or tₙ changed. The days within an hour of these. (A running broadcast's tₙ moves with every landing: the
      hours of its t₁ must not be redone each time.)
    - Every day between the old and the new t₁, and between the old and the new L₁: rows of days that are all hole come
      and go there, and live time changes. Nothing between the old and the new L₀: days before l₁ have no row, so that
      one broadcast which began years ago spoils no day but that of its first sample.
    - Where samples were taken at or after an E that changed, the peak concurrent of their hours and of the hours
      beside them: such samples are counted in it or not by E.
    - States never: they hold nothing of S and E.
    """
    if before == after or after.first_sampled_at_ms is None or after.last_sampled_at_ms is None:
        return Dirty()
    dirty = Dirty()
    ends: set[int | None] = set()
    if (before.started_at_ms, before.first_sampled_at_ms) != (after.started_at_ms, after.first_sampled_at_ms):
        ends |= {before.first_sampled_at_ms, after.first_sampled_at_ms}
    if (before.ended_at_ms, before.last_sampled_at_ms) != (after.ended_at_ms, after.last_sampled_at_ms):
        ends |= {before.last_sampled_at_ms, after.last_sampled_at_ms}
    for instant_ms in (end for end in ends if end is not None):
        dirty |= _within_an_hour(instant_ms, instant_ms, zone_days)
    for from_ms, to_ms in _spans_of_rows(before, after):
        dirty |= Dirty(days=days_touching(zone_days, from_ms, to_ms))
    return dirty | _between_ends(before, after, zone_days)


def _spans_of_rows(before: KnownBounds, after: KnownBounds) -> Iterable[tuple[int, int]]:
    """Yield the closed stretches between old and new t₁ and L₁; of a broadcast that is new, all from t₁ to L₁.

    Where E is unknown, tₙ stands in for L₁: they lie within an hour of each other.
    """
    old_rows, new_rows = _rows_of(before), _rows_of(after)
    if not old_rows:
        yield min(new_rows), max(new_rows)
        return
    for old_ms, new_ms in zip(old_rows, new_rows, strict=True):
        if old_ms != new_ms:
            yield min(old_ms, new_ms), max(old_ms, new_ms)


def _rows_of(bounds: KnownBounds) -> tuple[int, ...]:
    first_ms, last_ms = bounds.first_sampled_at_ms, bounds.last_sampled_at_ms
    if first_ms is None or last_ms is None:
        return ()
    return first_ms, last_ms if bounds.ended_at_ms is None else max(bounds.ended_at_ms, last_ms)


def _between_ends(before: KnownBounds, after: KnownBounds, zone_days: Collection[ZoneDay]) -> Dirty:
    first_ms, last_ms = after.first_sampled_at_ms, after.last_sampled_at_ms
    if before.ended_at_ms == after.ended_at_ms or first_ms is None or last_ms is None:
        return Dirty()
    told = [end for end in (before.ended_at_ms, after.ended_at_ms) if end is not None]
    from_ms = max(min(told), first_ms)
    until_ms = last_ms if None in (before.ended_at_ms, after.ended_at_ms) else min(max(told), last_ms)
    return _within_an_hour(from_ms, until_ms, zone_days) if from_ms <= until_ms else Dirty()


def _within_an_hour(from_ms: int, to_ms: int, zone_days: Collection[ZoneDay]) -> Dirty:
    """Return the hours that meet [from_ms, to_ms], the one before and the one after, and the days within an hour."""
    return Dirty(
        hours=frozenset(hours_touching(from_ms - HOUR_MS, to_ms + HOUR_MS)),
        days=days_touching(zone_days, from_ms - HOUR_MS, to_ms + HOUR_MS),
    )
