"""Figures of polls, landings and captures as Airflow's metrics: StatsD or OpenTelemetry; none where they are off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airtide.domain.lags import CaptureFigures, LandingFigures
from airtide.domain.models import Platform


def tell_sweep(platform: Platform, outcome: Mapping[str, Any]) -> None:
    """Count a sweep that was published by its outcome, and set the gauges of what it held."""
    from airflow.sdk.observability import stats

    tags = {"platform": platform.value}
    stats.incr("airtide.poll.sweeps", tags={**tags, "outcome": outcome["outcome"]})
    stats.gauge("airtide.poll.snapshots", outcome["snapshots"], tags=tags)
    stats.gauge("airtide.poll.pages", outcome["pages"], tags=tags)


def tell_landing(figures: LandingFigures) -> None:
    """Set the gauges of one platform, and those of its topic partitions; count the run as landed or failed.

    Platform, topic and partition are tags: a plain StatsD server, which knows none, sees the last one told.
    """
    from airflow.sdk.observability import stats

    tags = {"platform": figures.platform.value}
    stats.incr("airtide.landing.failures" if figures.error else "airtide.landing.runs", tags=tags)
    if figures.batches:
        stats.gauge("airtide.landing.batch_messages", figures.messages / figures.batches, tags=tags)
        stats.incr("airtide.landing.samples", figures.samples, tags=tags)
    if figures.messages_per_s is not None:
        stats.gauge("airtide.landing.messages_per_s", figures.messages_per_s, tags=tags)
    for lag in figures.lags or ():
        place = {**tags, "topic": lag.topic, "partition": str(lag.topic_partition)}
        stats.gauge("airtide.landing.lag_messages", lag.lag, tags=place)
        stats.gauge("airtide.landing.lag_s", lag.count_seconds(figures.at), tags=place)


def tell_capture(figures: CaptureFigures) -> None:
    """Set the gauges of one platform's topic partitions; count its pictures, and the run as done or failed."""
    from airflow.sdk.observability import stats

    tags = {"platform": figures.platform.value}
    stats.incr("airtide.capture.failures" if figures.error else "airtide.capture.runs", tags=tags)
    stats.incr("airtide.capture.pictures", figures.pictures, tags=tags)
    for lag in figures.lags or ():
        place = {**tags, "topic": lag.topic, "partition": str(lag.topic_partition)}
        stats.gauge("airtide.capture.lag_messages", lag.lag, tags=place)
        stats.gauge("airtide.capture.lag_s", lag.count_seconds(figures.at), tags=place)
