"""Weeks and months, read from their days: nothing of them is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from psycopg import Connection

from airtide.domain.models import Platform
from airtide.warehouse.queries.fetch import fetch_row, fetch_rows


class SpanKind(StrEnum):
    """How many days are told together."""

    DAY = "day"
    WEEK = "week"
    """Monday to Sunday."""
    MONTH = "month"
    """Of the calendar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySpan:
    """Days of a zone that follow one another, the last one included."""

    zone: str
    first_day: date
    last_day: date

    def parameters(self) -> dict[str, object]:
        """Return the bound parameters of a statement over these days."""
        return {"zone": self.zone, "first_day": self.first_day, "last_day": self.last_day}


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanState:
    """Whether a span's numbers may still change."""

    day: date
    """The first."""
    days: int
    """Days that the calendar has: a date that the zone skipped is none."""
    starts_at: datetime | None
    """None, like `ends_at`, where the calendar has none of its days."""
    ends_at: datetime | None
    computed_at: datetime | None
    """When the latest of its days was; None, like `definitions_version`, where none has been rolled up."""
    definitions_version: int | None
    """The oldest that any of its days was computed under."""
    is_open: bool
    """Its last day has not ended."""
    is_provisional: bool
    """One of its days may: it is open or ended less than 60 minutes ago, waits for a roll-up, or is blocked."""
    blocked_platforms: Sequence[str]
    """Platforms of which a quality check does not let all days pass as final."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformSpan:
    """One platform over a span."""

    platform: str
    days: int
    """Days with a row."""
    active_channels: int
    hours_watched: float
    average_viewers: float | None
    peak_viewers: int | None
    peak_at: datetime | None
    peak_concurrent: int | None
    peak_concurrent_at: datetime | None
    airtime_hours: float
    coverage: float | None
    known_share: float | None
    top_10_share: float | None
    """Of the hours watched, what the 10 channels hold that have most of them in the span."""
    top_100_share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSpan:
    """One channel over a span."""

    days: int
    """Days with a row."""
    broadcasts: int
    hours_watched: float
    average_viewers: float | None
    peak_viewers: int | None
    peak_at: datetime | None
    airtime_hours: float
    coverage: float | None
    known_share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CategorySpan:
    """One category of one platform over a span; a hole has no category, so there is no coverage."""

    platform: str
    category_key: int
    category_name: str | None
    days: int
    """Days with a row."""
    hours_watched: float
    average_viewers: float | None
    peak_viewers: int | None
    peak_at: datetime | None
    peak_concurrent: int | None
    peak_concurrent_at: datetime | None
    airtime_hours: float
    known_share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageSpan:
    """One language of one platform over a span."""

    platform: str
    language: str
    """Empty when none was told."""
    days: int
    """Days with a row."""
    hours_watched: float
    average_viewers: float | None
    peak_viewers: int | None
    peak_at: datetime | None
    airtime_hours: float
    coverage: float | None
    known_share: float | None


def find_week(zone: str, day: date) -> DaySpan:
    """Return the week that holds `day`, Monday to Sunday."""
    monday = day - timedelta(days=day.weekday())
    return DaySpan(zone=zone, first_day=monday, last_day=monday + timedelta(days=6))


def find_month(zone: str, day: date) -> DaySpan:
    """Return the month of the calendar that holds `day`."""
    first_day = day.replace(day=1)
    following = (first_day + timedelta(days=31)).replace(day=1)
    return DaySpan(zone=zone, first_day=first_day, last_day=following - timedelta(days=1))


def find_span(kind: SpanKind, zone: str, day: date) -> DaySpan:
    """Return the day, or the week or month that holds it."""
    if kind is SpanKind.DAY:
        return DaySpan(zone=zone, first_day=day, last_day=day)
    return find_week(zone, day) if kind is SpanKind.WEEK else find_month(zone, day)


def read_span_state(connection: Connection[Any], span: DaySpan, *, now: datetime) -> SpanState:
    """Read whether the numbers of a span may still change, as it stands at `now`; days the calendar lacks may come."""
    (state,) = fetch_rows(connection, "read_span_state", SpanState, {**span.parameters(), "now": now})
    return state


def read_platform_spans(
    connection: Connection[Any], span: DaySpan, *, platforms: Sequence[Platform]
) -> list[PlatformSpan]:
    """Read those of `platforms` that have rows in a span, in the order of the platforms' enum."""
    return fetch_rows(connection, "read_platform_spans", PlatformSpan, {**span.parameters(), "platforms": [*platforms]})


def read_channel_span(connection: Connection[Any], span: DaySpan, *, channel_key: int) -> ChannelSpan | None:
    """Read one channel in a span; None when it has no row there."""
    return fetch_row(connection, "read_channel_span", ChannelSpan, {**span.parameters(), "channel_key": channel_key})


def read_category_spans(
    connection: Connection[Any], span: DaySpan, *, platforms: Sequence[Platform], limit: int
) -> list[CategorySpan]:
    """Read the `limit` most watched categories of `platforms` in a span."""
    asked = {**span.parameters(), "platforms": [*platforms], "limit": limit}
    return fetch_rows(connection, "read_category_spans", CategorySpan, asked)


def read_language_spans(
    connection: Connection[Any], span: DaySpan, *, platforms: Sequence[Platform], limit: int
) -> list[LanguageSpan]:
    """Read the `limit` most watched languages of `platforms` in a span."""
    asked = {**span.parameters(), "platforms": [*platforms], "limit": limit}
    return fetch_rows(connection, "read_language_spans", LanguageSpan, asked)
