"""Faults on request, and the credentials file."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tests.unit.simulators.callers import NOON_S, Caller


def ask_for_fault(caller: Caller, **fault: Any) -> None:
    assert caller.post("/faults", json=fault).status_code == 201


@pytest.mark.parametrize(
    ("request_body", "complaint"),
    [
        ({"site": "twitch"}, "exactly one of status, delay_s, html, truncate"),
        ({"site": "twitch", "status": 500, "html": True}, "exactly one of status, delay_s, html, truncate"),
        ({"site": "twitch", "status": 200}, "$.status"),
        ({"site": "twitch", "status": 598}, "598 is no HTTP status"),
        ({"site": "twich", "status": 500}, "youtube, twitch, soop, chzzk, kick"),
        ({"site": "twitch", "status": 500, "times": 0}, "$.times"),
        ({"site": "twitch", "state": 500}, "unknown field"),
        ([], "object"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_with_the_reason(
    caller: Caller, request_body: object, complaint: str
) -> None:
    answer = caller.post("/faults", json=request_body)
    assert answer.status_code == 400
    assert complaint in answer.json()["error"]
    assert caller.get("/faults").json() == {"faults": []}


def test_only_callers_on_this_machine_may_ask_for_faults(app: Starlette) -> None:
    stranger = TestClient(app, client=("192.0.2.7", 50_000))
    answers = [
        stranger.post("/faults", json={"site": "soop", "html": True}),
        stranger.delete("/faults"),
        stranger.get("/faults"),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403]


def test_the_second_page_of_twitch_fails_once_and_other_pages_never(caller: Caller) -> None:
    ask_for_fault(caller, site="twitch", path="/helix/streams", page=2, status=500)
    first = caller.twitch("/helix/streams", first=50)
    after = first.json()["pagination"]["cursor"]
    failed, retried = (caller.twitch("/helix/streams", first=50, after=after) for _ in range(2))
    assert [answer.status_code for answer in (first, failed, retried)] == [200, 500, 200]
    assert failed.json()["error"] == "Internal Server Error"


@pytest.mark.parametrize("site", ["youtube", "soop"])
def test_pages_of_the_other_sites_are_counted_too(caller: Caller, site: str) -> None:
    ask_for_fault(caller, site=site, page=2, status=503)
    if site == "soop":
        answers = [caller.soop(page_no=page_no) for page_no in (1, 2)]
    else:
        first = caller.search(order="date")
        answers = [first, caller.search(order="date", pageToken=first.json()["nextPageToken"])]
    assert [answer.status_code for answer in answers] == [200, 503]


def test_a_fault_happens_as_often_as_asked_on_its_own_path_and_site(caller: Caller) -> None:
    ask_for_fault(caller, site="twitch", path="/helix/games", status=503, times=2)
    assert caller.twitch("/helix/streams").status_code == 200
    assert caller.soop().status_code == 200
    statuses = [caller.twitch("/helix/games", id="1").status_code for _ in range(3)]
    assert statuses == [503, 503, 200]


def test_faults_can_be_listed_and_withdrawn(caller: Caller) -> None:
    ask_for_fault(caller, site="soop", html=True, times=3)
    caller.soop()
    assert caller.get("/faults").json() == {"faults": [{"site": "soop", "times": 2, "html": True}]}
    caller.client.delete("/faults")
    assert caller.soop().json()["page_no"] == 1


def test_a_web_page_comes_with_status_200(caller: Caller) -> None:
    ask_for_fault(caller, site="soop", html=True)
    answer = caller.soop()
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert answer.text.startswith("<!DOCTYPE html>")


def test_a_truncated_body_is_no_json_any_more(caller: Caller) -> None:
    ask_for_fault(caller, site="twitch", truncate=True)
    answer = caller.twitch("/helix/streams")
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_a_delayed_answer_is_the_usual_one(caller: Caller) -> None:
    ask_for_fault(caller, site="soop", delay_s=0.01)
    assert caller.soop().json() == caller.soop().json()
    assert caller.get("/faults").json() == {"faults": []}


def test_each_site_words_a_rate_limit_in_its_own_way(caller: Caller) -> None:
    for site in ("twitch", "youtube", "soop", "chzzk"):
        ask_for_fault(caller, site=site, status=429, times=2)
    twitch = caller.twitch("/helix/streams")
    assert (twitch.status_code, twitch.headers["Ratelimit-Reset"]) == (429, str(NOON_S + 1))
    assert twitch.headers["Ratelimit-Remaining"] == "0"
    assert caller.soop().status_code == caller.chzzk().status_code == 429
    burst = caller.youtube("videos", part="snippet", id="x").json()["error"]
    searches = caller.search().json()["error"]
    assert burst["errors"][0]["reason"] == searches["errors"][0]["reason"] == "rateLimitExceeded"
    assert "per day" not in burst["message"]
    assert "Search Queries per day" in searches["message"]


def test_a_token_and_a_quota_can_be_taken_away(caller: Caller) -> None:
    ask_for_fault(caller, site="twitch", status=401)
    ask_for_fault(caller, site="youtube", status=403)
    assert caller.twitch("/helix/streams").json()["message"] == "Invalid OAuth token"
    quota = caller.youtube("videos", part="snippet", id="x").json()["error"]["errors"][0]
    assert (quota["domain"], quota["reason"]) == ("youtube.quota", "quotaExceeded")


def test_members_of_the_usual_answer_can_be_changed_and_left_out(caller: Caller) -> None:
    ask_for_fault(caller, site="twitch", change={"pagination": {"cursor": None}})
    ask_for_fault(caller, site="twitch", remove=["pagination"])
    changed, cut, usual = (caller.twitch("/helix/streams").json() for _ in range(3))
    assert usual["pagination"]["cursor"]
    assert changed == {**usual, "pagination": {"cursor": None}}
    assert cut == {"data": usual["data"]}


def test_body_and_headers_can_be_given(caller: Caller) -> None:
    headers = {"Retry-After": "9", "Date": "Thu, 01 Jan 2026 00:00:00 GMT"}
    ask_for_fault(caller, site="soop", status=400, body={"result": -7}, headers=headers)
    answer = caller.soop()
    assert answer.json() == {"result": -7}
    assert headers.items() <= {name.title(): value for name, value in answer.headers.items()}.items()
