"""Twitch's wire format, paging and refusals."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient
from tests.unit.simulators.callers import NOON_S, Caller

from airtide.simulators.tokens import TOKEN_LIFE_S
from airtide.simulators.twitch.points import PointsMeter
from airtide.simulators.world import World


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({}, "OAuth token is missing"),
        ({"Authorization": "Bearer GOOD"}, "Missing Client ID or OAuth token"),
        ({"Authorization": "Bearer nonsense", "Client-Id": "twitch-id"}, "Invalid OAuth token"),
        ({"Authorization": "Bearer GOOD", "Client-Id": "other"}, "Client ID and OAuth token do not match"),
    ],
)
def test_a_call_without_the_right_token_and_client_id_is_refused(
    caller: Caller, headers: dict[str, str], message: str
) -> None:
    headers = {name: value.replace("GOOD", caller.token) for name, value in headers.items()}
    answer = caller.get("/twitch/helix/streams", headers)
    assert answer.status_code == 401
    assert answer.json() == {"error": "Unauthorized", "status": 401, "message": message}


def test_a_token_holds_at_any_instant_before_its_expiry_also_before_it_was_issued(client: TestClient) -> None:
    token = Caller(client, at="2026-11-20T12:00:00Z").token

    def status_at(instant: str) -> int:
        asker = Caller(client, at=instant)
        asker.token = token
        return asker.twitch("/helix/streams").status_code

    assert status_at("2026-11-18T00:00:00Z") == 200
    assert status_at("2027-01-17T11:59:00Z") == 200
    assert status_at("2027-01-18T00:00:00Z") == 401
    assert status_at("2026-11-20T12:00:00Z") == 200


def test_a_wrong_secret_gets_no_token(caller: Caller) -> None:
    form = {"client_id": "twitch-id", "client_secret": "guessed", "grant_type": "client_credentials"}
    answer = caller.post("/twitch/oauth2/token", data=form)
    assert (answer.status_code, answer.json()) == (403, {"status": 403, "message": "invalid client secret"})
    assert caller.post("/twitch/oauth2/token", data=form | {"client_id": "x"}).status_code == 400
    assert caller.post("/twitch/oauth2/token", data=form | {"grant_type": "x"}).status_code == 400


def test_a_token_tells_how_long_it_lasts(caller: Caller) -> None:
    told = caller.get("/twitch/oauth2/validate", {"Authorization": f"OAuth {caller.token}"}).json()
    assert told == {"client_id": "twitch-id", "scopes": [], "expires_in": TOKEN_LIFE_S}
    assert caller.get("/twitch/oauth2/validate", {"Authorization": "OAuth x"}).status_code == 401


def test_every_live_broadcast_is_on_one_page_and_viewers_fall_from_row_to_row(caller: Caller, world: World) -> None:
    pages = list(caller.sweep_twitch())
    rows = [row for page in pages for row in page]
    assert [len(page) for page in pages[:-1]] == [100] * (len(pages) - 1)
    assert {row["id"] for row in rows} == {live.broadcast.broadcast_id for live in world.live("twitch", NOON_S)}
    assert len({row["id"] for row in rows}) == len(rows)
    assert [row["viewer_count"] for row in rows] == sorted((row["viewer_count"] for row in rows), reverse=True)


def test_a_row_has_the_fields_of_a_real_one(caller: Caller) -> None:
    rows = [row for page in caller.sweep_twitch() for row in page]
    assert set(rows[0]) == {
        *("id", "user_id", "user_login", "user_name", "game_id", "game_name", "type", "title", "tags"),
        *("viewer_count", "started_at", "language", "thumbnail_url", "tag_ids", "is_mature"),
    }
    assert all(row["id"].isdecimal() and row["user_id"].isdecimal() for row in rows)
    assert all(row["thumbnail_url"].endswith("-{width}x{height}.jpg") for row in rows)
    assert all(row["started_at"].endswith("Z") and row["started_at"] < caller.at for row in rows)
    assert any(row["tags"] is None for row in rows)


def test_some_broadcasts_have_no_category_no_title_or_no_viewers(caller: Caller) -> None:
    seen: set[str] = set()
    for hour in range(24):
        caller.at = f"2026-11-20T{hour:02}:00:00Z"
        for page in caller.sweep_twitch():
            seen |= {"category" for row in page if (row["game_id"], row["game_name"]) == ("", "")}
            seen |= {"title" for row in page if row["title"] == ""}
            seen |= {"viewers" for row in page if row["viewer_count"] == 0}
    assert seen == {"category", "title", "viewers"}


def test_a_page_has_20_rows_unless_asked_otherwise(caller: Caller) -> None:
    assert len(caller.twitch("/helix/streams").json()["data"]) == 20
    assert len(caller.twitch("/helix/streams", first=7).json()["data"]) == 7


@pytest.mark.parametrize(
    "params",
    [{"first": 0}, {"first": 101}, {"first": "x"}, {"after": "???"}, {"after": "e30"}, {"user_id": ["1"] * 101}],
)
def test_a_bad_parameter_is_refused(caller: Caller, params: dict[str, object]) -> None:
    answer = caller.twitch("/helix/streams", **params)
    assert answer.status_code == 400
    assert answer.json()["error"] == "Bad Request"


def test_asked_by_user_only_live_ones_of_them_are_listed(caller: Caller, world: World) -> None:
    live = {each.broadcast.channel.channel_id for each in world.live("twitch", NOON_S)}
    channels = world.channel_table("twitch").channels[:100]
    rows = caller.twitch("/helix/streams", first=100, user_id=[channel.channel_id for channel in channels]).json()
    expected = live & {channel.channel_id for channel in channels}
    assert {row["user_id"] for row in rows["data"]} == expected
    assert 0 < len(expected) < 100
    by_login = caller.twitch("/helix/streams", user_login=rows["data"][0]["user_login"]).json()["data"]
    assert [row["user_id"] for row in by_login] == [rows["data"][0]["user_id"]]


def test_filters_by_language_and_category_hold_for_every_row(caller: Caller) -> None:
    rows = [row for page in caller.sweep_twitch(language="ko", game_id="509658") for row in page]
    assert {(row["language"], row["game_id"]) for row in rows} == {("ko", "509658")}


def test_each_call_costs_a_point_and_the_801st_of_a_minute_is_refused(caller: Caller) -> None:
    first, second = (caller.twitch("/helix/streams", first=1).headers for _ in range(2))
    assert int(first["Ratelimit-Remaining"]) - int(second["Ratelimit-Remaining"]) == 1
    assert (first["Ratelimit-Limit"], first["Ratelimit-Reset"]) == ("800", str(NOON_S + 60))
    meter = PointsMeter()
    paid = [meter.spend(NOON_S)[0] for _ in range(801)]
    assert (paid.count(True), paid[-1], meter.spend(NOON_S + 60)[0]) == (800, False, True)


def test_games_and_users_are_looked_up_by_id_and_unknown_ones_left_out(caller: Caller, world: World) -> None:
    game = caller.twitch("/helix/games", id=["21779", "1"]).json()["data"]
    assert [(row["id"], row["name"]) for row in game] == [("21779", "League of Legends")]
    channel = world.channel_table("twitch").channels[3]
    users = caller.twitch("/helix/users", id=[channel.channel_id, "1"]).json()["data"]
    assert [(row["login"], row["display_name"]) for row in users] == [(channel.handle, channel.name)]
    assert caller.twitch("/helix/games").status_code == caller.twitch("/helix/users").status_code == 400
