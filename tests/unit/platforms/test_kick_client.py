"""Kick's client against answers in the site's form."""

from __future__ import annotations

import traceback
from typing import Any

import pytest
import responses
from responses.matchers import header_matcher, query_param_matcher, urlencoded_params_matcher
from tests.fakes.polling import CollectingSink
from tests.unit.platforms.parser_cases import CASES, read_full_record
from tests.unit.platforms.sites import (
    BASE,
    CLIENT_ID,
    SECRET,
    SITE_TIME,
    TICK,
    TOKENS,
    Limits,
    answer,
    make_access,
    make_clock,
    read_all,
    seen_ids,
)

from airtide.domain.errors import ContractChanged, CredentialsRejected, MisconfiguredError, RateLimited
from airtide.domain.models import Outcome, Platform
from airtide.domain.pages import Tally
from airtide.pipeline.poll import poll_platform
from airtide.platforms.kick.client import KickSource
from airtide.platforms.quota import Quota

LIST = f"{BASE}/public/v2/livestreams"
LIST_V1 = f"{BASE}/public/v1/livestreams"
STATS = f"{BASE}/public/v1/livestreams/stats"
OF_USERS = f"{BASE}/public/v1/users/livestreams"
TOKEN_URL = f"{TOKENS}/oauth/token"


def make_source(**limits: Any) -> KickSource:
    return KickSource(make_access(), Limits(**limits), make_clock(), Quota())


def livestream(broadcast_id: str, channel_id: int = 7, viewers: int = 9) -> dict[str, Any]:
    record = read_full_record(Platform.KICK)
    user = {**record["broadcaster_user"], "id": channel_id}
    return {**record, "id": broadcast_id, "broadcaster_user": user, "viewer_count": viewers}


def livestream_v1(channel_id: int) -> dict[str, Any]:
    full = next(case["record"] for platform, name, case in CASES if platform is Platform.KICK and name == "v1_full")
    return {**full, "broadcaster_user_id": channel_id}


def give_token(web: responses.RequestsMock, token: str = "canary-token", expires_in: object = "5011271") -> None:
    form = {"client_id": CLIENT_ID, "client_secret": SECRET, "grant_type": "client_credentials"}
    granted = {"access_token": token, "token_type": "Bearer", "expires_in": expires_in}
    answer(web, TOKEN_URL, granted, method="POST", match=(urlencoded_params_matcher(form),))


def give_page(
    web: responses.RequestsMock,
    *livestreams: dict[str, Any],
    cursor: str | None = None,
    following: str = "",
    token: str = "canary-token",
    **envelope: Any,
) -> None:
    query = {"limit": "1000", **({"cursor": cursor} if cursor else {})}
    page = {"data": list(livestreams), "message": "OK", "pagination": {"next_cursor": following}, **envelope}
    bearer = header_matcher({"Authorization": f"Bearer {token}"})
    answer(web, LIST, page, match=(query_param_matcher(query), bearer))


def give_count(web: responses.RequestsMock, count: int) -> None:
    answer(web, STATS, {"data": {"total_count": count}, "message": "OK"}, match=(query_param_matcher({}),))


def refuse(web: responses.RequestsMock, status: int, url: str = LIST, **headers: str) -> None:
    body = {"message": f"refused {SECRET}", "data": {}}
    answer(web, url, body, status=status, headers={name.replace("_", "-"): told for name, told in headers.items()})


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_denied_token_names_the_connection_to_mend(web: responses.RequestsMock, status: int) -> None:
    answer(web, TOKEN_URL, {"error": "Invalid request"}, method="POST", status=status)
    with pytest.raises(CredentialsRejected, match="client id and secret of connection airtide_kick") as caught:
        read_all(make_source())
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_token_refused_in_the_middle_is_renewed_once_and_the_page_asked_again(web: responses.RequestsMock) -> None:
    give_token(web, "old")
    give_page(web, livestream("a"), following="c1", token="old")
    refuse(web, 401)
    give_token(web, "new")
    give_page(web, livestream("b"), cursor="c1", token="new")
    give_count(web, 2)
    assert seen_ids(read_all(make_source())) == [["a"], ["b"]]


