"""The world's clock: who sets it, and where it shows."""

from __future__ import annotations

import re
import time

import pytest
from starlette.testclient import TestClient
from tests.unit.simulators.callers import CREDENTIALS, NOON, Caller

from airtide.simulators.app import SimulatorConfig, build_app
from airtide.simulators.clock import format_kst, format_utc, parse_instant, run_clock_from


@pytest.mark.parametrize(
    "told",
    ["", "noon", "2026-11-20", "2026-11-20T12:00:00", "2026-11-20T12:00:00+09:00", "1999-12-31T23:59:59Z"],
)
def test_an_instant_that_cannot_be_read_is_refused_in_one_sentence(client: TestClient, told: str) -> None:
    answer = client.get("/healthz", headers={"Simulated-Now": told})
    assert answer.status_code == 400
    assert answer.json() == {"error": f"Simulated-Now is not an instant in UTC like 2026-11-21T10:00:00Z: {told!r}"}


@pytest.mark.parametrize("path", ["/healthz", "/soop/broad/list", "/nowhere"])
def test_every_response_is_dated_with_the_instant_of_its_request(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"Simulated-Now": NOON})
    assert answer.headers.get_list("Date") == ["Fri, 20 Nov 2026 12:00:00 GMT"]


def test_without_a_header_it_is_the_time_of_the_wall(client: TestClient) -> None:
    before = int(time.time())
    told = client.get("/healthz").json()["now"]
    assert before <= parse_instant(told) // 1000 <= time.time()


def test_a_clock_set_to_an_instant_goes_on_from_there() -> None:
    clock = run_clock_from(parse_instant(NOON))
    client = TestClient(build_app(SimulatorConfig(credentials=CREDENTIALS, channels=5, clock=clock)))
    assert re.fullmatch(r"2026-11-20T12:0[01]:\d\dZ", client.get("/healthz").json()["now"])
    assert 0 <= clock() - parse_instant(NOON) < 60_000


def test_going_back_in_time_shows_what_was_live_then(caller: Caller) -> None:
    noon = [row["id"] for page in caller.sweep_twitch() for row in page]
    caller.at = "2026-11-18T03:20:00Z"
    earlier = [row["id"] for page in caller.sweep_twitch() for row in page]
    caller.at = NOON
    assert [row["id"] for page in caller.sweep_twitch() for row in page] == noon
    assert not set(noon).intersection(earlier)


def test_instants_are_read_to_the_millisecond_and_written_in_both_zones() -> None:
    assert parse_instant("2026-11-20T12:00:00.250Z") == parse_instant("2026-11-20T12:00:00+00:00") + 250
    assert format_utc(1_795_176_000) == NOON
    assert format_kst(1_795_176_000) == "2026-11-20 21:00:00"
