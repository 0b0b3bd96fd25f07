"""The crash matrix's own machinery: what it covers, and that a case which fails is never overlooked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.chaos.__main__ import FILE_NAME, main
from tests.chaos.cases import ALL, SERVICE_CUT_OFF_S, FaultKind, FaultPoint, Order, choose_short
from tests.chaos.matrix import Verdict


def make_verdict(**changes: Any) -> Verdict:
    """Return the verdict of a case that was killed twice and is whole."""
    values = {
        "point": "after_put",
        "kind": "kill -9",
        "order": "more first",
        "batch": 1,
        "kills": 2,
        "ended": "killed, killed",
        "whole": True,
        "verdict": "whole",
        "seconds": 1.5,
        "at": "2026-01-31T12:00:00Z",
    }
    return Verdict(**{**values, **changes})


def test_one_case_that_is_not_whole_ends_with_a_failure_and_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = make_verdict(whole=False, verdict="AssertionError: offsets [3] are lost")
    assert main([make_verdict(), broken, make_verdict()], tmp_path) == 1
    assert "2 whole" in capsys.readouterr().out
    told = json.loads((tmp_path / FILE_NAME).read_text(encoding="utf-8"))
    assert [row["verdict"] for row in told] == ["whole", "AssertionError: offsets [3] are lost", "whole"]


def test_no_case_at_all_is_a_failure(tmp_path: Path) -> None:
    assert main([], tmp_path) == 1


def test_cases_that_are_all_whole_are_shown_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([make_verdict(), make_verdict(kind="zombie", kills=0)], tmp_path) == 0
    told = capsys.readouterr().out
    assert "2 cases, 2 processes killed, 2 whole" in told
    assert "after_put" in told


def test_the_matrix_breaks_every_point_in_every_way_and_order() -> None:
    played = {(case.point, case.kind, case.order, case.batch) for case in ALL}
    assert len(played) == len(FaultPoint) * len(FaultKind) * len(Order) * 2
    assert [str(case) for case in ALL[len(played) :]] == [
        f"after_copy, zombie, {SERVICE_CUT_OFF_S} s, more first, batch 1",
    ]


def test_the_short_set_kills_and_stops_at_every_point_in_both_orders_and_batches() -> None:
    short = choose_short()
    for kind in (FaultKind.KILL, FaultKind.ZOMBIE):
        chosen = [case for case in short if case.kind is kind]
        assert {case.point for case in chosen} == set(FaultPoint)
        assert {case.order for case in chosen} == set(Order)
        assert {case.batch for case in chosen} == {1, 2}
    assert FaultKind.EXCEPTION in {case.kind for case in short}
    assert set(short) <= set(ALL)
