"""Twitch's client against answers in the site's form."""

from __future__ import annotations

import traceback
from typing import Any

import pytest
import responses
from responses.matchers import header_matcher, query_param_matcher, urlencoded_params_matcher
from tests.fakes.polling import CollectingSink
from tests.unit.platforms.parser_cases import read_full_record
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

from airtide.domain.errors import (
    ContractChanged,
    CredentialsRejected,
    MisconfiguredError,
    RateLimited,
)
from airtide.domain.models import Outcome, Platform
from airtide.domain.pages import Tally
from airtide.pipeline.poll import poll_platform
from airtide.platforms.quota import Quota
from airtide.platforms.twitch.client import TwitchSource

STREAMS = f"{BASE}/helix/streams"
TOKEN_URL = f"{TOKENS}/oauth2/token"


def make_source(**limits: Any) -> TwitchSource:
    return TwitchSource(make_access(), Limits(**limits), make_clock(), Quota())


def stream(broadcast_id: str, viewers: int = 7) -> dict[str, Any]:
    return {**read_full_record(Platform.TWITCH), "id": broadcast_id, "viewer_count": viewers}


def give_token(web: responses.RequestsMock, token: str = "canary-token") -> None:
    form = {"client_id": CLIENT_ID, "client_secret": SECRET, "grant_type": "client_credentials"}
    granted = {"access_token": token, "expires_in": 5011271, "token_type": "bearer"}
    answer(web, TOKEN_URL, granted, method="POST", match=(urlencoded_params_matcher(form),))


def give_page(
    web: responses.RequestsMock,
    *streams: dict[str, Any],
    after: str | None = None,
    following: str | None = None,
    token: str = "canary-token",
    **envelope: Any,
) -> None:
    query = {"first": "100", "type": "live", **({"after": after} if after else {})}
    headers = {"Authorization": f"Bearer {token}", "Client-Id": CLIENT_ID}
    page = {"data": list(streams), "pagination": {"cursor": following} if following else {}, **envelope}
    answer(web, STREAMS, page, match=(query_param_matcher(query), header_matcher(headers)))


def refuse_page(web: responses.RequestsMock, status: int, **headers: str) -> None:
    body = {"error": "…", "status": status, "message": f"refused {SECRET}"}
    answer(web, STREAMS, body, status=status, headers={name.replace("_", "-"): v for name, v in headers.items()})


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_denied_token_names_the_connection_to_mend(web: responses.RequestsMock, status: int) -> None:
    answer(web, TOKEN_URL, {"status": status, "message": "invalid client secret"}, method="POST", status=status)
    with pytest.raises(CredentialsRejected, match="client id and secret of connection airtide_twitch") as caught:
        read_all(make_source())
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_token_refused_in_the_middle_is_renewed_once_and_the_page_asked_again(web: responses.RequestsMock) -> None:
    give_token(web, "old")
    give_page(web, stream("a"), following="c1", token="old")
    refuse_page(web, 401)
    give_token(web, "new")
    give_page(web, stream("b"), after="c1", token="new")
    assert seen_ids(read_all(make_source())) == [["a"], ["b"]]


def test_a_token_refused_twice_is_no_matter_of_age(web: responses.RequestsMock) -> None:
    give_token(web)
    refuse_page(web, 401)
    give_token(web)
    refuse_page(web, 401)
    with pytest.raises(CredentialsRejected, match="airtide_twitch"):
        read_all(make_source())


def test_a_forbidden_call_asks_for_no_other_token(web: responses.RequestsMock) -> None:
    give_token(web)
    refuse_page(web, 403)
    with pytest.raises(CredentialsRejected):
        read_all(make_source())


def test_one_token_serves_all_sweeps_of_a_process(web: responses.RequestsMock) -> None:
    source = make_source()
    give_token(web)
    give_page(web, stream("a"))
    give_page(web, stream("a"))
    tally = Tally()
    read_all(source, tally)
    read_all(source, tally)
    assert tally.spend == {"twitch.tokens": 1, "twitch.points": 2}
    assert tally.requests == 3


