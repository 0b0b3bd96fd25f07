"""The tables of faults in each platform's README name tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import airtide.platforms

ROOM = Path(next(iter(airtide.platforms.__path__)))
README_PATHS = sorted(ROOM.glob("*/README.md"))


@pytest.mark.parametrize("path", README_PATHS, ids=lambda path: path.parent.name)
def test_every_named_test_is_there(path: Path) -> None:
    named = re.findall(r"`(test_\w+?)_?…?`", path.read_text(encoding="utf-8"))
    tests = Path(__file__).with_name(f"test_{path.parent.name}_client.py").read_text(encoding="utf-8")
    assert len(named) >= 8
    assert [name for name in named if f"def {name}" not in tests] == []
