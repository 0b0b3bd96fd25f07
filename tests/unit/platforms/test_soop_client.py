"""SOOP's client against answers in the site's form."""

from __future__ import annotations

import traceback
from typing import Any

import pytest
import responses
from responses.matchers import query_param_matcher
from tests.fakes.polling import CollectingSink
from tests.unit.platforms.parser_cases import read_full_record
from tests.unit.platforms.sites import (
    BASE,
    SECRET,
    SITE_TIME,
    TICK,
    Limits,
    answer,
    make_access,
    make_clock,
    read_all,
    seen_ids,
)

from airtide.domain.errors import (
    AirtideError,
    ContractChanged,
    CredentialsRejected,
    MisconfiguredError,
    PermanentError,
    RateLimited,
)
from airtide.domain.models import Outcome, Platform
from airtide.domain.pages import Tally
from airtide.pipeline.poll import poll_platform
from airtide.platforms.quota import Quota
from airtide.platforms.soop.client import SoopSource

LIST = f"{BASE}/broad/list"
CATEGORIES = f"{BASE}/broad/category/list"

TREE = {
    "broad_category": [
        {
            "cate_no": "00040000",
            "cate_name": "게임",
            "child": [{"cate_no": "00040019", "cate_name": "리그 오브 레전드", "child": []}],
        },
        {"cate_no": "00130000", "cate_name": "토크/캠방"},
    ]
}


def make_source(**limits: Any) -> SoopSource:
    return SoopSource(make_access(token_url=None, login=""), Limits(**limits), make_clock(), Quota())


def room(number: str, viewers: int = 7, category: str = "00040019") -> dict[str, Any]:
    full = read_full_record(Platform.SOOP)
    return {**full, "broad_no": number, "total_view_cnt": str(viewers), "broad_cate_no": category}


def give_categories(web: responses.RequestsMock) -> None:
    answer(web, CATEGORIES, TREE, match=(query_param_matcher({"client_id": SECRET, "locale": "ko_KR"}),))


def give_page(
    web: responses.RequestsMock, number: int, *rooms: dict[str, Any], total: int, block: int = 2, category: str = ""
) -> None:
    narrowed = {"select_key": "cate", "select_value": category} if category else {}
    query = {"client_id": SECRET, "order_type": "view_cnt", "page_no": str(number), **narrowed}
    page = {"total_cnt": total, "page_no": number, "page_block": block, "time": 1795255200, "broad": list(rooms)}
    answer(web, LIST, page, match=(query_param_matcher(query),))


def fail_page(web: responses.RequestsMock) -> None:
    for _ in range(2):
        answer(web, LIST, body="<html>잠시 후 다시 시도해 주세요</html>")


def test_a_failed_middle_page_does_not_hide_those_after_it(web: responses.RequestsMock) -> None:
    give_categories(web)
    give_page(web, 1, room("1"), room("2"), total=5)
    fail_page(web)
    give_page(web, 3, room("5"), total=5)
    pages = read_all(make_source())
    assert [page.error is None for page in pages] == [True, False, True]
    assert pages[1].error is not None
    assert "not JSON" in pages[1].error
    assert seen_ids(pages)[2] == ["5"]


def test_a_failed_first_page_does_not_hide_those_after_it(web: responses.RequestsMock) -> None:
    give_categories(web)
    fail_page(web)
    give_page(web, 2, room("3"), room("4"), total=5)
    give_page(web, 3, room("5"), total=5)
    assert [page.error is None for page in read_all(make_source())] == [False, True, True]


def test_a_failed_last_page_ends_the_sweep(web: responses.RequestsMock) -> None:
    give_categories(web)
    give_page(web, 1, room("1"), room("2"), total=3)
    fail_page(web)
    assert [page.error is None for page in read_all(make_source())] == [True, False]


def test_three_failed_pages_in_a_row_give_the_site_up(web: responses.RequestsMock) -> None:
    give_categories(web)
    for _ in range(3):
        fail_page(web)
    assert [page.number for page in read_all(make_source())] == [1, 2, 3]


def test_an_empty_page_in_the_middle_is_a_failed_one(web: responses.RequestsMock) -> None:
    give_categories(web)
    give_page(web, 1, room("1"), room("2"), total=5)
    give_page(web, 2, total=5)
    give_page(web, 3, room("5"), total=5)
    assert seen_ids(read_all(make_source())) == [
        ["1", "2"],
        "the page is empty where the site counts 5 broadcasts",
        ["5"],
    ]


