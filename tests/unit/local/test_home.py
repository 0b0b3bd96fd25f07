from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from airtide.domain.errors import MisconfiguredError
from airtide.local.home import LONGEST_SOCKET_PATH, Home, make_private_folder, open_home


def test_every_folder_is_its_owners_alone(tmp_path: Path) -> None:
    home = open_home(tmp_path / "state")
    for folder in (home.root, home.run, home.logs, home.airflow):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_was_open_to_others_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o755)
    make_private_folder(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_link_is_refused_because_somebody_else_may_own_its_target(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(MisconfiguredError, match="AIRTIDE__LOCAL__HOME"):
        make_private_folder(tmp_path / "link")


def test_a_file_in_its_place_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    with pytest.raises(MisconfiguredError, match=r"cannot use .*/state: File exists"):
        make_private_folder(tmp_path / "state")


def test_a_deep_folder_has_its_socket_where_the_path_is_short_enough() -> None:
    deep = Home(Path("/") / "/".join(["deep"] * 30))
    assert len(os.fsencode(deep.socket)) <= LONGEST_SOCKET_PATH
    assert deep.digest() in str(deep.socket)
    assert Home(Path("/srv/airtide")).socket == Path("/srv/airtide/run/supervisor.sock")
