"""The tables of faults in each platform's README name tests that exist, in the files where they say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import airtide.platforms

ROOM = Path(next(iter(airtide.platforms.__path__)))
TESTS = Path(__file__).resolve().parents[2]
README_PATHS = sorted(ROOM.glob("*/README.md"))
HEADER = re.compile(r"^\| what the site does .*\| test in `tests/(\S+\.py)` \|$", re.MULTILINE)
ROW = re.compile(r"^\| (?!what the site does).*\| ([^|]*`test_[^|]*) \|$", re.MULTILINE)
FILE = re.compile(r" in `(\w+\.py)`$")


def read_named(readme: str) -> Iterator[tuple[str, Path]]:
    """Give each test that a row names, with its file: the one after "in" behind it, else that of the table's header."""
    [header] = HEADER.findall(readme)
    for cell in ROW.findall(readme):
        for group in cell.split("; "):
            told = FILE.search(group)
            [path] = TESTS.rglob(told[1]) if told else [TESTS / header]
            for name in re.findall(r"`(test_\w+…?)`", FILE.sub("", group)):
                yield name, path


def is_in(name: str, path: Path) -> bool:
    """Tell whether a file has the test, or for a name that ends in `_…` one that begins like it."""
    whole = f"{name.removesuffix('…')}\\w+" if name.endswith("…") else name
    return re.search(rf"^def {whole}\(", path.read_text(encoding="utf-8"), re.MULTILINE) is not None


@pytest.mark.parametrize("path", README_PATHS, ids=lambda path: path.parent.name)
def test_every_row_names_a_test_that_is_in_the_file_it_says(path: Path) -> None:
    readme = path.read_text(encoding="utf-8")
    _, _, table = readme.partition("## When it fails\n")
    rows = [line for line in table.partition("\n## ")[0].splitlines() if line.startswith("| ")]
    assert len(rows) - 1 == len(ROW.findall(readme)) >= 8
    assert [(name, file.name) for name, file in read_named(readme) if not is_in(name, file)] == []


def test_a_test_that_is_elsewhere_or_only_begins_alike_is_not_found() -> None:
    readme = (
        "| what the site does | what happens | test in `tests/unit/platforms/test_readmes.py` |\n|---|---|---|\n"
        "| a | b | `test_every_row_…`, `test_every_row`; `test_every_row_…`, `test_bo…` in `test_bodies.py` |\n"
    )
    named = [(name, file.name, is_in(name, file)) for name, file in read_named(readme)]
    assert named == [
        ("test_every_row_…", "test_readmes.py", True),
        ("test_every_row", "test_readmes.py", False),
        ("test_every_row_…", "test_bodies.py", False),
        ("test_bo…", "test_bodies.py", False),
    ]
