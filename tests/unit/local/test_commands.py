from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.benchmarks.__main__ import FILE_NAME as MEASURED
from tests.chaos.__main__ import FILE_NAME as BROKEN
from tests.gcs_server import BUILT

from airtide import cli
from airtide.domain.models import Platform
from airtide.local import commands
from airtide.local.display import tell_bucket, tell_local
from airtide.local.home import open_home
from airtide.local.java import JARS
from airtide.settings import POLLED_PLATFORMS
from airtide.warehouse.queries.quotas import BucketState
from airtide.wiring.adapters import Adapters


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AIRTIDE__LOCAL__HOME", str(tmp_path / "state"))
    return tmp_path / "state"


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command line and return its exit code."""
    monkeypatch.setattr("sys.argv", ["airtide", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def test_wrong_settings_are_one_message_and_exit_code_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AIRTIDE__LOCAL__PORTS__KAFKA", "many")
    assert run(monkeypatch, "status") == 1
    told = capsys.readouterr().err
    assert "local.ports.kafka" in told
    assert "Traceback" not in told


def test_an_unknown_part_is_told_with_the_known_ones(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], own_home: Path
) -> None:
    (open_home(own_home).logs / "kafka.log").touch()
    assert run(monkeypatch, "logs", "zookeeper") == 1
    assert "no log of zookeeper: there are kafka" in capsys.readouterr().err


def test_status_of_nothing_says_how_to_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "status") == 0
    assert "Nothing is running: airtide up" in capsys.readouterr().out


def test_down_with_nothing_running_is_no_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "down") == 0
    assert "Nothing was running." in capsys.readouterr().out


def test_env_prints_lines_that_a_shell_reads_back(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "env") == 0
    words = shlex.split(capsys.readouterr().out)
    told = dict(word.split("=", 1) for word in words if word != "export")
    assert told == commands.open_installation().own_environment


def test_a_missing_java_is_one_sentence_and_leaves_nothing_running(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert run(monkeypatch, "up") == 1
    told = capsys.readouterr().err.strip().splitlines()
    assert len(told) == 1
    assert told[0].startswith("airtide: Java 17 or newer is missing")


@pytest.mark.parametrize("site", ["twich", "Twitch", "vine"])
def test_the_loss_of_an_unknown_site_is_refused_with_the_known_ones(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], site: str
) -> None:
    assert run(monkeypatch, "accept-loss", site) == 1
    told = capsys.readouterr().err
    assert told == f"airtide: there is no site {site}: there are {', '.join(POLLED_PLATFORMS)}\n"


@pytest.mark.parametrize(
    ("lost", "sentence"),
    [
        (["t[0] offsets 3 to 5"], "accepted as lost: t[0] offsets 3 to 5\n"),
        ([], "nothing of twitch is gone: landing goes on where it stands\n"),
    ],
    ids=["lost", "nothing"],
)
def test_an_accepted_loss_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], lost: list[str], sentence: str
) -> None:
    asked: list[Platform] = []

    def accept(platform: Platform, _adapters: object, **_options: object) -> list[str]:
        asked.append(platform)
        return lost

    monkeypatch.setattr("airtide.wiring.jobs.accept_loss", accept)
    assert run(monkeypatch, "accept-loss", "twitch") == 0
    assert asked == [Platform.TWITCH]
    assert capsys.readouterr().out == sentence


def test_a_container_accepts_a_loss_with_the_connections_it_was_handed(
    monkeypatch: pytest.MonkeyPatch, own_home: Path
) -> None:
    hosts: list[str] = []

    def accept(_platform: Platform, adapters: Adapters, **_options: object) -> list[str]:
        hosts.append(adapters.connections.postgres_address().host)
        return []

    monkeypatch.setattr("airtide.wiring.jobs.accept_loss", accept)
    monkeypatch.setenv("AIRFLOW_CONN_AIRTIDE_POSTGRES", '{"host": "postgres"}')
    assert run(monkeypatch, "accept-loss", "twitch") == 0
    assert hosts == ["postgres"]
    assert not own_home.exists()


def make_state(**changes: object) -> BucketState:
    """Return a daily bucket with something spent, with `changes`."""
    values: dict[str, object] = {
        "bucket": "youtube.units",
        "platform": "youtube",
        "per": "day",
        "limit": 10_000,
        "spent": 1_204,
        "left": 8_796,
        "projected": 9_400,
        "resets_at": datetime(2026, 11, 21, 8, tzinfo=UTC),
        "is_closed": False,
        "told_at": None,
    }
    return BucketState(**{**values, **changes})  # type: ignore[arg-type]


OF_A_MINUTE = {"per": "minute", "limit": 800, "projected": None, "resets_at": None}


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (make_state(), ["1,204", "8,796", "10,000 a day", "9,400"]),
        (make_state(projected=None), ["1,204", "8,796", "10,000 a day", "too early to tell"]),
        (make_state(left=0, is_closed=True), ["1,204", "0: the site says so", "10,000 a day", "9,400"]),
        (make_state(**OF_A_MINUTE, spent=34, left=766), ["34", "766", "800 a minute", ""]),
        (make_state(**OF_A_MINUTE, spent=None, left=None), ["no sweep landed yet", "", "800 a minute", ""]),
    ],
    ids=["daily", "early", "closed", "minute", "unknown"],
)
def test_a_bucket_is_told_in_numbers_and_in_words_where_there_are_none(state: BucketState, told: list[str]) -> None:
    *shown, resets = tell_bucket(state)
    assert shown == told
    assert resets == ("every minute" if state.per == "minute" else tell_local(datetime(2026, 11, 21, 8, tzinfo=UTC)))


def test_quota_prints_every_bucket(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    states = [make_state(), make_state(bucket="twitch.points", **OF_A_MINUTE)]
    monkeypatch.setattr("airtide.wiring.jobs.read_quotas", lambda _adapters: states)
    assert run(monkeypatch, "quota") == 0
    told = capsys.readouterr().out
    assert "youtube.units" in told
    assert "twitch.points" in told


def test_quota_without_a_warehouse_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_AIRTIDE_POSTGRES", '{"host": "127.0.0.1", "port": 1, "login": "airtide"}')
    assert run(monkeypatch, "quota") == 1
    told = capsys.readouterr().err.strip().splitlines()
    assert len(told) == 1
    assert told[0].startswith("airtide: PostgreSQL at airtide@127.0.0.1:1/airtide (connection airtide_postgres)")


def test_reset_asks_before_it_removes(monkeypatch: pytest.MonkeyPatch, own_home: Path) -> None:
    commands.open_installation()
    monkeypatch.setattr("typer.confirm", lambda *arguments, **options: pytest.fail("was asked"))
    assert run(monkeypatch, "reset", "--yes") == 0
    assert list(own_home.iterdir()) == []


@pytest.mark.parametrize("command", [("status",), ("reset", "--yes"), ("env",)], ids=" ".join)
def test_a_folder_with_other_files_is_left_as_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], own_home: Path, command: tuple[str, ...]
) -> None:
    own_home.mkdir(mode=0o755)
    (own_home / "thesis.txt").write_text("precious")
    assert run(monkeypatch, *command) == 1
    assert "holds files that are not Airtide's" in capsys.readouterr().err
    assert [entry.name for entry in own_home.iterdir()] == ["thesis.txt"]
    assert own_home.stat().st_mode & 0o777 == 0o755


def test_what_other_commands_leave_in_the_folder_does_not_keep_local_mode_out(
    monkeypatch: pytest.MonkeyPatch, own_home: Path
) -> None:
    own_home.mkdir(mode=0o755)
    for folder in (JARS, BUILT.parent):
        (own_home / folder.name).mkdir()
    for file in (MEASURED, BROKEN):
        (own_home / file).touch()
    assert run(monkeypatch, "env") == 0


def test_real_keys_do_not_reach_a_simulated_store(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], own_home: Path
) -> None:
    open_home(own_home).note_kind("simulated")
    monkeypatch.setenv("SOOP_CLIENT_ID", "a-real-key")
    assert run(monkeypatch, "env") == 1
    told = capsys.readouterr()
    assert "holds simulated data" in told.err
    assert "a-real-key" not in told.out + told.err
