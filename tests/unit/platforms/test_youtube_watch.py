"""The watch-list: feeds first, uploads where they fail, and never more units than polls leave."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
import responses
from responses.matchers import query_param_matcher
from tests.fakes.quota import MemorySpendBook, make_quota
from tests.unit.platforms.sites import BASE, DATE, FEEDS, SECRET, TICK, Limits, answer, make_access
from tests.unit.platforms.test_youtube_feed import entry, feed

from airtide.domain.clock import SetClock
from airtide.domain.errors import CredentialsRejected, QuotaSpent
from airtide.domain.pages import Tally
from airtide.domain.quota import Bucket
from airtide.platforms.youtube.feed import MAX_FEED_BYTES
from airtide.platforms.youtube.watch import FEED_SHARE, YouTubeWatchList

UPLOADS = f"{BASE}/youtube/v3/playlistItems"
ONE = "UC" + "1" * 22
TWO = "UC" + "2" * 22
MANY = tuple(f"UC{number:022}" for number in range(100))


def make_watch(
    *channels: str,
    units: int = 10_000,
    book: MemorySpendBook | None = None,
    clock: SetClock | None = None,
    **limits: Any,
) -> YouTubeWatchList:
    quota = make_quota(SetClock(TICK), book, {Bucket.YOUTUBE_UNITS: units})
    return YouTubeWatchList(make_access(), Limits(watch_list=channels, **limits), clock or SetClock(TICK), quota)


def read(watch: YouTubeWatchList, tally: Tally | None = None, at: datetime = TICK, **how: bool) -> list[str]:
    """Return the ids found in one round."""
    pages = watch.find_live_ids(at=at, tally=Tally() if tally is None else tally, **how)
    return [one for page in pages for one in page]


def give_feed(web: responses.RequestsMock, channel_id: str, *video_ids: str) -> None:
    body = feed(*(entry(one) for one in video_ids))
    answer(web, FEEDS, body=body, match=(query_param_matcher({"channel_id": channel_id}),))


def give_uploads(web: responses.RequestsMock, channel_id: str, *video_ids: str) -> None:
    items = [{"contentDetails": {"videoId": one}} for one in video_ids]
    playlist = query_param_matcher({"playlistId": f"UU{channel_id[2:]}"}, strict_match=False)
    answer(web, UPLOADS, {"kind": "youtube#playlistItemListResponse", "items": items}, match=(playlist,))


@pytest.mark.parametrize("status", [404, 403, 429, 500, 301])
def test_a_feed_that_fails_is_made_up_for_by_the_uploads(web: responses.RequestsMock, status: int) -> None:
    answer(web, FEEDS, body="", status=status)
    give_feed(web, TWO, "c")
    give_uploads(web, ONE, "a", "b")
    tally = Tally()
    assert read(make_watch(ONE, TWO), tally) == ["c", "a", "b"]
    assert tally.spend == {"youtube.units": 1}
    assert tally.failed_parts == [f"youtube: the feed of channel {ONE} cannot be had: HTTP {status}"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html></html>", "it is no feed"),
        (b'<!DOCTYPE feed [<!ENTITY a "b">]><feed/>', "it declares a document type"),
        (b'<?xml version="1.0" encoding="rot13"?><feed/>', "it declares an encoding that cannot be read"),
        (feed(entry("a" * 150)) + b" " * MAX_FEED_BYTES, "more than 1 MiB"),
        (requests.exceptions.ReadTimeout(SECRET), r"no answer \(ReadTimeout\)"),
        (requests.exceptions.ConnectionError(SECRET), r"no answer \(ConnectionError\)"),
    ],
    ids=["another page", "hostile", "unreadable", "huge", "slow", "nobody there"],
)
def test_a_bad_feed_is_an_error_of_its_channel_alone(
    web: responses.RequestsMock, body: bytes | Exception, said: str
) -> None:
    answer(web, FEEDS, body=body)
    give_feed(web, TWO, "c")
    give_uploads(web, ONE, "a")
    tally = Tally()
    assert read(make_watch(ONE, TWO), tally) == ["c", "a"]
    [told] = tally.failed_parts
    assert said.replace("\\", "") in told
    assert SECRET not in told


def test_what_is_no_id_is_left_out_of_feeds_and_uploads_and_told_once_a_channel(web: responses.RequestsMock) -> None:
    give_feed(web, ONE, "a", "b,c", "", "x" * 65, "&#233;")
    answer(web, FEEDS, body="", status=404)
    give_uploads(web, TWO, "d\x00", "x" * 201, "e", "")
    tally = Tally()
    assert read(make_watch(ONE, TWO), tally) == ["a", "e"]
    assert tally.failed_parts == [
        f"youtube: the feed of channel {ONE}: 4 left out that are no ids of videos",
        f"youtube: the feed of channel {TWO} cannot be had: HTTP 404",
        f"youtube: the uploads of channel {TWO}: 3 left out that are no ids of videos",
    ]


def test_feeds_cost_nothing_and_are_asked_for_without_the_key(web: responses.RequestsMock) -> None:
    give_feed(web, ONE, "a")
    tally = Tally()
    assert read(make_watch(ONE), tally) == ["a"]
    assert (tally.requests, tally.spend) == (1, {})
    assert SECRET not in str(web.calls[0].request.headers) + str(web.calls[0].request.url)


def test_a_channel_without_uploads_is_no_end_of_it_and_the_next_goes_on(web: responses.RequestsMock) -> None:
    for _ in range(2):
        answer(web, FEEDS, body="", status=404)
    error = {"code": 404, "message": "…", "errors": [{"domain": "youtube.playlistItem", "reason": "playlistNotFound"}]}
    answer(web, UPLOADS, {"error": error}, status=404)
    give_uploads(web, ONE, "b")
    tally = Tally()
    watch = make_watch(TWO, ONE)
    # the first of those that failed is another one in every round
    at = next(TICK + n * timedelta(minutes=15) for n in range(2) if int(TICK.timestamp() // 900 + n) * 5 % 2 == 0)
    found = read(watch, tally, at=at)
    assert found == ["b"]
    assert len(tally.failed_parts) == 3


@pytest.mark.parametrize(
    "reason", ["forbidden", "playlistItemsNotAccessible", "channelClosed", "channelSuspended", "playlistNotFound"]
)
def test_uploads_that_are_not_shown_are_a_matter_of_their_channel_alone(
    web: responses.RequestsMock, reason: str
) -> None:
    for _ in range(2):
        answer(web, FEEDS, body="", status=404)
    error = {"code": 403, "message": "…", "errors": [{"domain": "youtube.playlistItem", "reason": reason}]}
    for _ in range(2):
        answer(web, UPLOADS, {"error": error}, status=403)
    tally = Tally()
    assert read(make_watch(ONE, TWO), tally) == []
    assert len(tally.failed_parts) == 4
    assert not any("connection" in sentence for sentence in tally.failed_parts)


def test_a_missing_key_is_told_from_uploads_that_are_not_shown(web: responses.RequestsMock) -> None:
    answer(web, FEEDS, body="", status=404)
    error = {"message": "The request is missing a valid API key.", "errors": [{"reason": "forbidden"}]}
    answer(web, UPLOADS, {"error": error}, status=403)
    with pytest.raises(CredentialsRejected, match="mend connection airtide_youtube"):
        read(make_watch(ONE))


def test_spent_units_end_the_round_and_a_refused_key_too(web: responses.RequestsMock) -> None:
    answer(web, FEEDS, body="", status=404)
    answer(web, UPLOADS, {"error": {"errors": [{"reason": "quotaExceeded"}]}}, status=403)
    with pytest.raises(QuotaSpent):
        read(make_watch(ONE))
    answer(web, FEEDS, body="", status=404)
    answer(web, UPLOADS, {"error": {"errors": [{"reason": "accessNotConfigured"}]}}, status=403)
    with pytest.raises(CredentialsRejected):
        read(make_watch(ONE))


def test_hours_without_any_feed_cost_no_more_than_the_reserve_and_take_turns_over_channels() -> None:
    book, asked = MemorySpendBook(), Counter[str]()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as web:
        web.add("GET", FEEDS, status=404)

        def list_uploads(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
            asked[request.params["playlistId"]] += 1  # type: ignore[attr-defined]  # responses adds it
            return 200, {"Date": DATE}, json.dumps({"kind": "youtube#playlistItemListResponse"})

        web.add_callback("GET", UPLOADS, list_uploads)
        for turn in range(80):
            at = TICK + turn * timedelta(minutes=15)
            read(make_watch(*MANY, units=8_000, book=book), at=at)
    assert sum(asked.values()) <= 0.05 * 8_000
    assert len(asked) == len(MANY)
    assert max(asked.values()) - min(asked.values()) <= 3


def test_with_no_units_left_no_playlist_is_asked_for(web: responses.RequestsMock) -> None:
    answer(web, FEEDS, body="", status=404)
    book = MemorySpendBook()
    make_quota(SetClock(TICK), book, {Bucket.YOUTUBE_UNITS: 1}).book(Tally(), Bucket.YOUTUBE_UNITS)()
    assert read(make_watch(ONE, units=1, book=book)) == []


def test_each_feed_is_read_once_in_a_quarter_of_an_hour_however_often_one_looks() -> None:
    asked = Counter[str]()
    with responses.RequestsMock() as web:

        def give(request: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
            asked[request.params["channel_id"]] += 1  # type: ignore[attr-defined]  # responses adds it
            return 200, {}, feed()

        web.add_callback("GET", FEEDS, give)
        loads = []
        for turn in range(15):
            before = asked.total()
            read(make_watch(*MANY, discover_every_s=60), at=TICK + turn * timedelta(minutes=1))
            loads.append(asked.total() - before)
    assert set(asked.values()) == {1}
    assert len(asked) == 100
    assert max(loads) <= 20


@pytest.mark.parametrize("every_s", [300, 900])
def test_feeds_that_take_too_long_are_left_for_later_rounds_and_each_gets_its_turn(every_s: int) -> None:
    clock, asked = SetClock(TICK), list[str]()
    with responses.RequestsMock() as web:

        def give_slowly(request: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
            asked.append(request.params["channel_id"])  # type: ignore[attr-defined]  # responses adds it
            clock.set(clock.now() + timedelta(seconds=10))
            return 200, {}, feed()

        web.add_callback("GET", FEEDS, give_slowly)
        for turn in range(9 * 900 // every_s):
            at, before, tally = TICK + turn * timedelta(seconds=every_s), len(asked), Tally()
            clock.set(at)
            read(make_watch(*MANY, clock=clock, discover_every_s=every_s), tally, at=at)
            assert clock.now() - at <= timedelta(seconds=FEED_SHARE * every_s + 10)
            [told] = tally.failed_parts
            left, of = (
                int(word) for word in told.split() if word.isdecimal() and word != f"{FEED_SHARE * every_s:.0f}"
            )
            assert left == of - (len(asked) - before)
            assert "feeds are left for later rounds" in told
    assert set(asked) == set(MANY)


def test_a_feed_that_is_left_for_later_costs_no_unit_in_its_place(web: responses.RequestsMock) -> None:
    clock = SetClock(TICK)

    def give_late(_request: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        clock.set(TICK + timedelta(minutes=10))
        return 200, {}, feed(entry("a"))

    web.add_callback("GET", FEEDS, give_late)
    tally = Tally()
    assert read(make_watch(ONE, TWO, clock=clock), tally) == ["a"]
    assert tally.spend == {}
    assert tally.failed_parts == ["youtube: 1 of 2 feeds are left for later rounds: the 225 s for them are over"]


def test_a_run_by_hand_reads_every_feed_whoever_is_first() -> None:
    with responses.RequestsMock() as web:
        give_feed(web, ONE, "a")
        give_feed(web, TWO, "b")
        assert sorted(read(make_watch(ONE, TWO, discover_every_s=60), by_hand=True)) == ["a", "b"]


def test_nobody_watched_is_nobody_asked() -> None:
    assert read(make_watch()) == []


def test_where_nobody_answers_no_more_feeds_are_tried_in_this_round(web: responses.RequestsMock) -> None:
    for _ in range(3):
        answer(web, FEEDS, body=requests.exceptions.ConnectTimeout())
    tally = Tally()
    assert read(make_watch(*MANY[:50], reserve_share=0.0), tally) == []
    assert len(tally.failed_parts) == len(web.calls) == 3


def test_a_round_whose_time_is_over_asks_for_no_feed_and_no_playlist(web: responses.RequestsMock) -> None:
    tally = Tally(read_until=TICK)
    assert read(make_watch(ONE, TWO), tally) == []
    assert tally.failed_parts == ["youtube: 2 of 2 feeds are left for later rounds: the 0 s for them are over"]
    assert tally.requests == 0


def test_playlists_are_left_when_the_time_of_the_round_ends_amid_them(web: responses.RequestsMock) -> None:
    clock = SetClock(TICK)
    for _ in range(2):
        answer(web, FEEDS, body="", status=404)

    def give_late(_request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        clock.sleep(60)
        return 200, {"Date": DATE}, json.dumps({"kind": "youtube#playlistItemListResponse"})

    web.add_callback("GET", UPLOADS, give_late)
    tally = Tally(read_until=TICK + timedelta(seconds=60))
    assert read(make_watch(ONE, TWO, clock=clock), tally) == []
    assert tally.spend == {"youtube.units": 1}
    assert tally.failed_parts[-1] == "youtube: 1 of 2 playlists are left for later rounds"