def test_a_token_refused_twice_is_no_matter_of_age(web: responses.RequestsMock) -> None:
    for token in ("old", "new"):
        give_token(web, token)
        refuse(web, 401)
    with pytest.raises(CredentialsRejected, match="airtide_kick"):
        read_all(make_source())


def test_a_forbidden_call_asks_for_no_other_token(web: responses.RequestsMock) -> None:
    give_token(web)
    refuse(web, 403)
    with pytest.raises(CredentialsRejected):
        read_all(make_source())


@pytest.mark.parametrize("expires_in", [5_011_271, "5011271", "soon", None], ids=str)
def test_a_token_is_taken_however_its_life_is_written(web: responses.RequestsMock, expires_in: object) -> None:
    source = make_source()
    give_token(web, expires_in=expires_in)
    for _ in range(2):
        give_page(web, livestream("a"))
        give_count(web, 1)
    tally = Tally()
    read_all(source, tally)
    read_all(source, tally)
    assert tally.spend == {"kick.tokens": 1, "kick.requests": 4}
    assert tally.requests == 5


def test_a_rate_limit_without_headers_stops_the_sweep_and_tells_no_wait(web: responses.RequestsMock) -> None:
    give_token(web)
    give_page(web, livestream("a"), following="c1")
    refuse(web, 429)
    source, sink = make_source(), CollectingSink()
    with pytest.raises(RateLimited, match="without a time to wait") as caught:
        poll_platform(source, sink, make_clock(), tick=TICK)
    assert caught.value.retry_after_s is None
    assert [(sweep.outcome, sweep.snapshots) for sweep in sink.sweeps] == [(Outcome.PARTIAL, 1)]


def test_a_page_that_fails_for_good_ends_the_sweep_since_no_cursor_leads_on(web: responses.RequestsMock) -> None:
    give_token(web)
    give_page(web, livestream("a"), following="c1")
    for _ in range(4):
        refuse(web, 500)
    pages = read_all(make_source())
    assert seen_ids(pages)[0] == ["a"]
    assert "HTTP 500" in (pages[1].error or "")
    assert (pages[1].number, len(pages)) == (2, 2)


@pytest.mark.parametrize("body", ["<html>Just a moment…</html>", '{"data": [{"id": "0198'], ids=["web page", "half"])
def test_a_web_page_or_half_an_answer_is_a_failed_page(web: responses.RequestsMock, body: str) -> None:
    give_token(web)
    for _ in range(2):
        answer(web, LIST, body=body)
    [page] = read_all(make_source())
    assert "not JSON" in (page.error or "")


def test_a_cursor_that_has_gone_stale_ends_the_sweep_as_partial(web: responses.RequestsMock) -> None:
    give_token(web)
    give_page(web, livestream("a"), following="c1")
    refuse(web, 400)
    assert [page.error is None for page in read_all(make_source())] == [True, False]


@pytest.mark.parametrize("status", [400, 404])
def test_a_first_request_that_is_refused_is_a_changed_contract(web: responses.RequestsMock, status: int) -> None:
    give_token(web)
    refuse(web, status)
    with pytest.raises(ContractChanged, match="does not take this request"):
        read_all(make_source())


@pytest.mark.parametrize(
    "content", [{"livestreams": []}, [], {"data": {}}, {"data": [], "pagination": {"next_cursor": 7}}], ids=str
)
def test_an_envelope_of_another_shape_is_a_changed_contract(web: responses.RequestsMock, content: object) -> None:
    give_token(web)
    answer(web, LIST, content)
    with pytest.raises(ContractChanged, match=r"kick: GET .* answers in another shape"):
        read_all(make_source())


