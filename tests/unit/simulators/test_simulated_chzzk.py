"""CHZZK's wire format, paging and refusals."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.simulators.callers import NOON_S, Caller

from airtide.simulators.chzzk.parameters import CURSOR_LIFE_S, make_cursor
from airtide.simulators.world import World
from airtide.simulators.world.traits import CHZZK

STALE = {"code": 400, "message": "잘못된 next 값입니다.", "content": None}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Client-Id": "chzzk-id"},
        {"Client-Secret": "chzzk-secret"},
        {"Client-Id": "chzzk-id", "Client-Secret": "guessed"},
        {"Client-Id": "other", "Client-Secret": "chzzk-secret"},
        {"Authorization": "Bearer chzzk-secret"},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["lives", "channels", "categories/search"])
def test_a_call_without_the_right_keys_is_refused(caller: Caller, path: str, headers: dict[str, str]) -> None:
    answer = caller.get(f"/chzzk/open/v1/{path}", headers)
    assert answer.status_code == 401
    assert answer.json() == {"code": 401, "message": "INVALID_CLIENT", "content": None}


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "not base64!",
        "한글",
        base64.b64encode(bytes(15)).decode(),
        base64.b64encode(bytes(16)).decode(),
        make_cursor(20, NOON_S)[:-2],
        make_cursor(20, NOON_S).lower(),
        make_cursor(20, NOON_S - CURSOR_LIFE_S - 1),
        make_cursor(20, NOON_S + CURSOR_LIFE_S + 1),
    ],
)
def test_a_cursor_that_is_wrong_or_has_gone_stale_is_refused_in_the_sites_words(caller: Caller, cursor: str) -> None:
    answer = caller.chzzk(next=cursor)
    assert (answer.status_code, answer.json()) == (400, STALE)


@pytest.mark.parametrize("size", [0, 21, "x", -1])
def test_a_bad_size_is_refused(caller: Caller, size: object) -> None:
    answer = caller.chzzk(size=size)
    assert (answer.status_code, answer.json()["code"], answer.json()["content"]) == (400, 400, None)


def test_every_live_broadcast_is_on_one_page_and_viewers_fall_from_row_to_row(caller: Caller, world: World) -> None:
    pages = list(caller.sweep_chzzk())
    rows = [row for page in pages for row in page]
    live = world.live("chzzk", NOON_S)
    assert [len(page) for page in pages[:-1]] == [20] * (len(pages) - 1)
    assert [row["liveId"] for row in rows] == [int(each.broadcast.broadcast_id) for each in live]
    assert [row["concurrentUserCount"] for row in rows] == sorted((each.viewers for each in live), reverse=True)


def test_a_page_has_20_rows_unless_fewer_are_asked_for(caller: Caller) -> None:
    assert len(caller.chzzk().json()["content"]["data"]) == 20
    assert len(caller.chzzk(size=7).json()["content"]["data"]) == 7
    assert [len(page) for page in caller.sweep_chzzk(size=19)][:2] == [19, 19]


def test_cursors_are_16_bytes_in_base64_and_tell_nothing() -> None:
    cursors = [make_cursor(offset, NOON_S) for offset in range(0, 4000, 20)]
    assert all(len(base64.b64decode(cursor, validate=True)) == 16 and cursor.endswith("==") for cursor in cursors)
    assert {one for one in "+/" if any(one in cursor for cursor in cursors)} == {"+", "/"}
    assert len({cursor[:4] for cursor in cursors}) > 190


def test_a_cursor_holds_for_a_while_also_when_a_clock_moves_back(caller: Caller) -> None:
    for made_s in (NOON_S - CURSOR_LIFE_S, NOON_S, NOON_S + CURSOR_LIFE_S):
        assert caller.chzzk(next=make_cursor(20, made_s)).status_code == 200


def test_the_last_page_has_a_null_cursor_and_a_page_behind_it_is_empty(caller: Caller, world: World) -> None:
    count = len(world.live("chzzk", NOON_S))
    last, behind = (caller.chzzk(next=make_cursor(offset, NOON_S)).json() for offset in (count - 1, count))
    assert (len(last["content"]["data"]), last["content"]["page"]) == (1, {"next": None})
    assert behind == {"code": 200, "message": None, "content": {"data": [], "page": {"next": None}}}


def test_a_row_has_the_fields_of_a_real_one(caller: Caller) -> None:
    rows = [row for page in caller.sweep_chzzk() for row in page]
    assert set(rows[0]) == {
        *("liveId", "liveTitle", "liveThumbnailImageUrl", "concurrentUserCount", "openDate", "adult", "tags"),
        *("categoryType", "liveCategory", "liveCategoryValue", "channelId", "channelName", "channelImageUrl"),
    }
    assert all(type(row["liveId"]) is int and type(row["concurrentUserCount"]) is int for row in rows)
    assert all(re.fullmatch("[0-9a-f]{32}", row["channelId"]) for row in rows)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", row["openDate"]) for row in rows)
    assert {row["categoryType"] for row in rows} >= {"GAME", "ETC", "SPORTS"}
    assert any(row["tags"] == [] for row in rows)
    assert any(len(row["tags"]) > 1 for row in rows)


def test_times_are_seouls_and_do_not_say_so(caller: Caller, world: World) -> None:
    live = world.live("chzzk", NOON_S)[0].broadcast
    row = caller.chzzk().json()["content"]["data"][0]
    utc = datetime.fromtimestamp(live.started_s, UTC)
    assert row["openDate"] == (utc + timedelta(hours=9)).strftime("%Y-%m-%d %H:%M:%S")


def test_only_broadcasts_for_adults_have_no_picture(caller: Caller) -> None:
    rows = [row for page in caller.sweep_chzzk() for row in page]
    assert {(row["adult"], row["liveThumbnailImageUrl"] is None) for row in rows} == {(True, True), (False, False)}
    assert all("{type}" in row["liveThumbnailImageUrl"] for row in rows if not row["adult"])


def test_a_missing_category_is_null_or_empty(caller: Caller) -> None:
    seen = set()
    for hour in range(24):
        caller.at = f"2026-11-20T{hour:02}:00:00Z"
        rows = [row for page in caller.sweep_chzzk() for row in page]
        seen |= {(row["categoryType"], row["liveCategoryValue"]) for row in rows if row["liveCategory"] is None}
    assert seen == {(None, ""), (None, None)}


def test_channels_are_looked_up_by_id_and_unknown_ones_left_out(caller: Caller, world: World) -> None:
    first, second = world.channel_table("chzzk").channels[3:5]
    ids = f"{first.channel_id},{'0' * 32},{second.channel_id}"
    rows = caller.chzzk("/open/v1/channels", channelIds=ids).json()["content"]["data"]
    assert [(row["channelId"], row["channelName"]) for row in rows] == [
        (each.channel_id, each.name) for each in (first, second)
    ]
    assert set(rows[0]) == {"channelId", "channelName", "channelImageUrl", "followerCount", "verifiedMark"}


@pytest.mark.parametrize("ids", ["", ",", ",".join(f"{n:032x}" for n in range(21))], ids=["none", "commas", "21"])
def test_too_many_or_no_channels_are_refused(caller: Caller, ids: str) -> None:
    assert caller.chzzk("/open/v1/channels", channelIds=ids).json()["code"] == 400


def test_categories_are_found_by_a_part_of_their_names(caller: Caller) -> None:
    def search(**params: object) -> list[dict[str, str]]:
        found: list[dict[str, str]] = caller.chzzk("/open/v1/categories/search", **params).json()["content"]["data"]
        return found

    assert [row["categoryId"] for row in search(query="리그 오브")] == ["League_of_Legends"]
    assert [row["categoryType"] for row in search(query="BASEBALL")] == ["SPORTS"]
    assert len(search(query="a", size=2)) == 2
    assert len(search(query="a", size=50)) <= len(CHZZK.categories)
    assert search(query="no such thing") == []
    assert caller.chzzk("/open/v1/categories/search", query=" ").status_code == 400
    assert caller.chzzk("/open/v1/categories/search", query="a", size=51).status_code == 400


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "잘못된 next 값입니다."),
        (401, "INVALID_CLIENT"),
        (403, "FORBIDDEN"),
        (404, "NOT_FOUND"),
        (429, "TOO_MANY_REQUESTS"),
        (500, "INTERNAL_SERVER_ERROR"),
    ],
)
def test_a_fault_is_worded_as_the_site_words_it(caller: Caller, status: int, message: str) -> None:
    caller.post("/faults", json={"site": "chzzk", "page": 2, "status": status})
    assert caller.chzzk().status_code == 200
    answer = caller.chzzk(next=make_cursor(20, NOON_S))
    assert (answer.status_code, answer.json()) == (status, {"code": status, "message": message, "content": None})
    assert "Retry-After" not in answer.headers
