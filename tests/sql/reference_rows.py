"""The rows that every rollup table should hold, computed from nothing by the plain arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airtide.domain.cells import ObservedBroadcast, cells
from airtide.domain.concurrency import find_peak_concurrent
from airtide.domain.groups import measure_categories, measure_languages, sum_top_channels
from airtide.domain.periods import HOUR_MS, Period, ZoneDay, hours_touching
from airtide.domain.states import hour_states
from airtide.domain.viewership import (
    DayMeasures,
    Measures,
    count_active_channels,
    find_language,
    measure,
    measure_by_category,
    measure_day,
    sum_days,
    sum_measures,
)

Rows = dict[tuple[Any, ...], dict[str, Any]]
"""Numbers by key; instants are epoch milliseconds."""


def tell_measures(numbers: Measures) -> dict[str, Any]:
    return {
        "samples": numbers.samples,
        "known_samples": numbers.known_samples,
        "airtime_ms": numbers.airtime_ms,
        "known_airtime_ms": numbers.known_airtime_ms,
        "viewer_ms": numbers.viewer_ms,
        "peak_viewers": numbers.peak_viewers,
        "peak_at": numbers.peak_at_ms,
    }


def tell_day(row: DayMeasures) -> dict[str, Any]:
    return {**tell_measures(row.measures), "live_ms": row.live_ms}


def tell_concurrent(
    broadcasts: Sequence[ObservedBroadcast], period: Period, category_key: int | None = None
) -> dict[str, Any]:
    peak = find_peak_concurrent(broadcasts, period, category_key=category_key)
    return {
        "peak_concurrent": peak and peak.viewers,
        "peak_concurrent_at": peak and peak.at_ms,
        "peak_concurrent_hidden": peak and peak.hidden_broadcasts,
    }


def broadcast_hours(platform: str, broadcasts: Sequence[ObservedBroadcast]) -> Rows:
    return {
        (platform, state.hour_ms, broadcast.broadcast_key, state.category_key): {
            **tell_measures(state.inner),
            "first_at": state.first.sampled_at_ms,
            "first_viewers": state.first.viewers,
            "first_cadence_s": state.first.cadence_s,
            "first_language": state.first.language,
            "last_at": state.last.sampled_at_ms,
            "last_viewers": state.last.viewers,
            "last_cadence_s": state.last.cadence_s,
            "last_language": state.last.language,
        }
        for broadcast in broadcasts
        for state in hour_states(broadcast.samples)
    }


def hours_reached(broadcasts: Sequence[ObservedBroadcast]) -> list[Period]:
    starts = {
        start
        for broadcast in broadcasts
        for cell in cells(broadcast)
        for start in hours_touching(cell.start_ms, cell.end_ms)
    }
    return [Period(start, start + HOUR_MS) for start in sorted(starts)]


def platform_hours(platform: str, broadcasts: Sequence[ObservedBroadcast]) -> Rows:
    rows: Rows = {}
    for hour in hours_reached(broadcasts):
        parts = [part for broadcast in broadcasts if not (part := measure(broadcast, hour)).is_empty]
        if parts:
            rows[platform, hour.start_ms] = {
                "broadcasts": len(parts),
                "active_channels": count_active_channels(broadcasts, hour),
                **tell_measures(sum_measures(parts)),
                **tell_concurrent(broadcasts, hour),
            }
    return rows


def tell_categories(broadcasts: Sequence[ObservedBroadcast], period: Period) -> dict[int, dict[str, Any]]:
    return {
        category_key: {
            "broadcasts": row.broadcasts,
            "active_channels": row.active_channels,
            **tell_measures(row.measures),
            **tell_concurrent(broadcasts, period, category_key),
        }
        for category_key, row in measure_categories(broadcasts, period).items()
    }


def category_hours(platform: str, broadcasts: Sequence[ObservedBroadcast]) -> Rows:
    return {
        (platform, hour.start_ms, category_key): row
        for hour in hours_reached(broadcasts)
        for category_key, row in tell_categories(broadcasts, hour).items()
    }


def broadcast_days(platform: str, broadcasts: Sequence[ObservedBroadcast], days: Sequence[ZoneDay]) -> Rows:
    return {
        (day.zone, day.day, platform, broadcast.broadcast_key): {
            "channel_key": broadcast.channel_key,
            "language": find_language(broadcast, day.period),
            **tell_day(row),
        }
        for day in days
        for broadcast in broadcasts
        if (row := measure_day(broadcast, day.period)) is not None
    }


def channel_days(platform: str, broadcasts: Sequence[ObservedBroadcast], days: Sequence[ZoneDay]) -> Rows:
    rows: Rows = {}
    for day in days:
        for channel_key in sorted({broadcast.channel_key for broadcast in broadcasts}):
            own = [measure_day(b, day.period) for b in broadcasts if b.channel_key == channel_key]
            total = sum_days(own)
            if total is not None:
                count = sum(row is not None for row in own)
                rows[day.zone, day.day, platform, channel_key] = {"broadcasts": count, **tell_day(total)}
    return rows


def category_days(platform: str, broadcasts: Sequence[ObservedBroadcast], days: Sequence[ZoneDay]) -> Rows:
    return {
        (day.zone, day.day, platform, category_key): row
        for day in days
        for category_key, row in tell_categories(broadcasts, day.period).items()
    }


def language_days(platform: str, broadcasts: Sequence[ObservedBroadcast], days: Sequence[ZoneDay]) -> Rows:
    return {
        (day.zone, day.day, platform, language): {
            "broadcasts": told.broadcasts,
            "active_channels": told.active_channels,
            **tell_day(told.row),
        }
        for day in days
        for language, told in measure_languages(broadcasts, day.period).items()
    }


def platform_days(platform: str, broadcasts: Sequence[ObservedBroadcast], days: Sequence[ZoneDay]) -> Rows:
    rows: Rows = {}
    for day in days:
        own = [measure_day(broadcast, day.period) for broadcast in broadcasts]
        total = sum_days(own)
        if total is not None:
            rows[day.zone, day.day, platform] = {
                "broadcasts": sum(row is not None for row in own),
                "active_channels": count_active_channels(broadcasts, day.period),
                **tell_day(total),
                "top_10_viewer_ms": sum_top_channels(broadcasts, day.period, 10),
                "top_100_viewer_ms": sum_top_channels(broadcasts, day.period, 100),
                **tell_concurrent(broadcasts, day.period),
            }
    return rows


def broadcast_category_days(platform: str, broadcasts: Sequence[ObservedBroadcast], days: Sequence[ZoneDay]) -> Rows:
    return {
        (day.zone, day.day, platform, broadcast.broadcast_key, category_key): tell_measures(numbers)
        for day in days
        for broadcast in broadcasts
        for category_key, numbers in measure_by_category(broadcast, day.period).items()
    }
