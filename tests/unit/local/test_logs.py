from __future__ import annotations

from itertools import islice
from pathlib import Path

from airtide.local.logs import read_lines


def test_the_last_lines_are_shown(tmp_path: Path) -> None:
    file = tmp_path / "part.log"
    file.write_text("1\n2\n3\n")
    assert list(read_lines(file, lines=2, follow=False)) == ["2\n", "3\n"]


def test_new_lines_are_followed_also_into_a_rotated_log(tmp_path: Path) -> None:
    file = tmp_path / "part.log"
    file.write_text("the first line\n")
    following = read_lines(file, lines=10, follow=True)
    assert next(following) == "the first line\n"
    with file.open("a") as stream:
        stream.write("second\n")
    assert next(following) == "second\n"
    file.rename(tmp_path / "part.log.1")
    file.write_text("third\n")
    assert list(islice(following, 1)) == ["third\n"]


def test_bytes_that_are_no_text_are_shown_somehow(tmp_path: Path) -> None:
    file = tmp_path / "part.log"
    file.write_bytes(b"\xff\n")
    assert list(read_lines(file, lines=1, follow=False)) == ["�\n"]