def test_a_cursor_that_comes_again_ends_the_sweep(web: responses.RequestsMock) -> None:
    give_token(web)
    give_page(web, livestream("a"), following="c1")
    give_page(web, livestream("b"), cursor="c1", following="c2")
    give_page(web, livestream("c"), cursor="c2", following="c1")
    assert seen_ids(read_all(make_source())) == [["a"], ["b"], ["c"], "the site repeats a cursor"]


def test_the_page_cap_ends_the_sweep_and_says_so(web: responses.RequestsMock) -> None:
    give_token(web)
    give_page(web, livestream("a"), following="c1")
    give_page(web, livestream("b"), cursor="c1", following="c2")
    assert seen_ids(read_all(make_source(page_cap=2))) == [["a"], ["b"], "the page cap of 2 is reached"]


@pytest.mark.parametrize(
    "last",
    [
        {"pagination": {"next_cursor": ""}},
        {"pagination": {"next_cursor": None}},
        {"pagination": {}},
        {"pagination": None},
    ],
    ids=str,
)
def test_a_page_without_a_cursor_is_the_last(web: responses.RequestsMock, last: dict[str, Any]) -> None:
    give_token(web)
    give_page(web, livestream("a"), **last)
    give_count(web, 1)
    assert seen_ids(read_all(make_source())) == [["a"]]


def test_a_page_without_pagination_is_the_last(web: responses.RequestsMock) -> None:
    give_token(web)
    answer(web, LIST, {"data": [livestream("a")]})
    give_count(web, 1)
    assert seen_ids(read_all(make_source())) == [["a"]]


@pytest.mark.parametrize("empty", [[], None], ids=str)
def test_an_empty_page_with_a_cursor_is_the_last(web: responses.RequestsMock, empty: object) -> None:
    give_token(web)
    give_page(web, livestream("a"), following="c1")
    give_page(web, cursor="c1", following="c2", data=empty)
    give_count(web, 1)
    assert seen_ids(read_all(make_source())) == [["a"], []]


@pytest.mark.parametrize("empty", [[], None], ids=str)
def test_a_site_that_lists_nothing_at_all_is_not_believed(web: responses.RequestsMock, empty: object) -> None:
    give_token(web)
    give_page(web, data=empty)
    assert seen_ids(read_all(make_source())) == ["the site lists nothing live at all"]


def test_a_list_that_holds_clearly_less_than_the_site_counts_is_partial_and_says_so(
    web: responses.RequestsMock,
) -> None:
    give_token(web)
    give_page(web, *(livestream(str(number)) for number in range(89)))
    give_count(web, 100)
    sweep = poll_platform(make_source(), CollectingSink(), make_clock(), tick=TICK)
    assert sweep.outcome is Outcome.PARTIAL
    assert sweep.error == "page 2: the list holds 89 broadcasts where the site counts 100"
    assert sweep.snapshots == 89


def test_what_is_on_two_pages_counts_once_against_the_sites_count(web: responses.RequestsMock) -> None:
    give_token(web)
    give_page(web, livestream("a"), livestream("b"), following="c1")
    give_page(web, livestream("a"), livestream("b"), cursor="c1")
    give_count(web, 4)
    assert seen_ids(read_all(make_source()))[2] == "the list holds 2 broadcasts where the site counts 4"


@pytest.mark.parametrize("counted", [0, 80, 100])
def test_a_count_that_is_a_little_off_is_no_matter(web: responses.RequestsMock, counted: int) -> None:
    give_token(web)
    refused = {**livestream("bad"), "viewer_count": "many"}
    give_page(web, refused, *(livestream(str(number)) for number in range(89)))
    give_count(web, counted)
    sweep = poll_platform(make_source(), CollectingSink(), make_clock(), tick=TICK)
    assert (sweep.outcome, sweep.snapshots, sweep.rejects) == (Outcome.COMPLETE, 89, 1)


