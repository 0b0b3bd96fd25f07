"""CHZZK's client against answers in the site's form."""

from __future__ import annotations

import traceback
from typing import Any

import pytest
import responses
from responses.matchers import header_matcher, query_param_matcher
from tests.fakes.polling import CollectingSink
from tests.unit.platforms.parser_cases import read_full_record
from tests.unit.platforms.sites import (
    BASE,
    CLIENT_ID,
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
    PartUnreachable,
    RateLimited,
)
from airtide.domain.models import Outcome, Platform
from airtide.domain.pages import Tally
from airtide.pipeline.poll import poll_platform
from airtide.platforms.chzzk.client import ChzzkSource
from airtide.platforms.quota import Quota

LIVES = f"{BASE}/open/v1/lives"
STALE = {"code": 400, "message": "잘못된 next 값입니다.", "content": None}
CURSOR = "q+ExampleCursor/0a1b2Q=="


def make_source(**limits: Any) -> ChzzkSource:
    return ChzzkSource(make_access(token_url=None), Limits(**limits), make_clock(), Quota())


def live(number: int, viewers: int = 7) -> dict[str, Any]:
    return {**read_full_record(Platform.CHZZK), "liveId": number, "concurrentUserCount": viewers}


def give_page(
    web: responses.RequestsMock,
    *lives: dict[str, Any],
    cursor: str | None = None,
    following: str | None = None,
    **content: Any,
) -> None:
    query = {"size": "20", **({"next": cursor} if cursor else {})}
    headers = {"Client-Id": CLIENT_ID, "Client-Secret": SECRET, "Content-Type": "application/json"}
    page = {"data": list(lives), "page": {"next": following}, **content}
    match = (query_param_matcher(query), header_matcher(headers))
    answer(web, LIVES, {"code": 200, "message": None, "content": page}, match=match)


def refuse_page(web: responses.RequestsMock, status: int, code: object, message: str = "…", **headers: str) -> None:
    answer(web, LIVES, {"code": code, "message": message, "content": None}, status=status, headers=headers)


def fail_page(web: responses.RequestsMock) -> None:
    for _ in range(4):
        refuse_page(web, 500, 500, "INTERNAL_SERVER_ERROR")


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (401, 401, "INVALID_CLIENT"),
        (401, 401, "INVALID_TOKEN"),
        (401, "INVALID_CLIENT", "…"),
        (403, 403, "FORBIDDEN"),
        (401, None, "…"),
        (400, "INVALID_CLIENT", "…"),
        (400, 400, "INVALID_CLIENT"),
        (200, 401, "INVALID_TOKEN"),
        (200, "401", "…"),
        (200, "INVALID_TOKEN", "…"),
        (200, 9401, "INVALID_CLIENT"),
        (200, 403, "FORBIDDEN"),
    ],
)
def test_a_refused_key_names_the_connection_to_mend(
    web: responses.RequestsMock, status: int, code: object, message: str
) -> None:
    refuse_page(web, status, code, message)
    with pytest.raises(CredentialsRejected, match="mend connection airtide_chzzk"):
        read_all(make_source())


@pytest.mark.parametrize("body", ["", "<html></html>", "[]", '"INVALID_CLIENT"', '{"code": {}}'])
def test_the_status_decides_where_the_body_cannot_be_read(web: responses.RequestsMock, body: str) -> None:
    answer(web, LIVES, body=body, status=401)
    with pytest.raises(CredentialsRejected, match="HTTP 401"):
        read_all(make_source())
    answer(web, LIVES, body=body, status=400)
    with pytest.raises(ContractChanged, match="does not take this request"):
        read_all(make_source())


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (429, 429, "TOO_MANY_REQUESTS"),
        (429, "TOO_MANY_REQUESTS", "…"),
        (429, 401, "INVALID_TOKEN"),
        (200, 429, "TOO_MANY_REQUESTS"),
        (200, "TOO_MANY_REQUESTS", "…"),
    ],
)
def test_a_rate_limit_without_headers_stops_the_sweep_and_tells_no_wait(
    web: responses.RequestsMock, status: int, code: object, message: str
) -> None:
    refuse_page(web, status, code, message)
    with pytest.raises(RateLimited, match="too many requests, without a time to wait") as caught:
        read_all(make_source())
    assert caught.value.retry_after_s is None


