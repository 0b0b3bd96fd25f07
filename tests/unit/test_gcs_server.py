"""Where no Google Cloud Storage server could be built, its tests are skipped and say why."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.gcs_server import find_server


def test_a_server_that_is_built_is_run(tmp_path: Path) -> None:
    built = tmp_path / "fake-gcs-server"
    built.touch()
    assert find_server(built) == built


@pytest.mark.parametrize(
    ("log", "says"),
    [
        (None, "make setup-dev builds it"),
        ("", "make setup-dev builds it"),
        ("go: downloading\nno network\n", "no network"),
    ],
)
def test_one_that_is_not_is_told_with_the_last_words_of_its_build(tmp_path: Path, log: str | None, says: str) -> None:
    if log is not None:
        (tmp_path / "build.log").write_text(log)
    with pytest.raises(pytest.skip.Exception, match=f"no fake-gcs-server: {says}"):
        find_server(tmp_path / "fake-gcs-server")