def test_a_site_that_lists_nothing_at_all_is_not_believed(web: responses.RequestsMock) -> None:
    give_categories(web)
    give_page(web, 1, total=0)
    assert seen_ids(read_all(make_source())) == ["the page is empty where the site counts 0 broadcasts"]


def test_a_list_that_shrinks_while_it_is_read_ends_early(web: responses.RequestsMock) -> None:
    give_categories(web)
    give_page(web, 1, room("1"), room("2"), total=5)
    give_page(web, 2, room("3"), total=3)
    assert seen_ids(read_all(make_source())) == [["1", "2"], ["3"]]


def test_a_list_that_grows_while_it_is_read_is_read_on(web: responses.RequestsMock) -> None:
    give_categories(web)
    give_page(web, 1, room("1"), room("2"), total=4)
    give_page(web, 2, room("3"), room("4"), total=5)
    give_page(web, 3, room("5"), total=5)
    assert seen_ids(read_all(make_source())) == [["1", "2"], ["3", "4"], ["5"]]


def test_a_count_that_is_smaller_than_one_page_is_not_believed(web: responses.RequestsMock) -> None:
    give_categories(web)
    give_page(web, 1, room("1"), room("2"), total=1)
    assert seen_ids(read_all(make_source())) == [
        ["1", "2"],
        "the site counts only 1 broadcasts where 2 were read: there may be more",
    ]


@pytest.mark.parametrize(("read", "doubted"), [(18, False), (17, True)])
def test_far_fewer_broadcasts_than_the_site_counts_are_not_the_whole_list(
    web: responses.RequestsMock, read: int, doubted: bool
) -> None:
    give_categories(web)
    rooms = [room(str(number)) for number in range(read)]
    give_page(web, 1, *rooms[:10], total=20, block=10)
    give_page(web, 2, *rooms[10:], *rooms[: 20 - read], total=20, block=10)
    pages = seen_ids(read_all(make_source()))
    assert pages[2:] == (["the site counts 20 broadcasts where only 17 were read"] if doubted else [])


def test_a_refused_record_was_read_all_the_same(web: responses.RequestsMock) -> None:
    give_categories(web)
    give_page(web, 1, room("1"), {**room("2"), "total_view_cnt": "many"}, total=2)
    assert seen_ids(read_all(make_source())) == [["1"]]


def test_a_list_that_was_left_at_its_floor_is_not_held_against_the_count(web: responses.RequestsMock) -> None:
    give_categories(web)
    give_page(web, 1, room("1", 9), room("2", 4), total=500)
    tally = Tally()
    assert seen_ids(read_all(make_source(viewer_floor=5), tally)) == [["1", "2"]]
    assert tally.viewer_floor == 5


def test_categories_are_listed_one_after_the_other_and_pages_numbered_through(web: responses.RequestsMock) -> None:
    give_categories(web)
    give_page(web, 1, room("1"), room("2"), total=3, category="00040000")
    give_page(web, 2, room("3"), total=3, category="00040000")
    give_page(web, 1, room("4"), room("5"), total=2, category="00130000")
    tally = Tally()
    pages = read_all(make_source(category_ids=("00040000", "00130000")), tally)
    assert seen_ids(pages) == [["1", "2"], ["3"], ["4", "5"]]
    assert [page.number for page in pages] == [1, 2, 3]
    assert tally.is_filtered


def test_a_whole_list_is_not_called_filtered(web: responses.RequestsMock) -> None:
    give_categories(web)
    give_page(web, 1, room("1"), total=1)
    tally = Tally()
    read_all(make_source(), tally)
    assert not tally.is_filtered


def test_a_broadcast_of_two_categories_is_once_in_the_sweep(web: responses.RequestsMock) -> None:
    give_categories(web)
    give_page(web, 1, room("1"), room("2"), total=2, category="00040000")
    give_page(web, 1, room("2"), total=1, category="00040019")
    sink = CollectingSink()
    source = make_source(category_ids=("00040000", "00040019"))
    sweep = poll_platform(source, sink, make_clock(), tick=TICK)
    assert (sweep.outcome, sweep.snapshots, sweep.duplicates, sweep.is_filtered) == (Outcome.COMPLETE, 2, 1, True)


