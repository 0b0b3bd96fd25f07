"""What the task that observes hands to the warehouse, and what it tells."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from airtide.domain.errors import PartUnreachable
from airtide.domain.quality import CheckedHours
from airtide.settings import load_settings
from airtide.wiring import quality

NOW = datetime(2026, 3, 9, 12, 40, tzinfo=UTC)


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
        yield "rollup"


@pytest.fixture(autouse=True)
def adapters(monkeypatch) -> None:
    monkeypatch.setattr(quality, "Adapters", lambda _connections: FakeAdapters())


def test_a_warehouse_that_is_down_fails_the_task(monkeypatch):
    def fail(*_arguments, **_named):
        raise PartUnreachable("PostgreSQL does not answer")

    monkeypatch.setattr("airtide.warehouse.quality.check_hours", fail)
    with pytest.raises(PartUnreachable):
        quality.observe_hours(hours=48)


def test_hours_are_observed_as_the_settings_say_and_counted_for_xcom(monkeypatch):
    asked = []

    def check(connection, bounds, **named):
        asked.append((connection, bounds, named))
        return CheckedHours(hours=2, observations=16, warnings=1)

    monkeypatch.setattr("airtide.warehouse.quality.check_hours", check)
    outcome = quality.observe_hours(hours=48)

    assert asked == [("rollup", FakeAdapters.settings.quality.bounds, {"now": NOW, "hours": 48})]
    assert json.loads(json.dumps(outcome)) == {"hours": 2, "observations": 16, "warnings": 1, "blocks": 0, "expired": 0}
