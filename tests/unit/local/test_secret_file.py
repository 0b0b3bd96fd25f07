from __future__ import annotations

import json
import stat
from dataclasses import asdict
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from airtide.domain.errors import MisconfiguredError
from airtide.local.secret_file import read_or_make_secrets


def test_secrets_are_made_once_in_a_file_of_their_owner(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    made = read_or_make_secrets(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_or_make_secrets(file) == made
    assert list(tmp_path.iterdir()) == [file]


def test_no_two_secrets_are_alike_and_none_is_short(tmp_path: Path) -> None:
    values = list(asdict(read_or_make_secrets(tmp_path / "secrets.json")).values())
    assert len(set(values)) == len(values)
    assert min(map(len, values)) >= 44


def test_a_secret_that_a_newer_version_needs_is_added_and_the_others_stay(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    made = asdict(read_or_make_secrets(file))
    old = {name: value for name, value in made.items() if name != "airflow_fernet_key"}
    file.write_text(json.dumps(old))
    completed = asdict(read_or_make_secrets(file))
    assert {name: completed[name] for name in old} == old
    assert completed["airflow_fernet_key"] != made["airflow_fernet_key"]


def test_the_fernet_key_is_one_that_airflow_accepts(tmp_path: Path) -> None:
    key = read_or_make_secrets(tmp_path / "secrets.json").airflow_fernet_key
    assert Fernet(key).decrypt(Fernet(key).encrypt(b"connection")) == b"connection"


def test_a_file_that_others_may_read_is_refused_with_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    read_or_make_secrets(file)
    file.chmod(0o640)
    with pytest.raises(MisconfiguredError, match="chmod 600"):
        read_or_make_secrets(file)


def test_a_damaged_file_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    file.touch(mode=0o600)
    file.write_text("{")
    with pytest.raises(MisconfiguredError, match="damaged"):
        read_or_make_secrets(file)
    assert file.read_text() == "{"


def test_secrets_do_not_show_themselves(tmp_path: Path) -> None:
    made = read_or_make_secrets(tmp_path / "secrets.json")
    assert not any(value in repr(made) for value in asdict(made).values())
