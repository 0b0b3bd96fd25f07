from __future__ import annotations

import os
import pwd
import stat
import subprocess
from pathlib import Path

import pytest

from airtide.domain.errors import MisconfiguredError, PartUnreachable
from airtide.local import accounts
from airtide.local.home import Home
from airtide.local.java import JavaRuntime
from airtide.local.parts import wait_until_ready
from airtide.local.parts.kafka import KafkaPart, new_cluster_id
from airtide.local.parts.lake import LakePart
from airtide.local.postgres_cluster import own_folder, remove_stale_pid, remove_strange_data
from airtide.local.program import Program


class StubbornPart:
    """Answers from the given attempt on; it is only ever asked, never prepared or started."""

    name = "stubborn"
    ports = ()

    def __init__(self, answers_from: int) -> None:
        self.attempts = 0
        self._answers_from = answers_from

    def prepare(self) -> None:
        pytest.fail("a part that is waited for was prepared")

    def program(self) -> Program:
        pytest.fail("a part that is waited for was asked for its program")

    def check(self) -> str:
        self.attempts += 1
        if self.attempts < self._answers_from:
            raise PartUnreachable("no answer yet")
        return "answers"


def test_a_part_is_checked_until_it_answers() -> None:
    part = StubbornPart(answers_from=3)
    wait_until_ready(part)
    assert part.attempts == 3


def test_a_part_that_stays_silent_is_given_up_with_the_reason_and_its_log() -> None:
    with pytest.raises(PartUnreachable, match="no answer yet; its log: airtide logs stubborn"):
        wait_until_ready(StubbornPart(answers_from=99), deadline_s=0.15)


def test_a_part_whose_process_is_gone_for_good_is_given_up_at_once() -> None:
    part = StubbornPart(answers_from=99)
    with pytest.raises(PartUnreachable, match="did not come up"):
        wait_until_ready(part, is_running=lambda: False)
    assert part.attempts == 1


def test_kafka_listens_on_the_loopback_address_and_makes_no_topic_by_itself(home: Home) -> None:
    java = JavaRuntime(java=Path("java"), jars=Path("jars"))
    settings = KafkaPart(home=home, java=java, port=1, controller_port=2).render_settings().splitlines()
    assert "listeners=PLAINTEXT://127.0.0.1:1,CONTROLLER://127.0.0.1:2" in settings
    assert "advertised.listeners=PLAINTEXT://127.0.0.1:1" in settings
    assert "auto.create.topics.enable=false" in settings


def test_a_cluster_id_never_looks_like_an_option() -> None:
    assert not any(new_cluster_id().startswith("-") for _ in range(200))


def test_the_lakes_keys_lie_in_a_file_of_their_owner(home: Home) -> None:
    java = JavaRuntime(java=Path("java"), jars=Path("jars"))
    part = LakePart(home=home, java=java, port=1, bucket="b", access_key="known", secret_key="s3cret")
    part.prepare()
    file = home.root / "lake" / "s3proxy.properties"
    assert "s3proxy.credential=s3cret" in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "s3cret" not in " ".join(part.program().command)


@pytest.mark.parametrize("content", ["", "not a number", "4194304\n/data\n"], ids=["empty", "garbage", "no process"])
def test_a_stale_pid_file_of_postgres_is_removed(tmp_path: Path, content: str) -> None:
    file = tmp_path / "postmaster.pid"
    file.write_text(content)
    remove_stale_pid(file)
    assert not file.exists()


def test_a_pid_file_that_names_another_program_is_stale(tmp_path: Path) -> None:
    file = tmp_path / "postmaster.pid"
    file.write_text(f"{os.getpid()}\n")
    remove_stale_pid(file)
    assert not file.exists()


def test_a_pid_file_of_a_running_postgres_stays(tmp_path: Path) -> None:
    (tmp_path / "postgres").symlink_to("/bin/sleep")
    file = tmp_path / "postmaster.pid"
    with subprocess.Popen([tmp_path / "postgres", "60"]) as process:
        file.write_text(f"{process.pid}\n")
        remove_stale_pid(file)
        process.kill()
    assert file.exists()


def test_data_that_this_password_opens_stays(tmp_path: Path) -> None:
    data = tmp_path / "data"
    remove_strange_data(data, "password")
    data.mkdir()
    remove_strange_data(data, "password")
    assert data.exists()


def test_data_of_a_removed_checkout_at_the_same_place_is_removed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    remove_strange_data(data, "of the first checkout")
    data.mkdir()
    remove_strange_data(data, "of the second checkout")
    assert not data.exists()


def test_data_of_a_server_that_still_runs_is_never_removed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    remove_strange_data(data, "of the first checkout")
    data.mkdir()
    (tmp_path / "postgres").symlink_to("/bin/sleep")
    with subprocess.Popen([tmp_path / "postgres", "60"]) as process:
        (data / "postmaster.pid").write_text(f"{process.pid}\n")
        with pytest.raises(MisconfiguredError, match=f"still runs as process {process.pid}: kill it"):
            remove_strange_data(data, "of the second checkout")
        process.kill()
    assert data.exists()


def test_a_folder_that_somebody_else_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "outside").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(MisconfiguredError, match="belongs to somebody else"):
        own_folder(tmp_path / "outside", pwd.getpwuid(os.geteuid()))


def test_a_machine_that_lets_nobody_become_another_user_is_told_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(accounts, "can_become", lambda account: False)
    monkeypatch.setattr(accounts, "make_account", lambda name: None)
    with pytest.raises(MisconfiguredError, match="start airtide as an ordinary user"):
        accounts.choose_account()


def test_a_user_is_made_where_none_can_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    made = pwd.getpwuid(os.geteuid())
    monkeypatch.setattr(accounts, "find_account", lambda name: None)
    monkeypatch.setattr(accounts, "make_account", lambda name: made)
    monkeypatch.setattr(accounts, "can_become", lambda account: account is made)
    assert accounts.choose_account() is made


def test_root_is_never_taken_for_an_unprivileged_user() -> None:
    assert accounts.find_account("root") is None
    assert accounts.find_account("no-such-user-anywhere") is None