def test_a_rate_limit_in_the_middle_stops_the_sweep_with_the_wait_that_was_told(web: responses.RequestsMock) -> None:
    give_page(web, live(1), following=CURSOR)
    refuse_page(web, 429, 429, "TOO_MANY_REQUESTS", **{"Retry-After": "60"})
    with pytest.raises(RateLimited) as caught:
        read_all(make_source())
    assert caught.value.retry_after_s == 60.0


def test_a_cursor_is_sent_back_as_it_was_given_and_quoted(web: responses.RequestsMock) -> None:
    give_page(web, live(1), following=CURSOR)
    give_page(web, live(2), cursor=CURSOR)
    assert seen_ids(read_all(make_source())) == [["1"], ["2"]]
    assert str(web.calls[1].request.url).endswith("&next=q%2BExampleCursor%2F0a1b2Q%3D%3D")


@pytest.mark.parametrize("status", [400, 200])
def test_a_cursor_that_has_gone_stale_ends_the_sweep_as_partial(web: responses.RequestsMock, status: int) -> None:
    give_page(web, live(1), following=CURSOR)
    answer(web, LIVES, STALE, status=status)
    pages = read_all(make_source())
    assert seen_ids(pages)[0] == ["1"]
    assert pages[1].error is not None
    assert "the cursor of this page has gone stale" in pages[1].error
    assert (pages[1].number, len(pages)) == (2, 2)


@pytest.mark.parametrize("status", [400, 200])
def test_a_stale_cursor_on_the_first_page_is_a_changed_contract(web: responses.RequestsMock, status: int) -> None:
    answer(web, LIVES, STALE, status=status)
    with pytest.raises(ContractChanged, match=r"chzzk: GET .* the cursor of this page has gone stale"):
        read_all(make_source())


@pytest.mark.parametrize(
    ("status", "code", "message"), [(400, 400, "size"), (404, 404, "NOT_FOUND"), (200, "NOT_FOUND", "…")]
)
def test_a_first_request_that_is_refused_is_a_changed_contract(
    web: responses.RequestsMock, status: int, code: object, message: str
) -> None:
    refuse_page(web, status, code, message)
    with pytest.raises(ContractChanged, match="does not take this request"):
        read_all(make_source())


def test_a_later_request_that_is_refused_ends_the_sweep_as_partial(web: responses.RequestsMock) -> None:
    give_page(web, live(1), following=CURSOR)
    refuse_page(web, 400, 400, "size")
    pages = read_all(make_source())
    assert [page.error is None for page in pages] == [True, False]
    assert "stale" not in str(pages[1].error)


def test_a_page_that_fails_for_good_ends_the_sweep_since_no_cursor_leads_on(web: responses.RequestsMock) -> None:
    give_page(web, live(1), following=CURSOR)
    fail_page(web)
    pages = read_all(make_source())
    assert seen_ids(pages)[0] == ["1"]
    assert pages[1].error is not None
    assert "HTTP 500" in pages[1].error
    assert (pages[1].number, len(pages)) == (2, 2)


def test_a_first_page_that_fails_is_a_page_with_an_error(web: responses.RequestsMock) -> None:
    fail_page(web)
    assert [page.error is not None for page in read_all(make_source())] == [True]


@pytest.mark.parametrize("code", [500, "500", "INTERNAL_SERVER_ERROR", 9999, "SOMETHING_ELSE", 0, 204, ""])
def test_the_sites_own_error_with_a_good_status_is_a_failed_page(web: responses.RequestsMock, code: object) -> None:
    refuse_page(web, 200, code)
    assert seen_ids(read_all(make_source())) == [f"chzzk: GET {LIVES} answered with its own error {str(code)!r}"]


def test_an_error_that_holds_something_as_content_is_still_an_error(web: responses.RequestsMock) -> None:
    answer(web, LIVES, {"code": 429, "message": "TOO_MANY_REQUESTS", "content": {"retry": "later"}})
    with pytest.raises(RateLimited):
        read_all(make_source())


@pytest.mark.parametrize("body", ["<html>점검 중입니다</html>", '{"code": 200, "message": null, "content": {"da'])
def test_a_web_page_or_half_an_answer_is_asked_for_again_and_then_a_failed_page(
    web: responses.RequestsMock, body: str
) -> None:
    for _ in range(2):
        answer(web, LIVES, body=body)
    [page] = read_all(make_source())
    assert page.error is not None
    assert "not JSON or are cut short" in page.error


