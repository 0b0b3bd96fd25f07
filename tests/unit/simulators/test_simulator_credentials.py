"""The credentials file and the command line: every mistake gets one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.unit.simulators.callers import CREDENTIALS

from airtide.simulators.__main__ import main
from airtide.simulators.credentials import CredentialsError, read_credentials

GOOD = {
    "youtube": {"api_key": "youtube-key"},
    "twitch": {"client_id": "twitch-id", "client_secret": "twitch-secret"},
    "soop": {"client_id": "soop-id"},
    "chzzk": {"client_id": "chzzk-id", "client_secret": "chzzk-secret"},
    "kick": {"client_id": "kick-id", "client_secret": "kick-secret"},
}


def write(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "credentials.json"
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "truncated"),
        (json.dumps({**GOOD, "soop": {}}), "missing required field `client_id` - at `$.soop`"),
        (json.dumps({name: keys for name, keys in GOOD.items() if name != "twitch"}), "`twitch`"),
        (json.dumps({**GOOD, "soup": {}}), "unknown field `soup`"),
        (json.dumps({**GOOD, "youtube": {"api_key": ""}}), "`$.youtube.api_key`"),
    ],
)
def test_a_file_that_is_not_as_expected_is_refused_with_the_place(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        read_credentials(write(tmp_path, text))
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_others_can_read_is_refused_with_the_cure(tmp_path: Path) -> None:
    path = write(tmp_path, json.dumps(GOOD), mode=0o640)
    with pytest.raises(CredentialsError, match=f"chmod 600 {path}"):
        read_credentials(path)


def test_a_good_file_is_read(tmp_path: Path) -> None:
    assert read_credentials(write(tmp_path, json.dumps(GOOD))) == CREDENTIALS


def test_the_command_line_says_what_is_missing_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--port", "0", "--credentials", str(tmp_path / "none.json")]) == 2
    told = capsys.readouterr().err
    assert (
        told
        == f"airtide.simulators: the credentials file {tmp_path}/none.json cannot be read: No such file or directory\n"
    )


@pytest.mark.parametrize("wrong", [["--now", "noon"], ["--channels", "0"], ["--channels", "many"]])
def test_the_command_line_refuses_wrong_values(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--port", "0", "--credentials", "x", *wrong])
    assert f"argument {wrong[0]}" in capsys.readouterr().err