def test_a_rate_limit_stops_the_sweep_with_the_wait_that_the_site_told(web: responses.RequestsMock) -> None:
    give_token(web)
    refuse_page(web, 429, Ratelimit_Reset=str(int(SITE_TIME.timestamp()) + 17))
    with pytest.raises(RateLimited) as caught:
        read_all(make_source())
    assert caught.value.retry_after_s == 17.0


def test_a_page_that_fails_for_good_ends_the_sweep_since_no_cursor_leads_on(web: responses.RequestsMock) -> None:
    give_token(web)
    give_page(web, stream("a"), following="c1")
    for _ in range(4):
        refuse_page(web, 500)
    pages = read_all(make_source())
    assert seen_ids(pages)[0] == ["a"]
    assert pages[1].error is not None
    assert "HTTP 500" in pages[1].error
    assert (pages[1].number, len(pages)) == (2, 2)


def test_a_first_page_that_fails_is_a_page_with_an_error(web: responses.RequestsMock) -> None:
    give_token(web)
    for _ in range(4):
        refuse_page(web, 503)
    assert [page.error is not None for page in read_all(make_source())] == [True]


def test_a_web_page_instead_of_a_list_is_a_failed_page(web: responses.RequestsMock) -> None:
    give_token(web)
    for _ in range(2):
        answer(web, STREAMS, body="<html>maintenance</html>")
    [page] = read_all(make_source())
    assert page.error is not None
    assert "not JSON" in page.error


def test_a_cursor_that_has_gone_stale_ends_the_sweep_as_partial(web: responses.RequestsMock) -> None:
    give_token(web)
    give_page(web, stream("a"), following="c1")
    refuse_page(web, 400)
    pages = read_all(make_source())
    assert [page.error is None for page in pages] == [True, False]


def test_a_first_request_that_is_refused_is_a_changed_contract(web: responses.RequestsMock) -> None:
    give_token(web)
    refuse_page(web, 400)
    with pytest.raises(ContractChanged, match="does not take this request"):
        read_all(make_source())


def test_an_envelope_without_data_is_a_changed_contract(web: responses.RequestsMock) -> None:
    give_token(web)
    answer(web, STREAMS, {"streams": []})
    with pytest.raises(ContractChanged, match=r"twitch: GET .*missing required field `data`"):
        read_all(make_source())


def test_a_cursor_that_comes_again_ends_the_sweep(web: responses.RequestsMock) -> None:
    give_token(web)
    give_page(web, stream("a"), following="c1")
    give_page(web, stream("b"), after="c1", following="c2")
    give_page(web, stream("c"), after="c2", following="c1")
    assert seen_ids(read_all(make_source())) == [["a"], ["b"], ["c"], "the site repeats a cursor"]


def test_the_page_cap_ends_the_sweep_and_says_so(web: responses.RequestsMock) -> None:
    give_token(web)
    give_page(web, stream("a"), following="c1")
    give_page(web, stream("b"), after="c1", following="c2")
    assert seen_ids(read_all(make_source(page_cap=2))) == [["a"], ["b"], "the page cap of 2 is reached"]


def test_a_list_that_ends_at_the_page_cap_is_whole(web: responses.RequestsMock) -> None:
    give_token(web)
    give_page(web, stream("a"), following="c1")
    give_page(web, stream("b"), after="c1")
    assert seen_ids(read_all(make_source(page_cap=2))) == [["a"], ["b"]]


def test_the_list_is_left_after_the_page_that_falls_under_the_viewer_floor(web: responses.RequestsMock) -> None:
    give_token(web)
    give_page(web, stream("a", 9), stream("b", 5), following="c1")
    give_page(web, stream("c", 5), stream("d", 4), after="c1", following="c2")
    tally = Tally()
    assert seen_ids(read_all(make_source(viewer_floor=5), tally)) == [["a", "b"], ["c", "d"]]
    assert tally.viewer_floor == 5