@pytest.mark.parametrize("status", [400, 403, 429])
def test_a_count_that_cannot_be_had_only_warns(
    web: responses.RequestsMock, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    give_token(web)
    give_page(web, livestream("a"))
    refuse(web, status, url=STATS)
    sweep = poll_platform(make_source(), CollectingSink(), make_clock(), tick=TICK)
    assert sweep.outcome is Outcome.COMPLETE
    assert f"stays unchecked: kick: GET {STATS} was answered with HTTP {status}" in caplog.text
    assert SECRET not in caplog.text


def test_a_broadcast_on_two_pages_is_kept_as_it_was_seen_last(web: responses.RequestsMock) -> None:
    give_token(web)
    give_page(web, livestream("a", viewers=5), livestream("b"), following="c1")
    give_page(web, livestream("a", viewers=6), cursor="c1")
    give_count(web, 2)
    sink = CollectingSink()
    sweep = poll_platform(make_source(), sink, make_clock(), tick=TICK)
    assert (sweep.outcome, sweep.snapshots, sweep.duplicates) == (Outcome.COMPLETE, 2, 1)
    assert {one.broadcast_id: one.viewers for one in sink.published} == {"a": 6, "b": 9}


def test_filters_are_repeated_parameters_and_absences_then_say_nothing(web: responses.RequestsMock) -> None:
    give_token(web)
    query = {"limit": "1000", "category_id": ["15", "28"], "language_code": ["ko", "zh-Hans"]}
    content = {"data": [livestream("a")], "pagination": {"next_cursor": ""}}
    answer(web, LIST, content, match=(query_param_matcher(query),))
    tally = Tally()
    pages = read_all(make_source(category_ids=("15", "28"), languages=("ko", "zh-Hans")), tally)
    assert (seen_ids(pages), tally.is_filtered) == ([["a"]], True)


def test_a_filter_that_fits_nothing_is_believed(web: responses.RequestsMock) -> None:
    give_token(web)
    answer(web, LIST, {"data": [], "pagination": {"next_cursor": ""}})
    assert seen_ids(read_all(make_source(languages=("is",)))) == [[]]


def test_watched_channels_that_the_list_did_not_show_are_asked_for_100_a_call(web: responses.RequestsMock) -> None:
    give_token(web)
    give_page(web, livestream("a", channel_id=3), livestream("b", channel_id=900))
    give_count(web, 2)
    watched = tuple(str(number) for number in range(1, 152))
    unseen = [one for one in watched if one != "3"]
    for ids, found in ((unseen[:100], "x"), (unseen[100:], "y")):
        content = {"data": [livestream(found, channel_id=int(ids[0]))], "message": "OK"}
        answer(web, OF_USERS, content, match=(query_param_matcher({"user_id": ids}),))
    tally = Tally()
    pages = read_all(make_source(watch_list=watched), tally)
    assert seen_ids(pages) == [["a", "b"], ["x"], ["y"]]
    assert [page.number for page in pages] == [1, 2, 3]
    assert (tally.absent, tally.is_filtered) == ([], False)


def test_a_watch_list_whose_channels_are_all_listed_costs_nothing(web: responses.RequestsMock) -> None:
    give_token(web)
    give_page(web, livestream("a", channel_id=3))
    give_count(web, 1)
    assert seen_ids(read_all(make_source(watch_list=("3",)))) == [["a"]]


def test_a_watch_list_that_fails_makes_the_sweep_partial(web: responses.RequestsMock) -> None:
    give_token(web)
    give_page(web, livestream("a", channel_id=3))
    give_count(web, 1)
    refuse(web, 400, url=OF_USERS)
    pages = read_all(make_source(watch_list=("4",)))
    assert [(page.number, page.error is None) for page in pages] == [(1, True), (2, False)]


def test_version_one_lists_the_most_watched_under_ids_of_our_own(web: responses.RequestsMock) -> None:
    give_token(web)
    query = {"limit": "100", "sort": "viewer_count"}
    answer(web, LIST_V1, {"data": [livestream_v1(5)], "message": "OK"}, match=(query_param_matcher(query),))
    tally = Tally()
    [page] = read_all(make_source(api_version="v1"), tally)
    assert seen_ids([page]) == [["5-1795242600"]]
    assert tally.is_filtered


def test_version_one_takes_one_category_and_one_language_a_call(web: responses.RequestsMock) -> None:
    give_token(web)
    pairs = [("15", "ko"), ("15", "en"), ("28", "ko"), ("28", "en")]
    for number, (category_id, language) in enumerate(pairs, 1):
        query = {"limit": "100", "sort": "viewer_count", "category_id": category_id, "language": language}
        answer(web, LIST_V1, {"data": [livestream_v1(number)]}, match=(query_param_matcher(query),))
    source = make_source(api_version="v1", category_ids=("15", "28"), languages=("ko", "en"))
    assert seen_ids(read_all(source)) == [[f"{number}-1795242600"] for number in range(1, 5)]


def test_version_one_asks_no_more_calls_than_the_page_cap(web: responses.RequestsMock) -> None:
    give_token(web)
    answer(web, LIST_V1, {"data": [livestream_v1(1)]})
    source = make_source(api_version="v1", languages=("ko", "en"), page_cap=1)
    assert seen_ids(read_all(source)) == [["1-1795242600"], "the page cap of 1 is reached"]


def test_a_call_of_version_one_that_fails_ends_the_list(web: responses.RequestsMock) -> None:
    give_token(web)
    answer(web, LIST_V1, {"data": [livestream_v1(1)]})
    refuse(web, 400, url=LIST_V1)
    pages = read_all(make_source(api_version="v1", languages=("ko", "en", "es")))
    assert [page.error is None for page in pages] == [True, False]


def test_version_one_that_is_gone_is_a_changed_contract(web: responses.RequestsMock) -> None:
    give_token(web)
    refuse(web, 404, url=LIST_V1)
    with pytest.raises(ContractChanged, match="does not take this request"):
        read_all(make_source(api_version="v1"))


def test_a_watched_broadcast_has_the_same_id_as_in_the_list_of_version_one(web: responses.RequestsMock) -> None:
    give_token(web)
    answer(web, LIST_V1, {"data": [livestream_v1(1)]})
    answer(web, OF_USERS, {"data": [livestream("0198f2aa", channel_id=2)]})
    pages = read_all(make_source(api_version="v1", watch_list=("2",)))
    assert seen_ids(pages) == [["1-1795242600"], ["2-1795242600"]]


def test_a_bad_record_is_a_reject_with_its_own_bytes_and_the_page_goes_on(web: responses.RequestsMock) -> None:
    give_token(web)
    give_page(web, livestream("a"), {**livestream("b"), "viewer_count": "many"}, livestream("c"))
    give_count(web, 3)
    [page] = read_all(make_source())
    assert seen_ids([page]) == [["a", "c"]]
    [reject] = page.rejects
    assert "viewer_count" in reject.reason
    assert b'"viewer_count": "many"' in reject.raw
    assert reject.platform is Platform.KICK


def test_a_page_tells_when_it_came_by_both_clocks(web: responses.RequestsMock) -> None:
    give_token(web)
    give_page(web, livestream("a"))
    give_count(web, 1)
    [page] = read_all(make_source())
    assert (page.number, page.site_time, page.fetched_at) == (1, SITE_TIME, TICK)


@pytest.mark.parametrize(
    ("missing", "named"), [("login", "client id"), ("password", "client secret"), ("token_url", "token_url")]
)
def test_a_connection_without_what_kick_needs_is_refused_at_once(missing: str, named: str) -> None:
    with pytest.raises(MisconfiguredError, match=f"connection airtide_kick holds no {named}"):
        KickSource(make_access(**{missing: ""}), Limits(), make_clock(), Quota())


def test_no_text_of_a_failing_sweep_tells_a_key(web: responses.RequestsMock, caplog: pytest.LogCaptureFixture) -> None:
    give_token(web)
    for _ in range(4):
        refuse(web, 500)
    with caplog.at_level(0):
        [page] = read_all(make_source())
    told = f"{page!r} {caplog.text} {make_access()!r}"
    assert SECRET not in told
    assert "canary-token" not in told