@pytest.mark.parametrize(
    "envelope",
    [
        {"content": {"data": []}},
        {"code": None, "content": {"data": []}},
        {"code": 200},
        {"code": 200, "content": None},
        {"code": 200, "content": {}},
        {"code": 200, "content": {"data": None}},
        {"code": 200, "content": {"data": [], "page": {"next": {"concurrentUserCount": 7, "liveId": 1}}}},
        [],
    ],
    ids=str,
)
def test_an_envelope_of_another_shape_is_a_changed_contract(web: responses.RequestsMock, envelope: Any) -> None:
    answer(web, LIVES, envelope)
    with pytest.raises(ContractChanged, match=r"chzzk: GET .*answers in another shape"):
        read_all(make_source())


@pytest.mark.parametrize("envelope", [{"code": 200}, {"code": 200, "content": None}], ids=str)
def test_a_missing_content_is_named(web: responses.RequestsMock, envelope: Any) -> None:
    answer(web, LIVES, envelope)
    with pytest.raises(ContractChanged, match=r"chzzk: GET .*answers in another shape: `content` is missing"):
        read_all(make_source())


def test_a_cursor_that_comes_again_ends_the_sweep_as_partial(web: responses.RequestsMock) -> None:
    give_page(web, live(1), following="c1==")
    give_page(web, live(2), cursor="c1==", following="c2==")
    give_page(web, live(3), cursor="c2==", following="c1==")
    assert seen_ids(read_all(make_source())) == [["1"], ["2"], ["3"], "the site repeats a cursor"]


def test_a_page_that_leads_to_itself_ends_the_sweep_as_partial(web: responses.RequestsMock) -> None:
    give_page(web, live(1), following="c1==")
    give_page(web, live(2), cursor="c1==", following="c1==")
    assert seen_ids(read_all(make_source())) == [["1"], ["2"], "the site repeats a cursor"]


def test_the_page_cap_ends_the_sweep_and_says_so(web: responses.RequestsMock) -> None:
    give_page(web, live(1), following="c1==")
    give_page(web, live(2), cursor="c1==", following="c2==")
    assert seen_ids(read_all(make_source(page_cap=2))) == [["1"], ["2"], "the page cap of 2 is reached"]


def test_a_list_that_ends_at_the_page_cap_is_whole(web: responses.RequestsMock) -> None:
    give_page(web, live(1), following="c1==")
    give_page(web, live(2), cursor="c1==")
    assert seen_ids(read_all(make_source(page_cap=2))) == [["1"], ["2"]]


def test_the_list_is_left_after_the_page_that_falls_under_the_viewer_floor(web: responses.RequestsMock) -> None:
    give_page(web, live(1, 9), live(2, 5), following="c1==")
    give_page(web, live(3, 5), live(4, 4), cursor="c1==", following="c2==")
    tally = Tally()
    assert seen_ids(read_all(make_source(viewer_floor=5), tally)) == [["1", "2"], ["3", "4"]]
    assert tally.viewer_floor == 5


@pytest.mark.parametrize(
    "last", [{"page": {"next": None}}, {"page": {"next": ""}}, {"page": {}}, {"page": None}], ids=str
)
def test_a_page_without_a_cursor_is_the_last(web: responses.RequestsMock, last: dict[str, Any]) -> None:
    give_page(web, live(1), **last)
    tally = Tally()
    assert seen_ids(read_all(make_source(viewer_floor=9), tally)) == [["1"]]
    assert tally.viewer_floor is None


def test_a_page_without_paging_is_the_last(web: responses.RequestsMock) -> None:
    answer(web, LIVES, {"code": 200, "message": None, "content": {"data": [live(1)]}})
    assert seen_ids(read_all(make_source())) == [["1"]]


def test_an_empty_page_with_a_cursor_is_the_last(web: responses.RequestsMock) -> None:
    give_page(web, live(1), following="c1==")
    give_page(web, cursor="c1==", following="c2==")
    assert seen_ids(read_all(make_source())) == [["1"], []]


def test_a_site_that_lists_nothing_at_all_is_not_believed(web: responses.RequestsMock) -> None:
    give_page(web)
    assert seen_ids(read_all(make_source())) == ["the site lists nothing live at all"]