def test_a_list_that_is_over_under_the_floor_was_read_whole(web: responses.RequestsMock) -> None:
    give_token(web)
    give_page(web, stream("a", 9), stream("b", 4))
    tally = Tally()
    read_all(make_source(viewer_floor=5), tally)
    assert tally.viewer_floor is None


@pytest.mark.parametrize(
    "last",
    [{"pagination": {}}, {"pagination": {"cursor": ""}}, {"pagination": {"cursor": None}}, {"pagination": None}],
    ids=str,
)
def test_a_page_without_a_cursor_is_the_last(web: responses.RequestsMock, last: dict[str, Any]) -> None:
    give_token(web)
    give_page(web, stream("a"), **last)
    assert seen_ids(read_all(make_source())) == [["a"]]


def test_a_page_without_pagination_is_the_last(web: responses.RequestsMock) -> None:
    give_token(web)
    answer(web, STREAMS, {"data": [stream("a")]})
    assert seen_ids(read_all(make_source())) == [["a"]]


def test_an_empty_page_with_a_cursor_is_the_last(web: responses.RequestsMock) -> None:
    give_token(web)
    give_page(web, stream("a"), following="c1")
    give_page(web, after="c1", following="c2")
    assert seen_ids(read_all(make_source())) == [["a"], []]


def test_a_stream_on_two_pages_is_kept_as_it_was_seen_last_and_counted(web: responses.RequestsMock) -> None:
    give_token(web)
    give_page(web, stream("a", 9), stream("b", 8), following="c1")
    give_page(web, stream("b", 7), stream("c", 6), after="c1")
    sink = CollectingSink()
    sweep = poll_platform(make_source(), sink, make_clock(), tick=TICK)
    assert (sweep.outcome, sweep.snapshots, sweep.duplicates) == (Outcome.COMPLETE, 3, 1)
    assert {one.broadcast_id: one.viewers for one in sink.published} == {"a": 9, "b": 7, "c": 6}


def test_filters_are_repeated_parameters_and_absences_then_say_nothing(web: responses.RequestsMock) -> None:
    give_token(web)
    games = [str(number) for number in range(1, 101)]
    filters = {"first": "100", "type": "live", "language": ["ko", "other"], "game_id": games}
    for place, following in (({}, {"cursor": "c1"}), ({"after": "c1"}, {})):
        page = {"data": [stream("a" if following else "b")], "pagination": following}
        answer(web, STREAMS, page, match=(query_param_matcher({**filters, **place}),))
    tally = Tally()
    source = make_source(languages=("ko", "other"), category_ids=tuple(games))
    assert seen_ids(read_all(source, tally)) == [["a"], ["b"]]
    assert tally.is_filtered


def test_a_list_without_filters_says_so(web: responses.RequestsMock) -> None:
    give_token(web)
    give_page(web, stream("a"))
    tally = Tally()
    read_all(make_source(), tally)
    assert not tally.is_filtered


def test_a_filter_that_fits_nothing_is_believed(web: responses.RequestsMock) -> None:
    give_token(web)
    answer(web, STREAMS, {"data": [], "pagination": {}})
    assert seen_ids(read_all(make_source(languages=("is",)))) == [[]]


def give_watched(web: responses.RequestsMock, ids: list[str], *streams: dict[str, Any]) -> None:
    query = query_param_matcher({"first": "100", "type": "live", "user_id": ids})
    answer(web, STREAMS, {"data": list(streams), "pagination": {}}, match=(query,))


