from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.unit.local.conftest import MakeInstallation

from airtide.domain.errors import MessagesLost
from airtide.domain.models import Platform
from airtide.local import stop
from airtide.local.supervision import PartState, Supervisor
from airtide.settings import POLLED_PLATFORMS
from airtide.wiring import backlog
from airtide.wiring.connections import Connections, read_environment


def run_states(monkeypatch: pytest.MonkeyPatch, states: Mapping[str, str]) -> list[str]:
    """Replace the supervisor by one that tells `states`; return the list that says what it was made to do."""
    done: list[str] = []
    monkeypatch.setattr(Supervisor, "is_running", lambda _self: True)
    monkeypatch.setattr(Supervisor, "stop_parts", lambda _self, names: done.append("stopped Airflow"))
    monkeypatch.setattr(Supervisor, "shut_down", lambda _self: done.append("shut down"))
    told = [PartState(name=name, state=state, pid=None, since=None) for name, state in states.items()]
    monkeypatch.setattr(Supervisor, "read_states", lambda _self: told)
    monkeypatch.setattr(stop, "land_rest", lambda *_arguments: done.append("landed"))
    return done


def test_without_a_part_that_landing_needs_it_says_why_nothing_was_landed(
    make_installation: MakeInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run_states(monkeypatch, {"kafka": "RUNNING", "postgres": "FATAL", "simulators": "RUNNING"})
    told: list[str] = []
    assert stop.stop_all(make_installation({}), told.append)
    assert done == ["stopped Airflow", "shut down"]
    assert "nothing was landed, it is after the next start: postgres, lake did not run" in told


def test_simulators_that_do_not_run_keep_nothing_from_landing(
    make_installation: MakeInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = {"kafka": "RUNNING", "postgres": "RUNNING", "lake": "RUNNING", "simulators": "BACKOFF"}
    done = run_states(monkeypatch, running)
    stop.stop_all(make_installation({}), [].append)
    assert done == ["stopped Airflow", "landed", "shut down"]


def test_a_landing_that_breaks_is_told_with_its_log(tmp_path: Path) -> None:
    (tmp_path / "airtide").mkdir()
    (tmp_path / "airtide" / "__init__.py").touch()
    log = tmp_path / "landing.log"
    told: list[str] = []
    stop.land_rest({**os.environ, "PYTHONPATH": str(tmp_path)}, log, told.append)
    assert told == [f"landing failed, what is left lands after the next start: see {log}"]
    assert "airtide.wiring" in log.read_text()


def test_sites_whose_landing_is_refused_are_told_one_by_one(tmp_path: Path) -> None:
    told: list[str] = []
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW_CONN")}
    stop.land_rest(environment, tmp_path / "landing.log", told.append)
    assert len(told) == len(POLLED_PLATFORMS)
    assert all("not landed, it is after the next start: connection airtide_" in sentence for sentence in told)


def test_a_landing_is_ended_in_time_whatever_it_does(tmp_path: Path) -> None:
    told: list[str] = []
    began = time.monotonic()
    stop.land_rest({**os.environ}, tmp_path / "landing.log", told.append, within_s=0.05)
    assert time.monotonic() - began < 20
    assert told == ["landing was ended after 0.05 s: what is left lands after the next start"]


def test_one_sites_failure_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def land(platform: Platform, _adapters: object, *, deadline_s: float) -> dict[str, object]:
        if platform is Platform.TWITCH:
            raise MessagesLost("gone")
        return {"status": "landed", "samples": 1200}

    monkeypatch.setattr("airtide.wiring.jobs.land_platform", land)
    told: list[str] = []
    backlog.land_all(Connections(read_environment({})), told.append, deadline_s=1)
    others = [one for one in POLLED_PLATFORMS if one is not Platform.TWITCH]
    assert sorted(told) == sorted(
        [
            "twitch: not landed, it is after the next start: gone",
            *(f"{platform}: landed, 1,200 new samples" for platform in others),
        ]
    )
