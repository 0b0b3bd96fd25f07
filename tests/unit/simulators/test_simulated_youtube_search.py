"""YouTube's search: what it finds, what it misses, and how it pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.unit.simulators.callers import NOON_S, Caller

from airtide.simulators.world import World


def search_pages(caller: Caller, **params: Any) -> Iterator[dict[str, Any]]:
    """Give the pages of 50 of a search."""
    while True:
        page = caller.search(maxResults=50, **params).json()
        yield page
        if "nextPageToken" not in page:
            return
        params["pageToken"] = page["nextPageToken"]


def ids_of(*pages: dict[str, Any]) -> list[str]:
    return [item["id"]["videoId"] for page in pages for item in page["items"]]


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"part": ""}, "missingRequiredParameter"),
        ({"type": "channel"}, "invalidSearchFilter"),
        ({"eventType": "soon"}, "invalidSearchFilter"),
        ({"order": "size"}, "invalidParameter"),
        ({"maxResults": 51}, "invalidParameter"),
        ({"maxResults": "-1"}, "invalidParameter"),
        ({"publishedAfter": "yesterday"}, "invalidParameter"),
        ({"regionCode": "KOR"}, "invalidRegionCode"),
        ({"pageToken": "CDIQAA"}, "invalidPageToken"),
        ({"videoDuration": "any"}, "unexpectedParameter"),
    ],
)
def test_a_bad_parameter_is_refused_with_its_reason(caller: Caller, params: dict[str, str | int], reason: str) -> None:
    answer = caller.search(**params)
    assert answer.status_code == 400
    assert answer.json()["error"]["errors"][0]["reason"] == reason


def test_a_page_token_serves_only_its_own_query(caller: Caller) -> None:
    token = caller.search(order="date").json()["nextPageToken"]
    assert caller.search(order="date", pageToken=token).status_code == 200
    assert caller.search(order="viewCount", pageToken=token).status_code == 400


def test_a_page_has_5_rows_unless_asked_otherwise(caller: Caller) -> None:
    page = caller.search().json()
    assert len(page["items"]) == page["pageInfo"]["resultsPerPage"] == 5


def test_all_pages_of_one_instant_hold_each_row_once_and_nearly_all_that_is_live(caller: Caller, world: World) -> None:
    pages = list(search_pages(caller, order="viewCount"))
    found = ids_of(*pages)
    live = {each.broadcast.broadcast_id for each in world.live("youtube", NOON_S)}
    assert len(set(found)) == len(found)
    assert "nextPageToken" not in pages[-1]
    assert 0.9 * len(live) < len(live.intersection(found)) < len(live)


def test_broadcasts_that_have_just_ended_still_turn_up(caller: Caller, world: World) -> None:
    lingering = 0
    for hour in range(24):
        caller.at = f"2026-11-20T{hour:02}:00:00Z"
        at_s = NOON_S + (hour - 12) * 3600
        ended = {each.broadcast_id for each in world.ended("youtube", at_s - 300, at_s)}
        lingering += len(ended.intersection(ids_of(*search_pages(caller))))
    assert lingering > 5


def test_the_total_is_inflated(caller: Caller, world: World) -> None:
    assert caller.search().json()["pageInfo"]["totalResults"] > 10 * len(world.live("youtube", NOON_S))


def test_a_search_row_tells_neither_viewers_nor_start_and_escapes_its_texts(caller: Caller) -> None:
    items = [item for page in search_pages(caller) for item in page["items"]]
    assert {tuple(sorted(item)) for item in items} == {("etag", "id", "kind", "snippet")}
    titles = " ".join(item["snippet"]["title"] + item["snippet"]["channelTitle"] for item in items)
    assert "&amp;" in titles
    assert not {"<", ">", '"', "'"}.intersection(titles)


def test_orders_hold(caller: Caller, world: World) -> None:
    newest = caller.search(order="date", maxResults=50).json()["items"]
    published = [item["snippet"]["publishedAt"] for item in newest]
    viewers = {each.broadcast.broadcast_id: each.viewers for each in world.live("youtube", NOON_S)}
    largest = [viewers.get(found, 0) for found in ids_of(caller.search(order="viewCount", maxResults=50).json())]
    assert published == sorted(published, reverse=True)
    assert largest == sorted(largest, reverse=True)


def test_words_channel_category_and_dates_narrow_a_search(caller: Caller, world: World) -> None:
    everything = len(ids_of(*search_pages(caller)))
    assert len(ids_of(*search_pages(caller, q="라이브"))) > 0.9 * everything
    assert ids_of(*search_pages(caller, q="nosuchword")) == []
    gaming = ids_of(*search_pages(caller, videoCategoryId="20"))
    assert {video["snippet"]["categoryId"] for video in caller.videos(*gaming[:50])} == {"20"}
    recent = list(search_pages(caller, publishedAfter="2026-11-20T11:00:00Z"))
    assert all(item["snippet"]["publishedAt"] >= "2026-11-20T11:00:00Z" for page in recent for item in page["items"])
    channel_id = world.live("youtube", NOON_S)[0].broadcast.channel.channel_id
    hits = [ids_of(caller.search(channelId=channel_id, q=word).json()) for word in ("live", "stream", "방송", "라이브")]
    assert max(map(len, hits)) == 1


def test_completed_broadcasts_of_the_last_day_are_found_and_upcoming_ones_never(caller: Caller) -> None:
    completed = ids_of(caller.search(eventType="completed", maxResults=50).json())
    assert all("actualEndTime" in video["liveStreamingDetails"] for video in caller.videos(*completed))
    assert len(completed) == 50
    assert ids_of(caller.search(eventType="upcoming").json()) == []


def test_four_searches_a_quarter_of_an_hour_come_to_know_nearly_all(client: TestClient, world: World) -> None:
    caller, known, missed, live_count = Caller(client), set[str](), 0, 0
    for quarter in range(12):
        at_s = NOON_S + quarter * 900
        caller.at = f"2026-11-20T{12 + quarter // 4}:{quarter % 4 * 15:02}:00Z"
        for order in ("viewCount", "date"):
            pages = search_pages(caller, order=order)
            known.update(ids_of(next(pages), next(pages)))
        live = {each.broadcast.broadcast_id for each in world.live("youtube", at_s)}
        if quarter >= 4:
            missed += len(live - known)
            live_count += len(live)
    assert missed < 0.03 * live_count
