"""The tables of faults in each platform's README name tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import airtide.platforms

ROOM = Path(next(iter(airtide.platforms.__path__)))
TESTS = Path(__file__).resolve().parents[2]
README_PATHS = sorted(ROOM.glob("*/README.md"))


@pytest.mark.parametrize("path", README_PATHS, ids=lambda path: path.parent.name)
def test_every_named_test_is_there(path: Path) -> None:
    named = re.findall(r"`(test_\w+?)_?…?`", path.read_text(encoding="utf-8"))
    tests = "".join(one.read_text(encoding="utf-8") for one in _list_tests(path.parent.name))
    assert len(named) >= 8
    assert [name for name in named if f"def {name}" not in tests] == []


def _list_tests(site: str) -> list[Path]:
    """Return a site's own tests, and those that hold for all of them."""
    here = Path(__file__).parent
    shared = [TESTS / "integration" / "test_site_faults.py", TESTS / "unit" / "pipeline" / "test_poll.py"]
    return [*sorted(here.glob(f"test_{site}_*.py")), *shared]
