from __future__ import annotations

from pathlib import Path

import pytest

from airtide.domain.errors import MisconfiguredError
from airtide.local.machine import require_room


def test_a_full_disk_is_told_with_how_much_is_needed(tmp_path: Path) -> None:
    with pytest.raises(MisconfiguredError, match=r"GiB free and 1048576\.0 GiB are needed: make room"):
        require_room(tmp_path, needed_bytes=1024**5)


def test_enough_room_passes(tmp_path: Path) -> None:
    require_room(tmp_path, needed_bytes=1)
