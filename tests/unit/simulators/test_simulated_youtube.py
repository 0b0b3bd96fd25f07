"""YouTube's lookups by id: wire format and refusals."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.unit.simulators.callers import NOON_S, Caller

from airtide.simulators.world import Broadcast, World


def instant(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture(scope="module")
def largest(world: World) -> Broadcast:
    """The broadcast with most known viewers that tells its end."""
    return next(each.broadcast for each in world.live("youtube", NOON_S) if each.known and not each.broadcast.vanishes)


def test_a_missing_key_and_a_wrong_key_are_worded_apart(caller: Caller) -> None:
    missing = caller.get("/youtube/youtube/v3/videos", part="snippet", id="x")
    wrong = caller.get("/youtube/youtube/v3/videos", part="snippet", id="x", key="guessed")
    assert missing.status_code == 403
    assert missing.json()["error"]["message"] == "The request is missing a valid API key."
    assert wrong.status_code == 400
    assert wrong.json()["error"]["errors"][0]["reason"] == "badRequest"
    assert wrong.json()["error"]["message"].startswith("API key not valid.")


def test_the_key_may_stand_in_the_query(caller: Caller) -> None:
    answer = caller.get("/youtube/youtube/v3/videos", part="snippet", id="x", key="youtube-key")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("method", "params", "reason"),
    [
        ("videos", {"id": "x"}, "missingRequiredParameter"),
        ("videos", {"part": "snippet"}, "missingRequiredParameter"),
        ("videos", {"part": "snippet", "id": ",".join(map(str, range(51)))}, "invalidFilters"),
        ("videos", {"part": "snippet", "id": "x", "maxResults": 5}, "incompatibleParameters"),
        ("videos", {"part": "snippet", "id": "x", "colour": "red"}, "unexpectedParameter"),
        ("videos", {"part": "snippets", "id": "x"}, "unknownPart"),
        ("channels", {"part": "snippet"}, "missingRequiredParameter"),
        ("videoCategories", {"part": "snippet"}, "missingRequiredParameter"),
        ("playlistItems", {"part": "contentDetails", "playlistId": "UUx"}, "playlistNotFound"),
    ],
)
def test_a_bad_parameter_is_refused_with_its_reason(
    caller: Caller, method: str, params: dict[str, str | int], reason: str
) -> None:
    answer = caller.youtube(method, **params)
    error = answer.json()["error"]
    assert answer.status_code == error["code"] == (404 if reason == "playlistNotFound" else 400)
    assert error["errors"][0]["reason"] == reason
    assert error["errors"][0]["message"] == error["message"]


def test_a_live_broadcast_tells_its_start_and_its_viewers_as_a_string(
    caller: Caller, world: World, largest: Broadcast
) -> None:
    (video,) = caller.videos(largest.broadcast_id)
    viewers = {live.broadcast: live.viewers for live in world.live("youtube", NOON_S)}[largest]
    details = video["liveStreamingDetails"]
    assert details["actualStartTime"] == instant(largest.started_s)
    assert details["concurrentViewers"] == str(viewers)
    assert "actualEndTime" not in details
    assert video["snippet"]["channelId"] == largest.channel.channel_id
    assert video["snippet"]["liveBroadcastContent"] == "live"
    assert (len(video["id"]), len(video["snippet"]["channelId"])) == (11, 24)


def test_an_announced_broadcast_has_no_start_and_an_ended_one_has_its_end_and_no_viewers(
    caller: Caller, largest: Broadcast
) -> None:
    caller.at = instant(largest.published_s)
    (announced,) = caller.videos(largest.broadcast_id)
    assert announced["snippet"]["liveBroadcastContent"] == "upcoming"
    assert set(announced["liveStreamingDetails"]) == {"scheduledStartTime", "activeLiveChatId"}
    caller.at = instant(largest.ended_s + 86_000)
    (ended,) = caller.videos(largest.broadcast_id)
    assert ended["liveStreamingDetails"]["actualEndTime"] == instant(largest.ended_s)
    assert "concurrentViewers" not in ended["liveStreamingDetails"]
    assert ended["snippet"]["liveBroadcastContent"] == "completed"


def test_unknown_unpublished_and_withdrawn_ids_are_absent(caller: Caller, world: World, largest: Broadcast) -> None:
    withdrawn = next(each for each in world.ended("youtube", NOON_S - 40_000, NOON_S) if each.vanishes)
    assert [video["id"] for video in caller.videos("unknownunkn", withdrawn.broadcast_id, largest.broadcast_id)] == [
        largest.broadcast_id
    ]
    caller.at = instant(largest.published_s - 1)
    assert caller.videos(largest.broadcast_id) == []


def test_hidden_counts_and_counts_of_nobody_are_left_out(caller: Caller, world: World) -> None:
    told: dict[str, set[bool]] = {"hidden": set(), "nobody": set(), "some": set()}
    for hour in range(12, 20):
        caller.at = f"2026-11-20T{hour}:00:00Z"
        smallest = world.live("youtube", NOON_S + (hour - 12) * 3600)[-60:]
        ids = [live.broadcast.broadcast_id for live in smallest]
        videos = {video["id"]: video for video in caller.videos(*ids[:30]) + caller.videos(*ids[30:])}
        for live in smallest:
            video = videos[live.broadcast.broadcast_id]
            kind = "nobody" if not live.viewers else "some" if live.known else "hidden"
            told[kind].add("concurrentViewers" in video["liveStreamingDetails"])
    assert told == {"hidden": {False}, "nobody": {False}, "some": {True}}


def test_only_the_parts_asked_for_come_back(caller: Caller, largest: Broadcast) -> None:
    (video,) = caller.youtube("videos", part="status", id=largest.broadcast_id).json()["items"]
    assert set(video) == {"kind", "etag", "id", "status"}


def test_the_etag_changes_with_the_contents_only(caller: Caller, largest: Broadcast) -> None:
    (now,), (again,) = caller.videos(largest.broadcast_id), caller.videos(largest.broadcast_id)
    caller.at = instant(NOON_S + 300)
    (later,) = caller.videos(largest.broadcast_id)
    assert now["etag"] == again["etag"] != later["etag"]


def test_a_channel_leads_to_its_uploads_newest_first(caller: Caller, largest: Broadcast) -> None:
    channel_id = largest.channel.channel_id
    (channel,) = caller.youtube("channels", part="contentDetails,statistics", id=channel_id).json()["items"]
    assert isinstance(channel["statistics"]["subscriberCount"], str)
    uploads = channel["contentDetails"]["relatedPlaylists"]["uploads"]
    items = caller.youtube("playlistItems", part="contentDetails", playlistId=uploads).json()["items"]
    published = [item["contentDetails"]["videoPublishedAt"] for item in items]
    assert largest.broadcast_id in [item["contentDetails"]["videoId"] for item in items]
    assert published == sorted(published, reverse=True)
    handle = f"@{largest.channel.handle}"
    assert caller.youtube("channels", part="snippet", forHandle=handle).json()["items"][0]["id"] == channel_id


def test_categories_have_names(caller: Caller) -> None:
    items = caller.youtube("videoCategories", part="snippet", regionCode="KR").json()["items"]
    assert {"20": "Gaming"}.items() <= {item["id"]: item["snippet"]["title"] for item in items}.items()