def test_watched_channels_under_the_floor_are_asked_for_100_a_call(web: responses.RequestsMock) -> None:
    give_token(web)
    give_page(web, {**stream("a", 9), "user_id": "3"}, {**stream("b", 4), "user_id": "900"}, following="c1")
    watched = tuple(str(number) for number in range(1, 152))
    unseen = [one for one in watched if one != "3"]
    give_watched(web, unseen[:100], {**stream("x", 1), "user_id": "1"})
    give_watched(web, unseen[100:])
    tally = Tally()
    pages = read_all(make_source(viewer_floor=5, watch_list=watched), tally)
    assert seen_ids(pages) == [["a", "b"], ["x"], []]
    assert [page.number for page in pages] == [1, 2, 3]
    assert (tally.absent, tally.viewer_floor, tally.spend["twitch.points"]) == ([], 5, 3)


def test_a_watch_list_whose_channels_are_all_listed_costs_nothing(web: responses.RequestsMock) -> None:
    give_token(web)
    give_page(web, {**stream("a"), "user_id": "3"})
    assert seen_ids(read_all(make_source(watch_list=("3",)))) == [["a"]]


def test_watched_channels_are_seen_though_the_list_breaks_off(web: responses.RequestsMock) -> None:
    give_token(web)
    give_page(web, stream("a"), following="c1")
    refuse_page(web, 400)
    give_watched(web, ["5", "6"], {**stream("x"), "user_id": "5"})
    pages = read_all(make_source(watch_list=("5", "6")))
    assert [page.error is None for page in pages] == [True, False, True]
    assert seen_ids(pages)[2] == ["x"]


def test_a_watch_list_that_fails_makes_the_sweep_partial(web: responses.RequestsMock) -> None:
    give_token(web)
    give_page(web, stream("a"))
    refuse_page(web, 400)
    pages = read_all(make_source(watch_list=tuple(str(number) for number in range(300))))
    assert [(page.number, page.error is None) for page in pages] == [(1, True), (2, False)]


def test_a_site_that_lists_nothing_at_all_is_not_believed(web: responses.RequestsMock) -> None:
    give_token(web)
    give_page(web)
    assert seen_ids(read_all(make_source())) == ["the site lists nothing live at all"]


def test_a_bad_record_is_a_reject_with_its_own_bytes_and_the_page_goes_on(web: responses.RequestsMock) -> None:
    give_token(web)
    give_page(web, stream("a"), {**stream("b"), "viewer_count": "many"}, stream("c"))
    [page] = read_all(make_source())
    assert seen_ids([page]) == [["a", "c"]]
    [reject] = page.rejects
    assert "viewer_count" in reject.reason
    assert b'"viewer_count": "many"' in reject.raw
    assert reject.platform is Platform.TWITCH


def test_a_page_tells_when_it_came_by_both_clocks(web: responses.RequestsMock) -> None:
    give_token(web)
    give_page(web, stream("a"))
    [page] = read_all(make_source())
    assert (page.number, page.site_time, page.fetched_at) == (1, SITE_TIME, TICK)


@pytest.mark.parametrize(
    ("missing", "named"), [("login", "client id"), ("password", "client secret"), ("token_url", "token_url")]
)
def test_a_connection_without_what_twitch_needs_is_refused_at_once(missing: str, named: str) -> None:
    with pytest.raises(MisconfiguredError, match=f"connection airtide_twitch holds no {named}"):
        TwitchSource(make_access(**{missing: ""}), Limits(), make_clock(), Quota())


def test_no_text_of_a_failing_sweep_tells_a_key(web: responses.RequestsMock, caplog: pytest.LogCaptureFixture) -> None:
    give_token(web)
    for _ in range(4):
        refuse_page(web, 500)
    with caplog.at_level(0):
        [page] = read_all(make_source())
    told = f"{page!r} {caplog.text} {make_access()!r}"
    assert SECRET not in told
    assert "canary-token" not in told


def test_an_unreachable_token_server_fails_the_page(web: responses.RequestsMock) -> None:
    answer(web, TOKEN_URL, method="POST", body=responses.ConnectionError(f"POST {SECRET}"))
    [page] = read_all(make_source())
    assert page.error == f"twitch: POST {TOKEN_URL} got no answer (ConnectionError)"