def test_a_broadcast_on_two_pages_is_counted_once_as_it_was_seen_last(web: responses.RequestsMock) -> None:
    give_page(web, live(1, 90), live(2, 80), following="c1==")
    give_page(web, live(2, 75), live(3, 70), cursor="c1==")
    sink = CollectingSink()
    sweep = poll_platform(make_source(), sink, make_clock(), tick=TICK)
    assert [(one.broadcast_id, one.viewers) for one in sink.published] == [("1", 90), ("2", 75), ("3", 70)]
    assert (sweep.outcome, sweep.snapshots, sweep.duplicates) == (Outcome.COMPLETE, 3, 1)


def test_a_sweep_that_ends_at_a_stale_cursor_is_published_as_partial(web: responses.RequestsMock) -> None:
    give_page(web, live(1), following=CURSOR)
    answer(web, LIVES, STALE, status=400)
    sweep = poll_platform(make_source(), CollectingSink(), make_clock(), tick=TICK)
    assert (sweep.outcome, sweep.pages, sweep.snapshots) == (Outcome.PARTIAL, 1, 1)
    assert "gone stale" in (sweep.error or "")


def test_a_bad_record_is_a_reject_with_its_own_bytes_and_the_page_goes_on(web: responses.RequestsMock) -> None:
    give_page(web, live(1), {**live(2), "concurrentUserCount": "many"}, live(3))
    [page] = read_all(make_source())
    assert seen_ids([page]) == [["1", "3"]]
    [reject] = page.rejects
    assert "concurrentUserCount" in reject.reason
    assert b'"concurrentUserCount": "many"' in reject.raw
    assert reject.platform is Platform.CHZZK


@pytest.mark.parametrize("code", [200, "200"])
def test_a_good_code_may_be_a_number_or_its_digits(web: responses.RequestsMock, code: object) -> None:
    answer(web, LIVES, {"code": code, "message": "OK", "content": {"data": [live(1)], "page": None}})
    assert seen_ids(read_all(make_source())) == [["1"]]


def test_every_attempt_is_counted(web: responses.RequestsMock) -> None:
    give_page(web, live(1), following=CURSOR)
    refuse_page(web, 503, 503)
    give_page(web, live(2), cursor=CURSOR)
    tally = Tally()
    assert seen_ids(read_all(make_source(), tally)) == [["1"], ["2"]]
    assert (tally.requests, tally.spend) == (3, {"chzzk.requests": 3})


def test_a_page_tells_when_it_came_by_both_clocks(web: responses.RequestsMock) -> None:
    give_page(web, live(1))
    [page] = read_all(make_source())
    assert (page.number, page.site_time, page.fetched_at) == (1, SITE_TIME, TICK)


@pytest.mark.parametrize(("missing", "named"), [("login", "client id"), ("password", "client secret")])
def test_a_connection_without_what_chzzk_needs_is_refused_at_once(missing: str, named: str) -> None:
    with pytest.raises(MisconfiguredError, match=f"connection airtide_chzzk holds no {named}"):
        ChzzkSource(make_access(**{missing: ""}), Limits(), make_clock(), Quota())


@pytest.mark.parametrize("status", [200, 400, 401, 404, 429, 500])
def test_no_text_of_a_failing_sweep_tells_a_key_or_the_sites_own_words(
    web: responses.RequestsMock, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    for _ in range(4 if status >= 500 else 1):
        refuse_page(web, status, "X" * 50, f"refused {SECRET}")
    with caplog.at_level(0):
        try:
            told = repr(read_all(make_source()))
        except AirtideError as error:
            told = "".join(traceback.format_exception(error)) + repr(error.__context__)
    assert LIVES in told
    for hidden in (SECRET, "X" * 41):
        assert hidden not in told + caplog.text


def test_a_site_that_does_not_answer_fails_the_poll_without_its_key(web: responses.RequestsMock) -> None:
    answer(web, LIVES, body=responses.ConnectionError(f"GET {SECRET}"))
    with pytest.raises(PartUnreachable, match=r"chzzk: not one page .*got no answer \(ConnectionError\)") as caught:
        poll_platform(make_source(), CollectingSink(), make_clock(), tick=TICK)
    assert SECRET not in "".join(traceback.format_exception(caught.value))
