from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import responses
from responses import matchers

from airtide.domain.errors import PartUnreachable
from airtide.domain.models import Platform
from airtide.local.pauses import DagSwitch
from airtide.local.sites import SiteAccount

URL = "http://127.0.0.1:28080"


def account(platform: Platform, key: str) -> SiteAccount:
    return SiteAccount(platform=platform, base_url="", token_url=None, login="", password=key, simulated=False)


ONLY_TWITCH = [account(Platform.YOUTUBE, ""), account(Platform.TWITCH, "key"), account(Platform.SOOP, "")]
ALL = [account(platform, "key") for platform in (Platform.YOUTUBE, Platform.TWITCH, Platform.SOOP)]


@pytest.fixture
def airflow() -> Iterator[responses.RequestsMock]:
    """Airflow's API with the Dags of every site read."""
    with responses.RequestsMock() as mocked:
        mocked.post(f"{URL}/auth/token", json={"access_token": "token"}, status=201)
        mocked.get(f"{URL}/api/v2/dags", json={"total_entries": 2})
        yield mocked


def expect_change(airflow: responses.RequestsMock, platform: str, *, paused: bool) -> None:
    airflow.patch(
        f"{URL}/api/v2/dags",
        match=[
            matchers.query_param_matcher({"tags": f"platform:{platform}", "dag_id_pattern": "~"}),
            matchers.json_params_matcher({"is_paused": paused}),
            matchers.header_matcher({"Authorization": "Bearer token"}),
        ],
    )


def test_the_dags_of_sites_without_a_key_are_paused(airflow: responses.RequestsMock, tmp_path: Path) -> None:
    expect_change(airflow, "soop", paused=True)
    expect_change(airflow, "youtube", paused=True)
    paused = DagSwitch(URL, "password", tmp_path / "paused.json").follow_keys(ONLY_TWITCH)
    assert paused == [Platform.SOOP, Platform.YOUTUBE]


def test_a_site_that_has_a_key_by_now_is_woken_and_no_other(airflow: responses.RequestsMock, tmp_path: Path) -> None:
    memory = tmp_path / "paused.json"
    memory.write_text(json.dumps(["soop"]))
    expect_change(airflow, "soop", paused=False)
    assert DagSwitch(URL, "password", memory).follow_keys(ALL) == []
    assert json.loads(memory.read_text()) == []


def test_an_airflow_that_refuses_is_told(tmp_path: Path) -> None:
    with responses.RequestsMock() as mocked:
        mocked.post(f"{URL}/auth/token", status=401)
        with pytest.raises(PartUnreachable, match="did not let its Dags be paused"):
            DagSwitch(URL, "wrong", tmp_path / "paused.json").follow_keys(ONLY_TWITCH)
    assert not (tmp_path / "paused.json").exists()


def test_a_change_that_airflows_database_broke_off_is_made_again(
    airflow: responses.RequestsMock, tmp_path: Path
) -> None:
    broken_off = airflow.patch(f"{URL}/api/v2/dags", status=500)
    made = airflow.patch(f"{URL}/api/v2/dags")
    memory = tmp_path / "paused.json"
    memory.write_text(json.dumps(["soop"]))
    assert DagSwitch(URL, "password", memory).follow_keys(ALL) == []
    assert (broken_off.call_count, made.call_count) == (1, 1)


def test_an_airflow_that_breaks_every_change_off_is_told(airflow: responses.RequestsMock, tmp_path: Path) -> None:
    airflow.patch(f"{URL}/api/v2/dags", status=500)
    with pytest.raises(PartUnreachable, match="did not let its Dags be paused"):
        DagSwitch(URL, "password", tmp_path / "paused.json").follow_keys(ONLY_TWITCH)
