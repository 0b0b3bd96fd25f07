"""The table of failures in the landing's page names, for every row, tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PAGE = CHECKOUT / "docs" / "landing.md"
ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")

rows = {int(number): cell for number, _, _, cell in ROW.findall(PAGE.read_text(encoding="utf-8"))}


def is_in(path: str, name: str) -> bool:
    """Tell whether a file has a test, or a state machine, of this name."""
    file = CHECKOUT / path
    return file.exists() and bool(
        re.search(rf"^\s*(def|class) {name}\(", file.read_text(encoding="utf-8"), re.MULTILINE)
    )


def test_there_is_a_row_for_each_of_the_thirty_ways_to_fail() -> None:
    assert list(rows) == list(range(1, 31))


@pytest.mark.parametrize("number", rows)
def test_every_row_names_tests_that_exist(number: int) -> None:
    named = NAMED.findall(rows[number])
    assert named != []
    assert rows[number].count(".py") == len(named)
    assert [f"{path}::{name}" for path, name in named if not is_in(path, name)] == []


def test_a_test_that_is_elsewhere_or_only_begins_alike_is_not_found() -> None:
    here = "tests/unit/test_landing_table.py"
    assert is_in(here, "test_every_row_names_tests_that_exist")
    assert not is_in(here, "test_every_row")
    assert not is_in("tests/unit/test_house.py", "test_every_row_names_tests_that_exist")
    assert not is_in("tests/unit/test_nothing.py", "test_every_row_names_tests_that_exist")
