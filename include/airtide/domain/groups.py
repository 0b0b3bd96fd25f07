"""What is told of the categories and languages of a platform, and how much of it its largest channels hold.

All of them are sums over broadcasts; how many were watching at once is in `concurrency.find_peak_concurrent`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import nlargest

from airtide.domain.cells import ObservedBroadcast
from airtide.domain.periods import Period
from airtide.domain.viewership import (
    DayMeasures,
    Measures,
    find_language,
    measure,
    measure_by_category,
    measure_day,
    sum_days,
    sum_measures,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryMeasures:
    """One category in a period. A hole has no category, so there is no live time."""

    broadcasts: int
    """Those with a sample or a part of a cell of this category inside."""
    active_channels: int
    """Those with a sample of this category taken inside."""
    measures: Measures


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageDay:
    """One language in a day."""

    broadcasts: int
    """Those that have a row in the day and count for this language there."""
    active_channels: int
    """Those with a sample of these broadcasts taken inside."""
    row: DayMeasures


def measure_categories(broadcasts: Iterable[ObservedBroadcast], period: Period) -> dict[int, CategoryMeasures]:
    """Return the row of every category that has one in an hour or a day, by category key."""
    parts: defaultdict[int, list[tuple[int, Measures]]] = defaultdict(list)
    for broadcast in broadcasts:
        for category_key, numbers in measure_by_category(broadcast, period).items():
            parts[category_key].append((broadcast.channel_key, numbers))
    return {
        category_key: CategoryMeasures(
            broadcasts=len(own),
            active_channels=len({channel_key for channel_key, numbers in own if numbers.samples}),
            measures=sum_measures(numbers for _, numbers in own),
        )
        for category_key, own in parts.items()
    }


def measure_languages(broadcasts: Iterable[ObservedBroadcast], day: Period) -> dict[str, LanguageDay]:
    """Return the row of every language that has one in a day.

    A broadcast counts as a whole for the language that `find_language` gives it there.
    """
    parts: defaultdict[str, list[tuple[int, DayMeasures]]] = defaultdict(list)
    for broadcast in broadcasts:
        row = measure_day(broadcast, day)
        if row is not None:
            parts[find_language(broadcast, day)].append((broadcast.channel_key, row))
    languages = {}
    for language, own in parts.items():
        total = sum_days(row for _, row in own)
        if total is not None:
            active = {channel_key for channel_key, row in own if row.measures.samples}
            languages[language] = LanguageDay(broadcasts=len(own), active_channels=len(active), row=total)
    return languages


def sum_top_channels(broadcasts: Iterable[ObservedBroadcast], period: Period, channels: int) -> int:
    """Return the viewer_ms of those `channels` channels together that have the most of it in a period."""
    by_channel: defaultdict[int, int] = defaultdict(int)
    for broadcast in broadcasts:
        by_channel[broadcast.channel_key] += measure(broadcast, period).viewer_ms
    return sum(nlargest(channels, by_channel.values()))
