"""Faults on request, and the credentials file."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tests.unit.simulators.callers import CREDENTIALS, NOON_S, SEED, Caller

from airtide.simulators.app import SimulatorConfig, build_app


def ask_for_fault(caller: Caller, **fault: Any) -> None:
    assert caller.post("/faults", json=fault).status_code == 201


@pytest.mark.parametrize(
    ("request_body", "complaint"),
    [
        ({"site": "twitch"}, "exactly one of status, delay_s, html, truncate, change, remove, empty, "),
        ({"site": "twitch", "status": 500, "html": True}, "exactly one of status, delay_s, html, truncate"),
        ({"site": "twitch", "empty": True, "repeat": True}, "exactly one of status, delay_s, html, truncate"),
        ({"site": "twitch", "skew_s": 99_999_999}, "$.skew_s"),
        ({"site": "twitch", "drip_s": 0}, "$.drip_s"),
        ({"site": "twitch", "status": 200}, "$.status"),
        ({"site": "twitch", "status": 598}, "598 is no HTTP status"),
        ({"site": "twich", "status": 500}, "youtube, twitch, soop, chzzk, kick, pictures"),
        ({"site": "pictures", "empty": True}, "a picture has no empty - at `$.empty`"),
        ({"site": "pictures", "page": 2, "status": 500}, "a picture has no page"),
        ({"site": "pictures", "huge": 0}, "$.huge"),
        ({"site": "pictures", "redirect": ""}, "$.redirect"),
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


@pytest.mark.parametrize(
    ("site", "path", "rows"),
    [
        ("twitch", "/helix/streams", ("data",)),
        ("soop", "/broad/list", ("broad",)),
        ("youtube", "search", ("items",)),
        ("chzzk", "/open/v1/lives", ("content", "data")),
    ],
)
def test_an_empty_page_has_no_rows_and_all_the_rest(
    caller: Caller, site: str, path: str, rows: tuple[str, ...]
) -> None:
    def ask() -> Any:
        return (caller.search if site == "youtube" else getattr(caller, site))(
            **({} if site == "youtube" else {"path": path})
        )

    usual = ask().json()
    ask_for_fault(caller, site=site, empty=True)
    emptied = ask().json()
    holder, wanted = usual, emptied
    for name in rows[:-1]:
        holder, wanted = holder[name], wanted[name]
    assert len(holder[rows[-1]]) > 0
    assert wanted == holder | {rows[-1]: []}


def test_members_can_be_changed_or_taken_away(caller: Caller) -> None:
    ask_for_fault(caller, site="soop", change={"total_cnt": 7, "broad": None})
    ask_for_fault(caller, site="soop", remove=["broad", "total_cnt"])
    changed, cut = (caller.soop().json() for _ in range(2))
    assert (changed["total_cnt"], changed["broad"], changed["page_no"]) == (7, None, 1)
    assert sorted(cut) == ["page_block", "page_no", "time"]


def test_a_page_can_be_repeated_whatever_is_asked_for(caller: Caller) -> None:
    first = caller.soop(page_no=1)
    ask_for_fault(caller, site="soop", page=2, repeat=True)
    repeated, second = (caller.soop(page_no=2) for _ in range(2))
    assert repeated.json() == first.json()
    assert second.json()["page_no"] == 2


def test_a_first_page_has_nothing_to_repeat() -> None:
    # an application of its own, since what other tests asked for last could be repeated
    app = build_app(SimulatorConfig(credentials=CREDENTIALS, seed=SEED, channels=60))
    caller = Caller(TestClient(app, client=("127.0.0.1", 50_000)))
    ask_for_fault(caller, site="twitch", path="/helix/users", repeat=True)
    assert caller.twitch("/helix/users", login="nobody").json() == {"data": []}


@pytest.mark.parametrize(
    ("skew_s", "date"), [(600, "Fri, 20 Nov 2026 12:10:00 GMT"), (-600, "Fri, 20 Nov 2026 11:50:00 GMT")]
)
def test_a_skewed_clock_moves_the_date_and_the_world(caller: Caller, skew_s: int, date: str) -> None:
    ask_for_fault(caller, site="soop", skew_s=skew_s)
    skewed, usual = (caller.soop() for _ in range(2))
    assert (skewed.headers["Date"], usual.headers["Date"]) == (date, "Fri, 20 Nov 2026 12:00:00 GMT")
    assert skewed.json()["time"] == usual.json()["time"] + skew_s


def test_a_rate_limit_can_come_without_the_sites_own_headers(caller: Caller) -> None:
    ask_for_fault(caller, site="twitch", status=429, bare=True)
    answer = caller.twitch("/helix/streams")
    assert answer.status_code == 429
    assert [name for name in answer.headers if "ratelimit" in name.lower()] == []


def test_a_stale_cursor_is_worded_as_each_site_does(caller: Caller) -> None:
    after = caller.twitch("/helix/streams").json()["pagination"]["cursor"]
    token = caller.search().json()["nextPageToken"]
    for site in ("twitch", "youtube", "chzzk"):
        ask_for_fault(caller, site=site, status=400)
    assert "not a cursor" in caller.twitch("/helix/streams", after=after).json()["message"]
    assert caller.search(pageToken=token).json()["error"]["errors"][0]["reason"] == "invalidPageToken"
    assert "next" in caller.chzzk("/open/v1/lives").json()["message"]


def test_a_dripping_answer_is_the_usual_one_in_the_end(caller: Caller) -> None:
    ask_for_fault(caller, site="twitch", path="/helix/users", drip_s=0.0001)
    dripped, usual = (caller.twitch("/helix/users", login="nobody") for _ in range(2))
    assert dripped.json() == usual.json()
    assert "Content-Length" not in dripped.headers
