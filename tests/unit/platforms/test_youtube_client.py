"""YouTube's client against answers in the site's form."""

from __future__ import annotations

import copy
import traceback
from typing import Any

import pytest
import responses
from responses.matchers import header_matcher
from tests.fakes.quota import make_quota
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
    QuotaSpent,
    RateLimited,
)
from airtide.domain.models import Platform
from airtide.domain.pages import Tally
from airtide.platforms.quota import Quota
from airtide.platforms.youtube.client import IDS_PER_CALL, YouTubeSource
from airtide.platforms.youtube.search import YouTubeSearch

VIDEOS = f"{BASE}/youtube/v3/videos"
CATEGORIES = f"{BASE}/youtube/v3/videoCategories"
SEARCH = f"{BASE}/youtube/v3/search"


def make_source(**limits: Any) -> YouTubeSource:
    return YouTubeSource(make_access(token_url=None, login=""), Limits(**limits), make_clock(), Quota())


def video(video_id: str, **details: Any) -> dict[str, Any]:
    record = copy.deepcopy(read_full_record(Platform.YOUTUBE))
    record["id"] = video_id
    record["liveStreamingDetails"].update(details)
    return record


def give_categories(web: responses.RequestsMock) -> None:
    items = [{"id": "20", "snippet": {"title": "Gaming", "assignable": True}}]
    answer(web, CATEGORIES, {"kind": "youtube#videoCategoryListResponse", "items": items})


def give_videos(web: responses.RequestsMock, *videos: Any) -> None:
    page = {"kind": "youtube#videoListResponse", "items": list(videos)}
    answer(web, VIDEOS, page, match=(header_matcher({"X-Goog-Api-Key": SECRET}),))


def refuse(url: str, web: responses.RequestsMock, status: int, reason: str, message: str = "…") -> None:
    error = {"code": status, "message": message, "errors": [{"message": "…", "domain": "x", "reason": reason}]}
    answer(web, url, {"error": error}, status=status)


def asked_ids(web: responses.RequestsMock) -> list[list[str]]:
    """Return the ids of each call of videos.list."""
    urls = [call.request for call in web.calls if str(call.request.url).startswith(f"{VIDEOS}?")]
    return [request.params["id"].split(",") for request in urls]  # type: ignore[attr-defined]


def test_the_key_travels_in_a_header_and_in_no_address(web: responses.RequestsMock) -> None:
    give_categories(web)
    give_videos(web, video("a"))
    read_all(make_source(), asked=("a",))
    assert all(SECRET not in str(call.request.url) for call in web.calls)


def test_ids_are_asked_for_fifty_a_unit(web: responses.RequestsMock) -> None:
    ids = tuple(f"v{number}" for number in range(2 * IDS_PER_CALL + 1))
    give_categories(web)
    for _ in range(3):
        give_videos(web)
    tally = Tally()
    pages = read_all(make_source(), tally, ids)
    assert asked_ids(web) == [list(ids[:50]), list(ids[50:100]), list(ids[100:])]
    assert [page.number for page in pages] == [1, 2, 3]
    assert tally.spend == {"youtube.units": 4}


def test_nothing_to_ask_for_costs_nothing(web: responses.RequestsMock) -> None:
    tally = Tally()
    assert read_all(make_source(), tally) == []
    assert tally == Tally()


def test_what_is_not_returned_is_absent(web: responses.RequestsMock) -> None:
    give_categories(web)
    give_videos(web, video("a"))
    tally = Tally()
    assert seen_ids(read_all(make_source(), tally, ("a", "deleted", "private"))) == [["a"]]
    assert tally.absent == ["deleted", "private"]


def test_ids_of_a_page_that_failed_are_not_absent_and_the_next_page_is_read(web: responses.RequestsMock) -> None:
    ids = tuple(f"v{number}" for number in range(IDS_PER_CALL + 1))
    give_categories(web)
    for _ in range(2):
        answer(web, VIDEOS, body="<html></html>")
    give_videos(web, video("v50"))
    tally = Tally()
    pages = read_all(make_source(), tally, ids)
    assert [page.error is None for page in pages] == [False, True]
    assert tally.absent == []


