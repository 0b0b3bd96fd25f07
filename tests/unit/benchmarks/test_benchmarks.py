"""The benchmarks' own machinery: what is refused, what ends with a failure, and what is shown and written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.benchmarks.__main__ import FILE_NAME, main
from tests.benchmarks.measures import Measure, take
from tests.benchmarks.suites import SUITES

RUNS = [7.0, 1.0, 9.0, 2.0, 3.0]


def make_measure(**changes: Any) -> Measure:
    """Return a measure of which three of five runs are at most 3 seconds."""
    values = {"name": "waiting", "unit": "s", "target": 3.0, "better": "lower", "run": lambda: RUNS, **changes}
    return Measure(**values)


def fail() -> list[float]:
    message = "the site is closed"
    raise OSError(message)


def read_rows(folder: Path) -> list[dict[str, Any]]:
    return json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))


def test_an_unknown_suite_is_refused_and_the_known_ones_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--suite", "nothing"], {"land": [make_measure()], "collect": []}, tmp_path)
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert all(name in told for name in ("'nothing'", "'collect'", "'land'"))
    assert list(tmp_path.iterdir()) == []


def test_fewer_than_five_runs_are_refused() -> None:
    with pytest.raises(ValueError, match="waiting: 4 runs are fewer than 5"):
        take("land", make_measure(run=lambda: RUNS[:4]))


@pytest.mark.parametrize(
    ("better", "target", "met"),
    [("lower", 3.0, True), ("lower", 2.99, False), ("higher", 3.0, True), ("higher", 3.01, False)],
)
def test_the_median_meets_its_target_or_the_run_ends_with_a_failure(
    better: str, target: float, met: bool, tmp_path: Path
) -> None:
    suites = {"land": [make_measure(better=better, target=target)]}
    assert main([], suites, tmp_path) == (0 if met else 1)
    (row,) = read_rows(tmp_path)
    assert (row["value"], row["met"]) == (3.0, met)


def test_a_measure_that_fails_is_told_and_the_others_are_taken_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    suites = {"land": [make_measure(name="broken", run=fail), make_measure()]}
    assert main([], suites, tmp_path) == 1
    assert [row["measure"] for row in read_rows(tmp_path)] == ["waiting"]
    told = capsys.readouterr().err
    assert "the site is closed" in told
    assert "land: broken failed" in told


def test_one_row_says_everything_and_the_table_says_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    suites = {"land": [make_measure(name="rows", unit="1/s", target=1500.0, better="higher", run=lambda: [1234.5] * 7)]}
    main([], suites, tmp_path)
    (row,) = read_rows(tmp_path)
    at = row.pop("at")
    assert at.endswith("Z")
    assert len(at) == len("2026-11-20T12:00:00Z")
    assert row == {
        "suite": "land",
        "measure": "rows",
        "value": 1234.5,
        "unit": "1/s",
        "target": 1500.0,
        "better": "higher",
        "met": False,
        "runs": 7,
    }
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "rows" in line]
    assert line.split() == ["land", "rows", "1,234", "≥", "1,500", "1/s", "7", "missed"]


def test_rows_of_suites_that_were_not_run_stay_and_those_of_the_suite_are_replaced(tmp_path: Path) -> None:
    both = {"collect": [make_measure(name="old"), make_measure()], "land": [make_measure(name="kept")]}
    assert main([], both, tmp_path) == 0
    assert main(["--suite", "collect"], {**both, "collect": [make_measure(name="new")]}, tmp_path) == 0
    assert [(row["suite"], row["measure"]) for row in read_rows(tmp_path)] == [("land", "kept"), ("collect", "new")]


def test_only_measures_with_a_text_in_their_names_are_run_and_the_rows_of_the_others_stay(tmp_path: Path) -> None:
    suites = {
        "collect": [make_measure(name="kick: parsing"), make_measure(name="kick: a sweep")],
        "land": [make_measure(name="parsing"), make_measure(name="rows")],
    }
    assert main([], suites, tmp_path) == 0
    before = [row["measure"] for row in read_rows(tmp_path)]
    failing = {name: [make_measure(name=one.name, target=0.5) for one in suites[name]] for name in suites}
    assert main(["--suite", "collect", "--measure", "parsing"], failing, tmp_path) == 1
    rows = {(row["suite"], row["measure"]): row["met"] for row in read_rows(tmp_path)}
    assert rows.pop(("collect", "kick: parsing")) is False
    assert all(rows.values())
    assert len(rows) + 1 == len(before)
    assert main(["--measure", "parsing"], failing, tmp_path) == 1
    assert sum(not row["met"] for row in read_rows(tmp_path)) == 2


def test_a_text_that_no_measure_has_in_its_name_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--measure", "nothing"], {"land": [make_measure()]}, tmp_path)
    assert ended.value.code == 2
    assert "no measure has 'nothing' in its name" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_every_measure_of_a_suite_has_a_name_of_its_own() -> None:
    for name, measures in SUITES.items():
        assert measures, name
        assert len({measure.name for measure in measures}) == len(measures), name
