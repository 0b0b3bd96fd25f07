"""Faults of the hosts of pictures, on request: what a hostile or broken host sends."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient
from tests.unit.simulators.callers import NOON, NOON_S, Caller

from airtide.simulators.pictures.hosts import FIRST_AFTER_S
from airtide.simulators.world import World

HOST = "/liveimg.sooplive.com"


@pytest.fixture
def paths(world: World) -> list[str]:
    """Paths of pictures of SOOP that are there at noon."""
    live = [live.broadcast for live in world.live("soop", NOON_S)]
    return [f"{HOST}/m/{one.broadcast_id}" for one in live if one.started_s + FIRST_AFTER_S <= NOON_S]


def ask_for_fault(caller: Caller, **fault: Any) -> None:
    assert caller.post("/faults", json={"site": "pictures", **fault}).status_code == 201


def get(caller: Caller, path: str) -> Any:
    headers = {"Simulated-Now": NOON}
    return caller.client.get(f"/pictures{path}", headers=headers, follow_redirects=False)


def test_a_fault_of_a_host_meets_any_of_its_pictures_and_no_other_host(caller: Caller, paths: list[str]) -> None:
    ask_for_fault(caller, path=HOST, status=404)
    assert get(caller, "/static-cdn.jtvnw.net/ttv-static/404_preview-440x248.jpg").status_code == 200
    assert [get(caller, path).status_code for path in (paths[0], paths[0])] == [404, 200]


def test_a_fault_of_a_picture_meets_no_other_one(caller: Caller, paths: list[str]) -> None:
    ask_for_fault(caller, path=paths[1], status=503)
    assert [get(caller, path).status_code for path in (paths[0], paths[1])] == [200, 503]


def test_faults_of_a_site_leave_its_pictures_alone(caller: Caller, paths: list[str]) -> None:
    assert caller.post("/faults", json={"site": "soop", "status": 500}).status_code == 201
    assert get(caller, paths[0]).status_code == 200
    assert caller.soop().status_code == 500


def test_a_slow_host_sends_the_usual_picture_late(caller: Caller, paths: list[str]) -> None:
    usual = get(caller, paths[0]).content
    ask_for_fault(caller, delay_s=0.01)
    assert get(caller, paths[0]).content == usual
    assert caller.get("/faults").json() == {"faults": []}


def test_a_host_that_drips_sends_the_usual_picture_in_single_bytes(caller: Caller, paths: list[str]) -> None:
    usual = get(caller, paths[0]).content
    ask_for_fault(caller, drip_s=0.000001)
    assert get(caller, paths[0]).content == usual


def test_a_huge_picture_is_as_long_as_it_says(caller: Caller, paths: list[str]) -> None:
    usual = get(caller, paths[0]).content
    ask_for_fault(caller, huge=3_000_000)
    answer = get(caller, paths[0])
    assert (int(answer.headers["Content-Length"]), len(answer.content)) == (3_000_000, 3_000_000)
    assert answer.content.startswith(usual)


def test_a_picture_is_never_cut_to_be_huge(caller: Caller, paths: list[str]) -> None:
    usual = get(caller, paths[0]).content
    ask_for_fault(caller, huge=10)
    assert get(caller, paths[0]).content == usual


def test_a_web_page_can_come_as_a_picture(caller: Caller, paths: list[str]) -> None:
    ask_for_fault(caller, html=True, headers={"Content-Type": "image/jpeg"})
    answer = get(caller, paths[0])
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert answer.content.startswith(b"<!DOCTYPE html>")


def test_a_bomb_is_small_and_claims_to_be_gigantic(caller: Caller, paths: list[str]) -> None:
    ask_for_fault(caller, bomb=True)
    answer = get(caller, paths[0])
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
    assert len(answer.content) < 50_000
    with pytest.raises(Image.DecompressionBombError, match="225000000 pixels"):
        Image.open(io.BytesIO(answer.content))


@pytest.mark.parametrize("address", ["http://169.254.169.254/latest/meta-data/", "https://127.0.0.1/", "//[::1]/a.jpg"])
def test_a_host_can_lead_to_a_private_address(caller: Caller, paths: list[str], address: str) -> None:
    ask_for_fault(caller, redirect=address)
    answer = get(caller, paths[0])
    assert (answer.status_code, answer.headers["Location"]) == (302, address)


def test_pictures_are_counted_by_their_host(client: TestClient, caller: Caller, paths: list[str]) -> None:
    def count() -> int:
        counts = client.get("/calls", params={"site": "pictures"}).json()["calls"]
        return sum(row["calls"] for row in counts if row["path"] == HOST)

    before = count()
    for path in paths[:3]:
        get(caller, path)
    assert count() == before + 3
