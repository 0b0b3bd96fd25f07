"""What `airtide rebuild` hands on and prints."""

from __future__ import annotations

from datetime import date

import pytest
from tests.unit.local.test_verify import own_home, run

from airtide.domain.models import Platform

__all__ = ["own_home"]  # a fixture of the suite of `airtide verify`


@pytest.mark.parametrize("is_written", [False, True], ids=["counted", "written"])
def test_days_are_only_counted_unless_they_are_to_be_written(monkeypatch, capsys, is_written):
    asked = []

    def rebuild(platform, first_day, last_day, _adapters, *, dry_run):
        asked.append((platform, first_day, last_day, dry_run))
        return {"objects": 3, "broken": ["a", "b"]}

    monkeypatch.setattr("airtide.wiring.housekeeping.rebuild_range", rebuild)
    days = ("--from", "2026-02-27", "--to", "2026-03-01")
    assert run(monkeypatch, "rebuild", "soop", *days, *(["--no-dry-run"] if is_written else [])) == 0
    assert asked == [(Platform.SOOP, date(2026, 2, 27), date(2026, 3, 1), not is_written)]
    told = capsys.readouterr().out
    assert told.startswith("objects: 3\nbroken: a, b\n")
    assert ("nothing was written: pause land_soop" in told) is not is_written


def test_one_day_is_the_first_and_the_last(monkeypatch):
    asked = []
    monkeypatch.setattr(
        "airtide.wiring.housekeeping.rebuild_range", lambda _platform, *days, **_named: asked.append(days[:2]) or {}
    )
    assert run(monkeypatch, "rebuild", "kick", "--from", "2026-02-27") == 0
    assert asked == [(date(2026, 2, 27), date(2026, 2, 27))]


def test_days_in_the_wrong_order_are_one_sentence(monkeypatch, capsys):
    assert run(monkeypatch, "rebuild", "kick", "--from", "2026-02-27", "--to", "2026-02-26") == 1
    told = capsys.readouterr().err
    assert "lies before the first" in told
    assert "Traceback" not in told
