"""What the tasks of the housekeeping Dags hand to their use cases, and what they tell of the outcome."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform
from airtide.domain.rebuilding import RebuildOutcome
from airtide.domain.retention import Expired, ExpiredPictures
from airtide.pipeline.compact import CompactionOutcome
from airtide.settings import POLLED_PLATFORMS, load_settings
from airtide.wiring import airflow_upkeep, housekeeping_tasks

NOW = datetime(2026, 3, 9, 4, 50, tzinfo=UTC)
PARAMS = {"platform": "soop", "first_day": "2026-02-27", "last_day": "2026-03-01", "dry_run": False}


class FakeAdapters:
    """Adapters that reach nothing."""

    settings = load_settings()
    clock = SimpleNamespace(now=lambda: NOW)
    store = silences = picture_shelf = None
    connections = SimpleNamespace(postgres_address=lambda: None, airflow_database_url=lambda: "postgresql://airflow")

    def __enter__(self) -> FakeAdapters:
        return self

    def __exit__(self, *_error: object) -> None:
        pass


@pytest.fixture(autouse=True)
def adapters(monkeypatch) -> None:
    monkeypatch.setattr(housekeeping_tasks, "Adapters", lambda _connections: FakeAdapters())


@pytest.fixture
def answer(monkeypatch):
    """Let a use case answer, and return what it will have been called with."""

    def stand_in(name: str, outcome: object) -> list[tuple[Any, dict[str, Any]]]:
        calls: list[tuple[Any, dict[str, Any]]] = []

        def use_case(*arguments: object, **named: object) -> object:
            calls.append((arguments, named))
            return outcome

        monkeypatch.setattr(name, use_case)
        return calls

    return stand_in


def test_days_are_compacted_as_the_settings_say_and_counted(answer):
    calls = answer("airtide.pipeline.compact.compact_lake", CompactionOutcome(objects_before=288, objects_after=2))
    told = housekeeping_tasks.compact_lake()
    assert (told["objects_before"], told["objects_after"]) == (288, 2)
    [((platforms,), named)] = calls
    assert (platforms, named["closed_after"]) == (POLLED_PLATFORMS, timedelta(hours=2))
    assert json.loads(json.dumps(told)) == told


def test_a_compaction_with_nothing_to_do_is_skipped_and_an_overtaken_one_is_not(answer):
    answer("airtide.pipeline.compact.compact_lake", CompactionOutcome())
    with pytest.raises(AirflowSkipException, match=r"^every closed day is one object$"):
        housekeeping_tasks.compact_lake()
    answer("airtide.pipeline.compact.compact_lake", CompactionOutcome(overtaken=1))
    assert housekeeping_tasks.compact_lake()["overtaken"] == 1


@pytest.mark.parametrize("dry_run", [True, False])
def test_retention_counts_or_removes_as_the_param_says(answer, dry_run):
    calls = answer("airtide.pipeline.retain.enforce_retention", Expired(leaves=3))
    on_pictures = answer("airtide.pipeline.retain_pictures.retain_pictures", ExpiredPictures(pictures=4))
    told = housekeeping_tasks.enforce_retention(dry_run=dry_run)
    assert (told["leaves"], told["pictures"], told["dry_run"]) == (3, 4, dry_run)
    for [((platforms,), named)] in (calls, on_pictures):
        assert (platforms, named["dry_run"]) == (POLLED_PLATFORMS, dry_run)


@pytest.mark.parametrize("dry_run", [True, False])
def test_all_days_of_a_rebuild_and_the_site_reach_it(answer, dry_run):
    calls = answer("airtide.pipeline.rebuild.rebuild_range", RebuildOutcome(objects=2, broken=["one"]))
    told = housekeeping_tasks.rebuild_range({**PARAMS, "dry_run": dry_run})
    [((platform, days), named)] = calls
    assert (platform, named["dry_run"]) == (Platform.SOOP, dry_run)
    assert days == [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1)]
    assert (told["objects"], told["broken"]) == (2, ["one"])
    assert json.loads(json.dumps(told)) == told


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"last_day": "2026-02-26"}, "lies before the first"),
        ({"first_day": "yesterday"}, "a day is written YYYY-MM-DD"),
    ],
    ids=["before the first", "no day"],
)
def test_days_that_cannot_be_meant_are_refused_in_a_sentence(answer, changed, says):
    calls = answer("airtide.pipeline.rebuild.rebuild_range", RebuildOutcome())
    with pytest.raises(MisconfiguredError, match=says):
        housekeeping_tasks.rebuild_range({**PARAMS, **changed})
    assert calls == []


def test_runs_and_logs_go_by_the_age_of_the_settings(monkeypatch):
    seen = []
    monkeypatch.setattr(airflow_upkeep, "remove_runs", lambda url, *, before: seen.append((url, before)))
    monkeypatch.setattr(airflow_upkeep, "remove_logs", lambda _folder, *, before: seen.append(before) or (5, 70))
    told = housekeeping_tasks.maintain_airflow()
    before = NOW - timedelta(days=7)
    assert seen == [("postgresql://airflow", before), before]
    assert told == {"before": before.isoformat(), "log_files": 5, "log_bytes": 70}
