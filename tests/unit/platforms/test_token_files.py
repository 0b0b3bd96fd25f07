"""The files in which processes share app tokens: private, never trusted blindly, and never needed."""

from __future__ import annotations

import errno
import json
import logging
import os
from pathlib import Path

import pytest
from tests.unit.platforms.sites import SECRET
from tests.unit.platforms.token_server import TokenServer, call_site, make_token

from airtide.domain.errors import PartUnreachable
from airtide.domain.models import Platform
from airtide.domain.pages import Tally
from airtide.platforms.token_files import TokenFile


@pytest.fixture
def server() -> TokenServer:
    return TokenServer()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "tokens"


def test_files_are_private_and_hold_neither_key(server: TokenServer, folder: Path) -> None:
    make_token(server, folder).read(Tally())
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()} == {
        "twitch.json": 0o600,
        "twitch.lock": 0o600,
    }
    held = (folder / "twitch.json").read_text()
    assert "canary-token-1" in held
    assert SECRET not in held
    assert "canary-client-id" not in held


def test_a_folder_that_others_may_enter_is_closed(server: TokenServer, folder: Path) -> None:
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    make_token(server, folder).read(Tally())
    assert folder.stat().st_mode & 0o777 == 0o700


def spoil(file: Path, how: str) -> None:
    """Make a file of a token one that cannot be trusted."""
    if how == "readable by others":
        file.chmod(0o644)
    elif how == "a link":
        file.rename(file.with_name("elsewhere"))
        file.symlink_to(file.with_name("elsewhere"))
    elif how == "a pipe":
        file.unlink()
        os.mkfifo(file, 0o600)
    elif how == "half a record":
        file.write_bytes(file.read_bytes()[:-9])
    elif how == "another record":
        file.write_text(json.dumps({"token": 7}))
    elif how == "no JSON":
        file.write_bytes(b"\xff\x00" + b"[" * 99_000)
    else:
        file.write_text("")


@pytest.mark.parametrize(
    "how",
    ["readable by others", "a link", "a pipe", "half a record", "another record", "no JSON", "empty"],
)
def test_a_file_that_cannot_be_trusted_counts_as_absent_and_is_written_anew(
    server: TokenServer, folder: Path, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    make_token(server, folder).read(Tally())
    spoil(folder / "twitch.json", how)
    with caplog.at_level(logging.DEBUG):
        assert make_token(server, folder).read(Tally()) == "canary-token-2"
        assert make_token(server, folder).read(Tally()) == "canary-token-2"
    assert (folder / "twitch.json").stat().st_mode & 0o777 == 0o600
    assert "canary-token" not in caplog.text


def test_a_file_of_another_user_counts_as_absent(
    server: TokenServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_token(server, folder).read(Tally())
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    assert TokenFile(Platform.TWITCH, folder).read() is None


def test_a_folder_of_another_user_is_not_used(
    server: TokenServer, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    folder.mkdir(parents=True)
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    assert make_token(server, folder).read(Tally()) == "canary-token-1"
    assert list(folder.iterdir()) == []
    assert "not a folder of this user" in caplog.text


def test_a_folder_that_cannot_be_made_costs_one_warning_and_the_sharing(
    server: TokenServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "state").write_text("a file in the way")
    token = make_token(server, tmp_path / "state" / "tokens")
    assert [token.read(Tally()) for _ in range(3)] == ["canary-token-1"] * 3
    assert call_site(token, good={"canary-token-2"}) == "canary-token-2"
    [warning] = caplog.records
    assert "this process asks for its own" in warning.getMessage()


@pytest.mark.parametrize(
    ("step", "number"), [("open", errno.EROFS), ("replace", errno.ENOSPC), ("flock", errno.ENOLCK)], ids=str
)
def test_a_disk_that_fails_costs_one_warning_and_the_sharing(
    server: TokenServer,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    step: str,
    number: int,
) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise OSError(number, os.strerror(number))

    target = {"open": "os.open", "replace": "pathlib.Path.replace", "flock": "fcntl.flock"}[step]
    monkeypatch.setattr(target, fail)
    token = make_token(server, folder)
    assert [token.read(Tally()) for _ in range(2)] == ["canary-token-1"] * 2
    [warning] = caplog.records
    assert os.strerror(number) in warning.getMessage()
    assert "canary-token" not in caplog.text
    assert not list(folder.glob("*.new"))


def test_a_lock_that_is_never_given_back_ends_the_wait(server: TokenServer, folder: Path) -> None:
    holder = TokenFile(Platform.TWITCH, folder)
    with holder.hold(1.0), pytest.raises(PartUnreachable, match="twitch: another process has been asking"):
        make_token(server, folder, lock_wait_s=0.0).read(Tally())
    assert make_token(server, folder, lock_wait_s=0.0).read(Tally()) == "canary-token-1"