def test_three_failed_pages_in_a_row_give_the_site_up(web: responses.RequestsMock) -> None:
    give_categories(web)
    for _ in range(6):
        answer(web, VIDEOS, body="<html></html>")
    assert len(read_all(make_source(), asked=tuple(f"v{n}" for n in range(5 * IDS_PER_CALL)))) == 3


def test_a_refused_record_with_an_id_is_not_absent(web: responses.RequestsMock) -> None:
    give_categories(web)
    give_videos(web, video("a", concurrentViewers="many"), video("b"))
    tally = Tally()
    [page] = read_all(make_source(), tally, ("a", "b", "c"))
    assert [reject.reason for reject in page.rejects] == ["concurrentViewers is not a count"]
    assert tally.absent == ["c"]


def test_a_record_without_an_id_lets_nothing_be_called_absent(web: responses.RequestsMock) -> None:
    give_categories(web)
    give_videos(web, {"snippet": {}}, video("b"))
    tally = Tally()
    [page] = read_all(make_source(), tally, ("a", "b"))
    assert (len(page.rejects), tally.absent) == (1, [])


def test_a_video_that_has_not_begun_is_neither_seen_nor_absent(web: responses.RequestsMock) -> None:
    upcoming = video("a")
    del upcoming["liveStreamingDetails"]
    give_categories(web)
    give_videos(web, upcoming)
    tally = Tally()
    assert seen_ids(read_all(make_source(), tally, ("a",))) == [[]]
    assert (tally.absent, tally.not_live) == ([], ["a"])


def test_an_end_told_by_the_site_is_a_snapshot_that_only_ends(web: responses.RequestsMock) -> None:
    give_categories(web)
    give_videos(web, video("a", actualEndTime="2026-11-20T11:58:00Z"))
    [page] = read_all(make_source(), asked=("a",))
    [snapshot] = page.snapshots
    assert (snapshot.viewers, str(snapshot.ended_at)) == (None, "2026-11-20 11:58:00+00:00")


def test_a_page_tells_when_it_came_by_both_clocks_and_names_categories(web: responses.RequestsMock) -> None:
    give_categories(web)
    give_videos(web, video("a"))
    [page] = read_all(make_source(), asked=("a",))
    assert (page.site_time, page.fetched_at) == (SITE_TIME, TICK)
    assert page.snapshots[0].category_name == "Gaming"


def test_categories_are_asked_for_once(web: responses.RequestsMock) -> None:
    source = make_source()
    give_categories(web)
    give_videos(web, video("a"))
    give_videos(web, video("a"))
    tally = Tally()
    read_all(source, tally, ("a",))
    read_all(source, tally, ("a",))
    assert tally.spend == {"youtube.units": 3}


