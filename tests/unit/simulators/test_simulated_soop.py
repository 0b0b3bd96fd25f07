"""SOOP's wire format, paging and refusals."""

from __future__ import annotations

import json
import re

import pytest
from tests.unit.simulators.callers import NOON_S, Caller

from airtide.simulators.world import World


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"client_id": "other"},
        {"client_id": "soop-id", "page_no": "0"},
        {"client_id": "soop-id", "page_no": "x"},
        {"client_id": "soop-id", "order_type": "name"},
        {"client_id": "soop-id", "callback": "alert(1)//"},
    ],
)
def test_a_refusal_has_status_200_and_a_negative_result(caller: Caller, params: dict[str, str]) -> None:
    answer = caller.get("/soop/broad/list", **params)
    assert answer.status_code == 200
    assert answer.json()["result"] == -1
    assert "broad" not in answer.json()


def test_every_live_broadcast_is_on_one_page_of_60_and_counted(caller: Caller, world: World) -> None:
    pages = list(caller.sweep_soop())
    numbers = [row["broad_no"] for page in pages for row in page["broad"]]
    expected = [live.broadcast.broadcast_id for live in world.live("soop", NOON_S)]
    assert sorted(numbers) == sorted(expected)
    assert {page["total_cnt"] for page in pages} == {len(expected)}
    assert {page["page_block"] for page in pages} == {60}
    assert [len(page["broad"]) for page in pages[:-1]] == [60] * (len(pages) - 1)
    assert len(pages) >= 3


def test_a_page_past_the_end_is_empty(caller: Caller) -> None:
    assert caller.soop(page_no=99).json()["broad"] == []


def test_a_row_holds_strings_only_in_the_shapes_of_real_ones(caller: Caller) -> None:
    content = caller.soop().json()
    assert content["time"] == NOON_S
    shapes = {
        "broad_no": r"\d{9}",
        "broad_cate_no": r"\d{8}",
        "broad_thumb": r"//liveimg\.sooplive\.com/m/\d{9}",
        "profile_img": r"//profile\.img\.sooplive\.com/.+",
        "broad_start": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
        "total_view_cnt": r"\d+",
        "user_id": r"[a-z0-9]+",
        "is_password": "[01]",
        "broad_grade": "0|19",
    }
    for row in content["broad"]:
        assert all(isinstance(value, str) for value in row.values())
        assert {name: row[name] for name, shape in shapes.items() if not re.fullmatch(shape, row[name])} == {}


def test_starts_are_told_in_the_local_time_of_seoul(caller: Caller, world: World) -> None:
    live = world.live("soop", NOON_S)[0].broadcast
    row = caller.soop().json()["broad"][0]
    hours, minutes, seconds = (live.started_s // 3600 + 9) % 24, live.started_s // 60 % 60, live.started_s % 60
    assert row["broad_no"] == live.broadcast_id
    assert row["broad_start"][11:] == f"{hours:02}:{minutes:02}:{seconds:02}"


def test_lists_come_by_viewers_or_by_start(caller: Caller) -> None:
    viewers = [int(row["total_view_cnt"]) for row in caller.soop().json()["broad"]]
    starts = [row["broad_start"] for row in caller.soop(order_type="broad_start").json()["broad"]]
    assert viewers == sorted(viewers, reverse=True)
    assert starts == sorted(starts, reverse=True)


def test_a_category_selects_itself_and_its_children(caller: Caller) -> None:
    everything = caller.soop().json()["total_cnt"]
    games = caller.soop(select_key="cate", select_value="00040000").json()
    leagues = caller.soop(select_key="cate", select_value="00040019").json()
    assert {row["broad_cate_no"][:4] for row in games["broad"]} == {"0004"}
    assert {row["broad_cate_no"] for row in leagues["broad"]} == {"00040019"}
    assert 0 < leagues["total_cnt"] < games["total_cnt"] < everything


def test_the_tree_names_every_category_that_broadcasts_use(caller: Caller) -> None:
    tree = caller.soop("/broad/category/list").json()["broad_category"]
    named = {entry["cate_no"] for root in tree for entry in (root, *root["child"])}
    assert {row["broad_cate_no"] for page in caller.sweep_soop() for row in page["broad"]} <= named
    assert ("00040000", "게임") in {(root["cate_no"], root["cate_name"]) for root in tree}


def test_a_callback_makes_it_a_script(caller: Caller) -> None:
    answer = caller.soop(callback="show")
    assert answer.headers["Content-Type"].startswith("application/javascript")
    assert json.loads(answer.text.removeprefix("show(").removesuffix(");")) == caller.soop().json()
