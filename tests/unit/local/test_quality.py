"""What `airtide quality` prints, and how it ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.local.test_verify import own_home, run

from airtide.domain.errors import PartUnreachable
from airtide.warehouse.queries.quality import CheckedPlatform, FailedCheck, QualityState

__all__ = ["own_home"]  # a fixture of the suite of `airtide verify`

HOUR = datetime(2026, 3, 9, 11, tzinfo=UTC)


def failure(severity: str, **values: object) -> FailedCheck:
    row = {"observed": 0.512345, "least": None, "most": 0.3, "hour": HOUR, "checked_at": HOUR + timedelta(hours=2)}
    return FailedCheck(platform="soop", check_name="unknown_share", severity=severity, **{**row, **values})


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch):
    """Let the warehouse tell of these failures."""

    def stand_in(*failures: FailedCheck, checks: int = 8) -> None:
        soop = CheckedPlatform(
            platform="soop",
            hours=1,
            last_hour=HOUR,
            checked_at=HOUR,
            checks=checks,
            passed=checks - len(failures),
        )
        state = QualityState(platforms=[soop] if checks else [], failures=failures)
        monkeypatch.setattr("airtide.wiring.quality.read_quality", lambda _adapters: state)

    return stand_in


def test_a_warehouse_that_is_down_is_one_sentence(monkeypatch, capsys):
    def fail(_adapters):
        raise PartUnreachable("PostgreSQL does not answer")

    monkeypatch.setattr("airtide.wiring.quality.read_quality", fail)
    assert run(monkeypatch, "quality") == 1
    assert capsys.readouterr().err.strip() == "airtide: PostgreSQL does not answer"


def test_what_keeps_a_day_provisional_ends_with_1(monkeypatch, answer, capsys):
    answer(failure("block"))
    assert run(monkeypatch, "quality") == 1
    told = capsys.readouterr().out
    assert "7 of 8 checks of 1 hours passed" in told
    assert all(word in told for word in ("unknown_share", "0.5123", "≤ 0.3", "block"))


@pytest.mark.parametrize(
    ("bounds", "told"),
    [({}, "≤ 0.3"), ({"least": 2.0, "most": None}, "≥ 2"), ({"least": 0.6, "most": 2.0}, "0.6 … 2")],
)
def test_a_warning_is_told_with_its_bounds_and_ends_with_0(monkeypatch, answer, capsys, bounds, told):
    answer(failure("warn", **bounds))
    assert run(monkeypatch, "quality") == 0
    assert told in capsys.readouterr().out


def test_before_the_first_judgement_it_says_what_makes_it(monkeypatch, answer, capsys):
    answer(checks=0)
    assert run(monkeypatch, "quality") == 0
    assert "no hour has been judged yet" in capsys.readouterr().out