def test_a_sweep_counts_without_category_names(web: responses.RequestsMock, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(4):
        answer(web, CATEGORIES, {}, status=500)
    give_videos(web, video("a"))
    [page] = read_all(make_source(), asked=("a",))
    assert (page.snapshots[0].category_id, page.snapshots[0].category_name) == ("20", None)
    assert "stay without names" in caplog.text


@pytest.mark.parametrize("wait", [{}, {"Retry-After": "86400"}], ids=["no time told", "a day"])
def test_a_sweep_counts_though_names_are_asked_for_too_fast(
    web: responses.RequestsMock, caplog: pytest.LogCaptureFixture, wait: dict[str, str]
) -> None:
    error = {"code": 429, "message": "slow down", "errors": [{"reason": "rateLimitExceeded"}]}
    answer(web, CATEGORIES, {"error": error}, status=429, headers=wait)
    give_videos(web, video("a"))
    [page] = read_all(make_source(), asked=("a",))
    assert (page.snapshots[0].category_id, page.snapshots[0].category_name) == ("20", None)
    assert f"stay without names in this sweep: youtube: GET {CATEGORIES} was answered with HTTP 429" in caplog.text


def test_an_answer_of_another_kind_is_a_changed_contract(web: responses.RequestsMock) -> None:
    give_categories(web)
    answer(web, VIDEOS, {"kind": "youtube#activityListResponse", "items": []})
    with pytest.raises(ContractChanged, match="answers in another shape"):
        read_all(make_source(), asked=("a",))


@pytest.mark.parametrize(
    ("status", "reason", "message", "error"),
    [
        (403, "quotaExceeded", "used up", QuotaSpent),
        (403, "dailyLimitExceeded", "used up", QuotaSpent),
        (429, "rateLimitExceeded", "limit 'Units per day' of service", QuotaSpent),
        (429, "rateLimitExceeded", "slow down", RateLimited),
        (403, "userRateLimitExceeded", "slow down", RateLimited),
        (429, "anythingElse", "", RateLimited),
        (400, "keyInvalid", "Bad Request", CredentialsRejected),
        (400, "badRequest", "API key not valid. Please pass a valid API key.", CredentialsRejected),
        (403, "accessNotConfigured", "not enabled", CredentialsRejected),
        (403, "forbidden", "…", CredentialsRejected),
        (400, "missingRequiredParameter", "id", ContractChanged),
    ],
)
def test_the_sites_own_reason_decides_what_to_do(
    web: responses.RequestsMock, status: int, reason: str, message: str, error: type[AirtideError]
) -> None:
    give_categories(web)
    refuse(VIDEOS, web, status, reason, message)
    with pytest.raises(error, match=f"youtube: GET {VIDEOS} was answered with HTTP {status}"):
        read_all(make_source(), asked=("a",))


@pytest.mark.parametrize("body", ["", "<html></html>", '{"error": "text"}', "\xff"], ids=repr)
def test_an_error_in_an_unknown_form_is_read_by_its_status(web: responses.RequestsMock, body: str) -> None:
    give_categories(web)
    answer(web, VIDEOS, body=body.encode("latin-1"), status=403)
    with pytest.raises(CredentialsRejected, match="mend connection airtide_youtube"):
        read_all(make_source(), asked=("a",))


def test_a_spent_search_quota_is_told_from_spent_units_and_both_name_their_reset(web: responses.RequestsMock) -> None:
    refuse(SEARCH, web, 429, "rateLimitExceeded", "limit 'Search Queries per day' of service")
    with pytest.raises(QuotaSpent) as search:
        list(make_search().find_live_ids(at=TICK, tally=Tally(), by_hand=True))
    refuse(CATEGORIES, web, 403, "quotaExceeded")
    source = YouTubeSource(make_access(), Limits(), make_clock(), make_quota(make_clock()))
    with pytest.raises(QuotaSpent) as units:
        read_all(source, asked=("a",))
    assert (search.value.bucket, units.value.bucket) == ("youtube.search", "youtube.units")
    assert str(search.value.resets_at) == str(units.value.resets_at) == "2026-11-21 08:00:00+00:00"


@pytest.mark.parametrize("status", [400, 403, 429, 500])
def test_no_error_tells_the_key(web: responses.RequestsMock, status: int) -> None:
    give_categories(web)
    for _ in range(4 if status >= 500 else 1):
        refuse(VIDEOS, web, status, "keyInvalid", f"API key {SECRET} not valid")
    try:
        told = repr(read_all(make_source(), asked=("a",)))
    except AirtideError as error:
        told = "".join(traceback.format_exception(error))
    assert VIDEOS in told
    assert SECRET not in told


def test_a_connection_without_a_key_is_refused_at_once() -> None:
    with pytest.raises(MisconfiguredError, match="connection airtide_youtube holds no API key"):
        YouTubeSource(make_access(password=""), Limits(), make_clock(), Quota())


def test_a_source_takes_as_many_ids_as_its_page_cap_allows() -> None:
    assert make_source(page_cap=34).id_capacity == 1700


def make_search(**limits: Any) -> YouTubeSearch:
    return YouTubeSearch(make_access(), Limits(**limits), make_quota(make_clock()))


def give_results(web: responses.RequestsMock, *video_ids: str, following: str | None = None) -> None:
    items: list[dict[str, Any]] = [{"id": {"kind": "youtube#video", "videoId": one}} for one in video_ids]
    items.append({"id": {"kind": "youtube#channel", "channelId": "UCx"}})
    page = {"kind": "youtube#searchListResponse", "pageInfo": {"totalResults": 1_000_000}, "items": items}
    answer(web, SEARCH, {**page, **({"nextPageToken": following} if following else {})})


def searches(web: responses.RequestsMock) -> list[dict[str, str]]:
    """Return the queries of the calls made."""
    return [call.request.params for call in web.calls]  # type: ignore[attr-defined]


def test_a_search_follows_its_token_up_to_its_page_limit(web: responses.RequestsMock) -> None:
    give_results(web, "a", "b", following="t1")
    give_results(web, "c", following="t2")
    tally = Tally()
    assert list(make_search(search_pages=2).find_live_ids(at=TICK, tally=tally, by_hand=True)) == [["a", "b"], ["c"]]
    assert [query.get("pageToken") for query in searches(web)] == [None, "t1"]
    assert {query["eventType"] for query in searches(web)} == {"live"}
    assert tally.spend == {"youtube.search": 2}


def test_a_search_ends_where_the_site_gives_no_token(web: responses.RequestsMock) -> None:
    give_results(web, "a")
    assert list(make_search(search_pages=5).find_live_ids(at=TICK, tally=Tally(), by_hand=True)) == [["a"]]


@pytest.mark.parametrize("poison", ["a,b", "x" * 65, "x" * 201, "a\x00b", "", " a", "a\n", "é", "../a"], ids=ascii)
def test_what_is_no_id_of_a_video_is_left_out_of_a_search_and_costs_no_other(
    web: responses.RequestsMock, poison: str
) -> None:
    give_results(web, "a", poison, "-_9zZ" + "x" * 59, poison)
    tally = Tally()
    found = make_search().find_live_ids(at=TICK, tally=tally, by_hand=True)
    assert list(found) == [["a", "-_9zZ" + "x" * 59]]
    assert tally.failed_parts == ["youtube: a search: 2 left out that are no ids of videos"]


def test_pages_found_before_a_failure_are_given(web: responses.RequestsMock) -> None:
    give_results(web, "a", following="t1")
    refuse(SEARCH, web, 403, "quotaExceeded")
    found = make_search().find_live_ids(at=TICK, tally=Tally(), by_hand=True)
    assert next(found) == ["a"]
    with pytest.raises(QuotaSpent):
        next(found)


def test_a_search_whose_token_went_stale_keeps_the_pages_before_it(web: responses.RequestsMock) -> None:
    give_results(web, "a", following="t1")
    refuse(SEARCH, web, 400, "invalidPageToken")
    found = make_search().find_live_ids(at=TICK, tally=Tally(), by_hand=True)
    assert next(found) == ["a"]
    with pytest.raises(ContractChanged):
        next(found)


def test_each_snapshot_promises_the_cadence_that_its_broadcast_was_given(web: responses.RequestsMock) -> None:
    give_categories(web)
    give_videos(web, video("a"), video("b"))
    pages = make_source().read_pages(sweep_id="sweep", sampled_at=TICK, tally=Tally(), asked={"a": 1800, "b": 600})
    cadences = {one.broadcast_id: one.cadence_s for page in pages for one in page.snapshots}
    assert cadences == {"a": 1800, "b": 600}


def test_what_is_announced_and_what_is_no_broadcast_are_told_apart(web: responses.RequestsMock) -> None:
    announced, unreadable, never, plain = (video(one) for one in ("announced", "unreadable", "never", "plain"))
    announced["liveStreamingDetails"] = {"scheduledStartTime": "2026-11-21T21:00:00+09:00"}
    unreadable["liveStreamingDetails"] = {"scheduledStartTime": 7}
    never["liveStreamingDetails"] = {"scheduledStartTime": "9999-12-31T23:59:59-12:00"}
    del plain["liveStreamingDetails"]
    give_categories(web)
    give_videos(web, announced, unreadable, never, plain)
    tally = Tally()
    assert seen_ids(read_all(make_source(), tally, ("announced", "unreadable", "never", "plain"))) == [[]]
    assert tally.not_live == ["announced", "unreadable", "never", "plain"]
    assert {key: str(start) for key, start in tally.announced.items()} == {"announced": "2026-11-21 12:00:00+00:00"}
    assert tally.never_live == ["plain"]


def test_category_names_are_asked_for_at_full_hours_only(web: responses.RequestsMock) -> None:
    give_videos(web, video("a"))
    tally = Tally()
    asked = {"a": 300}
    later = TICK.replace(minute=5)
    [page] = make_source().read_pages(sweep_id="sweep", sampled_at=later, tally=tally, asked=asked)
    assert (page.snapshots[0].category_id, page.snapshots[0].category_name) == ("20", None)
    assert tally.spend == {"youtube.units": 1}