def test_a_category_in_which_nothing_is_live_is_no_failure(web: responses.RequestsMock) -> None:
    give_categories(web)
    give_page(web, 1, total=0, category="00040000")
    give_page(web, 1, room("4"), total=1, category="00130000")
    assert seen_ids(read_all(make_source(category_ids=("00040000", "00130000")))) == [[], ["4"]]


def test_a_floor_ends_the_list_of_one_category_alone(web: responses.RequestsMock) -> None:
    give_categories(web)
    give_page(web, 1, room("1", 9), room("2", 4), total=5, category="00040000")
    give_page(web, 1, room("4", 8), total=1, category="00130000")
    source = make_source(category_ids=("00040000", "00130000"), viewer_floor=5)
    assert seen_ids(read_all(source)) == [["1", "2"], ["4"]]


def test_a_failed_list_does_not_hide_the_next_category(web: responses.RequestsMock) -> None:
    give_categories(web)
    give_page(web, 1, room("1"), room("2"), total=3, category="00040000")
    fail_page(web)
    give_page(web, 1, room("4"), total=1, category="00130000")
    pages = read_all(make_source(category_ids=("00040000", "00130000")))
    assert [page.error is None for page in pages] == [True, False, True]


def test_the_page_cap_holds_for_all_categories_together(web: responses.RequestsMock) -> None:
    give_categories(web)
    give_page(web, 1, room("1"), room("2"), total=2, category="00040000")
    source = make_source(category_ids=("00040000", "00130000"), page_cap=1)
    assert seen_ids(read_all(source)) == [["1", "2"], "the page cap of 1 is reached"]


def test_failures_in_a_row_give_the_site_up_over_all_categories(web: responses.RequestsMock) -> None:
    give_categories(web)
    give_page(web, 1, room("1"), room("2"), total=3, category="00040000")
    for _ in range(3):
        fail_page(web)
    source = make_source(category_ids=("00040000", "00130000", "00140000", "00150000"))
    assert [page.error is None for page in read_all(source)] == [True, False, False, False]


def test_a_script_is_never_asked_for(web: responses.RequestsMock) -> None:
    give_categories(web)
    give_page(web, 1, room("1"), total=1)
    read_all(make_source())
    assert ["callback" in str(call.request.url) for call in web.calls] == [False, False]


def test_a_script_instead_of_json_is_a_failed_page(web: responses.RequestsMock) -> None:
    give_categories(web)
    for _ in range(6):
        answer(web, LIST, body='read({"total_cnt": 0, "broad": []});')
    assert ["not JSON" in str(page.error) for page in read_all(make_source())] == [True] * 3


@pytest.mark.parametrize("error", [{"result": -1, "msg": "client_id"}, {"total_cnt": "many", "broad": []}], ids=str)
def test_an_error_of_a_later_page_names_it(web: responses.RequestsMock, error: dict[str, Any]) -> None:
    give_categories(web)
    give_page(web, 1, room("1"), room("2"), total=3)
    answer(web, LIST, error)
    with pytest.raises(PermanentError, match=r"^soop: GET https://site\.test/broad/list .*\(page 2\)$"):
        read_all(make_source())


def test_the_page_cap_ends_the_sweep_and_says_so(web: responses.RequestsMock) -> None:
    give_categories(web)
    give_page(web, 1, room("1"), room("2"), total=5)
    assert seen_ids(read_all(make_source(page_cap=1))) == [["1", "2"], "the page cap of 1 is reached"]


def test_the_list_is_left_after_the_page_that_falls_under_the_viewer_floor(web: responses.RequestsMock) -> None:
    give_categories(web)
    give_page(web, 1, room("1", 9), room("2", 4), total=5)
    assert seen_ids(read_all(make_source(viewer_floor=5))) == [["1", "2"]]


def test_the_sites_own_error_with_a_good_status_is_a_failed_page(web: responses.RequestsMock) -> None:
    give_categories(web)
    for _ in range(3):
        answer(web, LIST, {"result": -1, "msg": "잠시 후 다시"})
    assert (
        seen_ids(read_all(make_source()))
        == [
            f"soop: GET {LIST} answered with its own error, result -1",
        ]
        * 3
    )


