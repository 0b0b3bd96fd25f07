"""Figures as Airflow's metrics."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from airflow.sdk.observability import stats
from tests.fakes.observations import TICK

from airtide.domain.lags import CaptureFigures, LandingFigures, PartitionLag
from airtide.domain.models import Platform
from airtide.wiring.metrics import tell_capture, tell_landing, tell_sweep

LAG = PartitionLag(
    topic="airtide.snapshots.soop.v1",
    topic_partition=2,
    low_offset=0,
    next_offset=3,
    end_offset=10,
    waiting_since=TICK - timedelta(seconds=90),
)
FIGURES = LandingFigures(platform=Platform.SOOP, at=TICK, seconds=2.5, batches=2, messages=500, samples=400, lags=[LAG])

SWEEP = {"outcome": "partial", "snapshots": 700, "pages": 12}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[float, dict[str, str]]]:
    """What was told, by name: the value and its tags."""
    sent = {}

    def take(name: str, value: float = 1, *, tags: dict[str, str]) -> None:
        sent[name.removeprefix("airtide.").removeprefix("landing.")] = (value, tags)

    monkeypatch.setattr(stats, "gauge", take)
    monkeypatch.setattr(stats, "incr", take)
    return sent


def test_figures_where_metrics_are_off_go_nowhere_and_fail_nothing():
    tell_landing(FIGURES)
    tell_sweep(Platform.SOOP, SWEEP)


def test_a_sweep_counts_by_its_outcome_and_tells_what_it_held(sent):
    tell_sweep(Platform.SOOP, SWEEP)
    assert sent == {
        "poll.sweeps": (1, {"platform": "soop", "outcome": "partial"}),
        "poll.snapshots": (700, {"platform": "soop"}),
        "poll.pages": (12, {"platform": "soop"}),
    }


def test_a_failed_run_counts_as_one_and_still_tells_what_waits(sent):
    tell_landing(replace(FIGURES, batches=0, messages=0, samples=0, error="bad"))
    assert sorted(sent) == ["failures", "lag_messages", "lag_s"]


def test_a_run_tells_rate_size_and_the_lag_of_each_partition(sent):
    tell_landing(FIGURES)
    soop = {"platform": "soop"}
    place = {**soop, "topic": "airtide.snapshots.soop.v1", "partition": "2"}
    assert sent == {
        "runs": (1, soop),
        "samples": (400, soop),
        "batch_messages": (250, soop),
        "messages_per_s": (200, soop),
        "lag_messages": (7, place),
        "lag_s": (90, place),
    }


def test_lag_that_nobody_measured_is_not_told_as_none_waiting(sent):
    tell_landing(replace(FIGURES, lags=None))
    assert "lag_messages" not in sent


@pytest.mark.parametrize(("error", "counted"), [(None, "capture.runs"), ("down", "capture.failures")])
def test_a_capture_is_counted_and_tells_its_lag(sent, error, counted):
    tell_capture(CaptureFigures(platform=Platform.SOOP, at=TICK, pictures=7, lags=[LAG], error=error))
    place = {"platform": "soop", "topic": LAG.topic, "partition": "2"}
    assert sent == {
        counted: (1, {"platform": "soop"}),
        "capture.pictures": (7, {"platform": "soop"}),
        "capture.lag_messages": (7, place),
        "capture.lag_s": (90, place),
    }
