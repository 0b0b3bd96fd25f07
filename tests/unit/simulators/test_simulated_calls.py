"""The sites' own count of calls."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tests.unit.simulators.callers import CREDENTIALS, Caller

from airtide.simulators.app import SimulatorConfig, build_app

VIDEOS = "/youtube/youtube/v3/videos"


@pytest.fixture
def app() -> Starlette:
    """Sites of a tiny world that nobody has called yet."""
    return build_app(SimulatorConfig(credentials=CREDENTIALS, channels=5))


@pytest.fixture
def client(app: Starlette) -> TestClient:
    """A caller on this machine."""
    return TestClient(app, client=("127.0.0.1", 50_000))


def read_counts(client: TestClient, **query: str) -> list[dict[str, Any]]:
    answer = client.get("/calls", params=query)
    assert answer.status_code == 200
    counts: list[dict[str, Any]] = answer.json()["calls"]
    return counts


def test_only_callers_on_this_machine_are_told_of_calls(app: Starlette) -> None:
    stranger = TestClient(app, client=("192.0.2.7", 50_000))
    assert stranger.get("/calls").status_code == 403


def test_refused_and_failed_calls_count_like_all_others(client: TestClient) -> None:
    client.post("/faults", json={"site": "soop", "status": 500})
    at = {"Simulated-Now": "2026-11-20T12:00:00Z"}
    statuses = [client.get("/soop/broad/list", headers=at).status_code for _ in range(2)]
    assert client.get(VIDEOS, headers=at).status_code in (400, 401, 403)
    assert statuses[0] == 500
    assert read_counts(client) == [
        {"site": "soop", "path": "/broad/list", "day": "2026-11-20", "calls": 2},
        {"site": "youtube", "path": "/youtube/v3/videos", "day": "2026-11-20", "calls": 1},
    ]


def test_a_day_begins_at_the_pacific_coasts_midnight_by_the_worlds_clock(client: TestClient) -> None:
    # the clocks there go back on the first of November
    for instant in ("2026-11-01T06:59:59Z", "2026-11-01T07:00:00Z", "2026-11-02T07:59:59Z", "2026-11-02T08:00:00Z"):
        client.get(VIDEOS, headers={"Simulated-Now": instant})
    told = [(one["day"], one["calls"]) for one in read_counts(client)]
    assert told == [("2026-10-31", 1), ("2026-11-01", 2), ("2026-11-02", 1)]


def test_one_site_is_told_apart(client: TestClient) -> None:
    caller = Caller(client)
    caller.twitch("/helix/streams")
    caller.youtube("videos", part="snippet", id="x")
    assert {one["path"] for one in read_counts(client, site="twitch")} == {"/oauth2/token", "/helix/streams"}