def test_a_client_id_that_the_site_does_not_know_names_the_connection_to_mend(web: responses.RequestsMock) -> None:
    give_categories(web)
    answer(web, LIST, {"result": -1, "msg": f"client_id {SECRET} is not registered"})
    with pytest.raises(CredentialsRejected, match="mend connection airtide_soop") as caught:
        read_all(make_source())
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("page", [{"total_cnt": 3}, {"broad": None}, {"broad": {}}, {"result": 1}, []], ids=str)
def test_an_envelope_without_rooms_is_a_changed_contract(web: responses.RequestsMock, page: Any) -> None:
    give_categories(web)
    answer(web, LIST, page)
    with pytest.raises(ContractChanged, match="answers in another shape"):
        read_all(make_source())


def test_a_rate_limit_stops_the_sweep(web: responses.RequestsMock) -> None:
    give_categories(web)
    answer(web, LIST, {}, status=429, headers={"Retry-After": "60"})
    with pytest.raises(RateLimited) as caught:
        read_all(make_source())
    assert caught.value.retry_after_s == 60.0


def test_categories_are_named_from_the_tree_and_asked_for_once(web: responses.RequestsMock) -> None:
    source = make_source()
    give_categories(web)
    give_page(web, 1, room("1"), room("2", category="00130000"), total=2)
    give_page(web, 1, room("1"), room("2", category="00990099"), total=2)
    tally = Tally()
    names = [[one.category_name for one in page.snapshots] for _ in range(2) for page in read_all(source, tally)]
    assert names == [["리그 오브 레전드", "토크/캠방"], ["리그 오브 레전드", None]]
    assert (tally.requests, tally.spend) == (3, {"soop.requests": 3})


@pytest.mark.parametrize("tree", ["<html></html>", '{"categories": []}'])
def test_a_sweep_counts_without_category_names_and_asks_for_them_the_next_time(
    web: responses.RequestsMock, caplog: pytest.LogCaptureFixture, tree: str
) -> None:
    source = make_source()
    for _ in range(2 if tree.startswith("<") else 1):
        answer(web, CATEGORIES, body=tree)
    give_page(web, 1, room("1"), total=1)
    [page] = read_all(source)
    assert page.snapshots[0].category_name is None
    assert "stay without names" in caplog.text
    assert SECRET not in caplog.text
    give_categories(web)
    give_page(web, 1, room("1"), total=1)
    [page] = read_all(source)
    assert page.snapshots[0].category_name == "리그 오브 레전드"


def test_a_sweep_counts_without_category_names_where_their_call_is_rate_limited(
    web: responses.RequestsMock, caplog: pytest.LogCaptureFixture
) -> None:
    answer(web, CATEGORIES, {}, status=429, headers={"Retry-After": "900"})
    give_page(web, 1, room("1"), total=1)
    [page] = read_all(make_source())
    assert (page.error, page.snapshots[0].category_name) == (None, None)
    assert "stay without names" in caplog.text


def test_a_bad_record_is_a_reject_with_its_own_bytes_and_the_page_goes_on(web: responses.RequestsMock) -> None:
    give_categories(web)
    give_page(web, 1, {**room("1"), "total_view_cnt": "many"}, room("2"), total=2)
    [page] = read_all(make_source())
    assert seen_ids([page]) == [["2"]]
    assert [reject.reason for reject in page.rejects] == ["total_view_cnt is not a count"]
    assert b'"total_view_cnt": "many"' in page.rejects[0].raw
    assert page.site_time == SITE_TIME


def test_a_connection_without_a_client_id_is_refused_at_once() -> None:
    with pytest.raises(MisconfiguredError, match="connection airtide_soop holds no client id"):
        SoopSource(make_access(password=""), Limits(), make_clock(), Quota())


@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_the_client_id_in_the_query_is_in_no_error(
    web: responses.RequestsMock, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    give_categories(web)
    for _ in range(12 if status >= 500 else 1):
        answer(web, LIST, {}, status=status)
    with caplog.at_level(0):
        try:
            told = repr(read_all(make_source()))
        except AirtideError as error:
            told = "".join(traceback.format_exception(error)) + repr(error.__context__)
    assert LIST in told
    assert SECRET not in told
    assert SECRET not in caplog.text
