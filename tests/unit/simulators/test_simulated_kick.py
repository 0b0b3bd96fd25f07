"""Kick's wire format, paging and refusals."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.unit.simulators.callers import NOON, NOON_S, Caller

from airtide.simulators.tokens import TOKEN_LIFE_S
from airtide.simulators.world import World

V1 = "/public/v1/livestreams"
OF_USERS = "/public/v1/users/livestreams"
STATS = "/public/v1/livestreams/stats"


@pytest.mark.parametrize("path", ["/public/v2/livestreams", V1, OF_USERS, STATS])
@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer nonsense"}, {"Authorization": "OAuth GOOD"}], ids=str
)
def test_a_call_without_a_good_token_is_refused(caller: Caller, path: str, headers: Mapping[str, str]) -> None:
    headers = {name: value.replace("GOOD", caller.kick_token) for name, value in headers.items()}
    answer = caller.get(f"/kick{path}", headers)
    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized", "data": {}})


def test_a_token_ends_after_its_life_and_holds_at_earlier_instants(client: TestClient) -> None:
    token = Caller(client, at=NOON).kick_token

    def status_at(instant: str) -> int:
        asker = Caller(client, at=instant)
        asker.kick_token = token
        return asker.kick(limit=1).status_code

    assert [status_at(instant) for instant in ("2026-11-18T00:00:00Z", "2027-01-17T11:59:00Z")] == [200, 200]
    assert status_at("2027-01-18T00:00:00Z") == 401


@pytest.mark.parametrize("wrong", [{"client_secret": "guessed"}, {"client_id": "x"}, {"grant_type": "x"}], ids=str)
def test_every_wrong_request_for_a_token_gets_the_same_refusal(caller: Caller, wrong: dict[str, str]) -> None:
    form = {"client_id": "kick-id", "client_secret": "kick-secret", "grant_type": "client_credentials"}
    answer = caller.post("/kick/oauth/token", data=form | wrong)
    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid request"})


def test_the_life_of_a_token_comes_as_a_number_or_as_a_text(client: TestClient) -> None:
    form = {"client_id": "kick-id", "client_secret": "kick-secret", "grant_type": "client_credentials"}
    lives = [
        Caller(client, at=instant).post("/kick/oauth/token", data=form).json()["expires_in"]
        for instant in ("2026-11-20T12:00:00Z", "2026-11-20T12:00:01Z")
    ]
    assert lives == [TOKEN_LIFE_S, str(TOKEN_LIFE_S)]


def test_every_live_broadcast_is_on_one_page_oldest_start_first(caller: Caller, world: World) -> None:
    pages = list(caller.sweep_kick(limit=30))
    rows = [row for page in pages for row in page]
    assert [len(page) for page in pages[:-1]] == [30] * (len(pages) - 1)
    assert len(pages) > 3
    assert {row["id"] for row in rows} == {live.broadcast.broadcast_id for live in world.live("kick", NOON_S)}
    assert len({row["id"] for row in rows}) == len(rows)
    assert [row["started_at"] for row in rows] == sorted(row["started_at"] for row in rows)


def test_pages_do_not_shuffle_while_broadcasts_start_and_end(caller: Caller, world: World) -> None:
    first = caller.kick(limit=20).json()
    caller.at = "2026-11-20T12:20:00Z"
    second = caller.kick(limit=1000, cursor=first["pagination"]["next_cursor"]).json()
    assert not {row["id"] for row in first["data"]} & {row["id"] for row in second["data"]}
    still_on = {live.broadcast.broadcast_id for live in world.live("kick", NOON_S + 1200)}
    assert still_on <= {row["id"] for page in (first, second) for row in page["data"]}


def test_a_page_has_100_rows_unless_asked_for_up_to_a_thousand(caller: Caller, world: World) -> None:
    live = len(world.live("kick", NOON_S))
    assert live > 100
    assert len(caller.kick().json()["data"]) == 100
    whole = caller.kick(limit=1000).json()
    assert len(whole["data"]) == live
    assert (whole["message"], whole["pagination"]) == ("OK", {"next_cursor": ""})


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/public/v2/livestreams", {"limit": 1001}),
        ("/public/v2/livestreams", {"limit": 0}),
        ("/public/v2/livestreams", {"cursor": "???"}),
        ("/public/v2/livestreams", {"cursor": "e30"}),
        ("/public/v2/livestreams", {"category_id": ["1"] * 26}),
        ("/public/v2/livestreams", {"category_id": "games"}),
        ("/public/v2/livestreams", {"language_code": ["en"] * 26}),
        (V1, {"limit": 101}),
        (V1, {"sort": "name"}),
        (V1, {"broadcaster_user_id": ["1"] * 51}),
        (OF_USERS, {}),
        (OF_USERS, {"user_id": ["1"] * 101}),
    ],
)
def test_a_bad_parameter_is_refused(caller: Caller, path: str, params: dict[str, Any]) -> None:
    answer = caller.kick(path, **params)
    assert answer.status_code == 400
    assert answer.json()["data"] == {}


def test_a_row_has_the_fields_of_a_real_one(caller: Caller) -> None:
    rows = [row for page in caller.sweep_kick() for row in page]
    assert set(rows[0]) == {
        *("id", "title", "thumbnail", "started_at", "viewer_count", "language_code", "tags", "has_mature_content"),
        *("broadcaster_user", "category", "channel"),
    }
    assert all(str(uuid.UUID(row["id"])) == row["id"] for row in rows)
    assert all(isinstance(row["broadcaster_user"]["id"], int) for row in rows)
    assert all(set(row["category"] or ()) <= {"id", "name", "thumbnail"} for row in rows)
    assert all(row["thumbnail"].startswith("https://images.kick.com/video_thumbnails/") for row in rows)


def test_some_broadcasts_have_no_category_no_title_or_no_tags(caller: Caller) -> None:
    seen: set[str] = set()
    for hour in range(24):
        caller.at = f"2026-11-20T{hour:02}:00:00Z"
        for row in (row for page in caller.sweep_kick() for row in page):
            seen |= {name for name, empty in (("category", None), ("title", ""), ("tags", [])) if row[name] == empty}
    assert seen == {"category", "title", "tags"}


def test_a_hidden_count_is_shown_as_zero_in_every_list(caller: Caller, world: World) -> None:
    hidden = {
        live.broadcast.channel.channel_id: live.viewers
        for live in world.live("kick", NOON_S)
        if not live.known and live.viewers
    }
    assert len(hidden) > 3
    listed = {str(row["broadcaster_user"]["id"]): row["viewer_count"] for row in caller.kick(limit=1000).json()["data"]}
    users = caller.kick(OF_USERS, user_id=list(hidden)).json()["data"]
    first = caller.kick(V1, broadcaster_user_id=list(hidden)[:50], limit=100).json()["data"]
    assert {listed[channel_id] for channel_id in hidden} == {0}
    assert {row["viewer_count"] for row in [*users, *first]} == {0}


def test_version_one_is_a_list_by_viewers_without_ids_and_without_a_way_on(caller: Caller) -> None:
    content = caller.kick(V1, limit=100, sort="viewer_count").json()
    assert set(content) == {"data", "message"}
    assert set(content["data"][0]) == {
        *("broadcaster_user_id", "channel_id", "slug", "stream_title", "started_at", "viewer_count", "thumbnail"),
        *("language", "custom_tags", "has_mature_content", "category"),
    }
    counts = [row["viewer_count"] for row in content["data"]]
    assert len(counts) == 100
    assert counts == sorted(counts, reverse=True)
    assert len(caller.kick(V1).json()["data"]) == 25
    by_start = [row["started_at"] for row in caller.kick(V1, sort="started_at").json()["data"]]
    assert by_start == sorted(by_start, reverse=True)


def test_asked_by_user_only_live_ones_of_them_are_listed(caller: Caller, world: World) -> None:
    live = {each.broadcast.channel.channel_id for each in world.live("kick", NOON_S)}
    asked = [channel.channel_id for channel in world.channel_table("kick").channels[:100]]
    rows = caller.kick(OF_USERS, user_id=asked).json()["data"]
    assert {str(row["broadcaster_user"]["id"]) for row in rows} == live & set(asked)
    assert 0 < len(rows) < 100


def test_filters_by_language_and_category_take_any_of_several(caller: Caller) -> None:
    rows = [row for page in caller.sweep_kick(language_code=["es", "pt"], category_id=["15", "28"]) for row in page]
    assert {row["language_code"] for row in rows} == {"es", "pt"}
    assert {row["category"]["id"] for row in rows} == {15, 28}
    [language] = {row["language"] for row in caller.kick(V1, language="es", category_id="15").json()["data"]}
    assert language == "es"


def test_the_count_is_that_of_the_list(caller: Caller, world: World) -> None:
    assert caller.kick(STATS).json() == {"data": {"total_count": len(world.live("kick", NOON_S))}, "message": "OK"}


def test_a_rate_limit_tells_no_time_to_wait(caller: Caller) -> None:
    caller.post("/faults", json={"site": "kick", "status": 429})
    answer = caller.kick()
    assert (answer.status_code, answer.json()) == (429, {"message": "Too Many Requests", "data": {}})
    assert not [name for name in answer.headers if "ratelimit" in name.lower() or name.lower() == "retry-after"]


def test_the_second_page_can_fail_alone(caller: Caller) -> None:
    caller.post("/faults", json={"site": "kick", "page": 2, "status": 500})
    first = caller.kick(limit=50)
    cursor = first.json()["pagination"]["next_cursor"]
    assert [first.status_code, *(caller.kick(limit=50, cursor=cursor).status_code for _ in range(2))] == [200, 500, 200]


def test_hidden_time_is_no_known_time_of_the_truth_and_adds_no_viewers() -> None:
    world = World(seed=3, channels=300)
    begin_s, end_s = NOON_S, NOON_S + 3600
    shown = sum(
        live.viewers if live.known else 0 for at_s in range(begin_s, end_s) for live in world.live("kick", at_s)
    )
    truths = list(world.truths("kick", begin_s * 1000, end_s * 1000, {}))
    assert sum(truth.viewer_ms for truth in truths) == 1000 * shown
    assert any(truth.known_ms < truth.live_ms for truth in truths)
