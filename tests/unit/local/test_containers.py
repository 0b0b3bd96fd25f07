from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from dotenv import dotenv_values

from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform
from airtide.local.containers import pause_without_key, read_secrets, secret_variables, write_env_file
from airtide.local.pauses import DagSwitch


def test_the_env_file_is_its_owners_alone_and_complete(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    write_env_file(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    stored = {name: value or "" for name, value in dotenv_values(file).items()}
    assert read_secrets(stored)
    assert stored["AIRTIDE__MODE"] == "simulated"


def test_writing_again_keeps_secrets_and_what_people_wrote(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# mine\nTZ=Asia/Seoul\n")
    write_env_file(file)
    first = file.read_text()
    write_env_file(file)
    assert file.read_text() == first
    assert first.startswith("# mine\nTZ=Asia/Seoul\n")


def test_a_key_that_was_put_in_makes_the_sites_real(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    write_env_file(file)
    secrets = read_secrets({name: value or "" for name, value in dotenv_values(file).items()})
    file.write_text("YOUTUBE_API_KEY=a-real-key\n" + file.read_text())
    write_env_file(file)
    stored = {name: value or "" for name, value in dotenv_values(file).items()}
    assert stored["AIRTIDE__MODE"] == "real"
    assert json.loads(stored["AIRFLOW_CONN_AIRTIDE_YOUTUBE"])["password"] == "a-real-key"
    assert json.loads(stored["AIRFLOW_CONN_AIRTIDE_TWITCH"])["password"] == ""
    assert read_secrets(stored) == secrets


def test_a_container_without_secrets_says_where_they_come_from() -> None:
    with pytest.raises(MisconfiguredError, match=r"AIRTIDE_SECRET_POSTGRES_SUPERUSER.* not set: run make env"):
        read_secrets(dict.fromkeys(list(secret_variables().values())[1:], "given"))


def test_sites_whose_connection_holds_no_key_are_paused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".env"
    file.write_text("SOOP_CLIENT_ID=a-real-key\n")
    write_env_file(file)
    passwords = tmp_path / "passwords.json"
    passwords.write_text(json.dumps({"admin": "the-password", "viewer": "another"}))
    asked: list[tuple[object, ...]] = []

    def pause(switch: DagSwitch, without_key: list[Platform]) -> list[Platform]:
        asked.append((switch._url, switch._password, switch._memory))
        return without_key

    monkeypatch.setattr(DagSwitch, "pause_only", pause)
    environment = {
        **{name: value or "" for name, value in dotenv_values(file).items()},
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
    }
    assert set(pause_without_key(environment)) == set(Platform) - {Platform.SOOP}
    assert asked == [("http://api-server:8080", "the-password", tmp_path / "paused.json")]
