"""What is computed again by hand, and what a backfill of a roll-up marks before it takes what waits."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from airflow.sdk.api.datamodels._generated import DagRunType

from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform
from airtide.settings import POLLED_PLATFORMS, load_settings
from airtide.wiring import recomputing

NOW = datetime(2026, 3, 9, 12, 40, tzinfo=UTC)
PARAMS = {"platform": "soop", "first_day": "2026-02-27", "last_day": "2026-03-01", "dry_run": False}


class FakeAdapters:
    """Adapters that reach nothing."""

    settings = load_settings()
    clock = SimpleNamespace(now=lambda: NOW)

    def __enter__(self) -> FakeAdapters:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    @contextmanager
    def connect_rollup(self):
        yield FakeConnection()


class FakeConnection:
    """A connection that tells whether what was written in its transaction stays."""

    keeps: ClassVar[list[bool]] = []

    @contextmanager
    def transaction(self, *, force_rollback: bool):
        yield
        self.keeps.append(not force_rollback)


@pytest.fixture(autouse=True)
def calls(monkeypatch) -> dict[str, list[Any]]:
    """What the warehouse was asked, by name; it knows of three days, one of them sealed."""
    monkeypatch.setattr(recomputing, "Adapters", lambda _connections: FakeAdapters())
    monkeypatch.setattr(FakeConnection, "keeps", [])
    days = [SimpleNamespace(is_sealed=sealed) for sealed in (True, False, False)]
    answers = {
        "rollups.again.find_days": days,
        "rollups.again.find_days_ending": days[1:],
        "rollups.again.mark_days": None,
        "rollups.again.mark_hour": None,
        "rollups.again.recompute_days": {"sealed_days": 1, "days": 2},
        "zone_days.ensure_calendar": None,
    }
    made: dict[str, list[Any]] = {}

    def stand_in(name: str, answer: object) -> None:
        def call(_connection: object, *arguments: object, **named: object) -> object:
            made.setdefault(name.rpartition(".")[2], []).append((arguments, named))
            return answer

        monkeypatch.setattr(f"airtide.warehouse.{name}", call)

    for name, answer in answers.items():
        stand_in(name, answer)
    return made


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"last_day": "2026-02-26"}, "lies before the first"),
        ({"first_day": "yesterday"}, "a day is written YYYY-MM-DD"),
    ],
    ids=["before the first", "no day"],
)
def test_days_that_cannot_be_meant_are_refused_in_a_sentence(calls, changed, says):
    with pytest.raises(MisconfiguredError, match=says):
        recomputing.recompute_by_params({**PARAMS, **changed})
    assert calls == {}


def test_a_dry_run_counts_and_computes_nothing(calls):
    told = recomputing.recompute_by_params({**PARAMS, "dry_run": True})
    assert told == {"dry_run": True, "days": 2, "sealed_days": 1}
    assert set(calls) == {"ensure_calendar", "find_days"}
    assert FakeConnection.keeps == [False]


@pytest.mark.parametrize("platform", [None, "soop"])
def test_the_days_and_sites_of_the_params_are_computed(calls, platform):
    told = recomputing.recompute_by_params({**PARAMS, "platform": platform})
    [((platforms, zones), named)] = calls["find_days"]
    assert list(platforms) == ([Platform.SOOP] if platform else list(POLLED_PLATFORMS))
    assert zones == FakeAdapters.settings.trends.zones
    assert named == {"first_day": date(2026, 2, 27), "last_day": date(2026, 3, 1), "now": NOW}
    assert len(calls["recompute_days"]) == 1
    assert FakeConnection.keeps == [True]
    assert json.loads(json.dumps(told)) == {"dry_run": False, "days": 2, "sealed_days": 1}


def run_of(run_type: DagRunType, logical_date: datetime | None = NOW) -> Any:
    return SimpleNamespace(run_type=run_type, logical_date=logical_date)


@pytest.mark.parametrize("run_type", [kind for kind in DagRunType if kind is not DagRunType.BACKFILL])
def test_a_run_that_no_backfill_made_marks_nothing_cleared_or_not(calls, run_type):
    for logical_date in (NOW, None):
        recomputing.mark_backfilled_hour(run_of(run_type, logical_date))
        recomputing.mark_backfilled_days(run_of(run_type, logical_date))
    assert calls == {}


def test_a_run_of_a_backfill_marks_what_it_closed_when_it_was_due(calls):
    recomputing.mark_backfilled_hour(run_of(DagRunType.BACKFILL))
    recomputing.mark_backfilled_days(run_of(DagRunType.BACKFILL))
    noon = NOW.replace(minute=0)
    assert calls["mark_hour"] == [((POLLED_PLATFORMS, noon - timedelta(hours=1)), {"now": NOW})]
    [((_, _, ends_at, now), _)] = calls["find_days_ending"]
    assert (ends_at, now) == (noon - timedelta(hours=1), NOW)
    [((days,), _)] = calls["mark_days"]
    assert len(days) == 2
