"""Feeds of simulated channels."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime

from tests.unit.simulators.callers import NOON, NOON_S, Caller

from airtide.simulators.world import World
from airtide.simulators.youtube.feed import YouTubeFeeds

HOUR_S = 3600
YT = "{http://www.youtube.com/xml/schemas/2015}"


def find_hour(world: World, *, down: bool) -> int:
    """Return an instant from noon on at which feeds are in a bad spell, or are not."""
    feeds = YouTubeFeeds(world)
    return next(NOON_S + n * HOUR_S for n in range(200) if feeds.is_down(NOON_S + n * HOUR_S) is down)


def tell(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat().replace("+00:00", "Z")


def test_a_feed_lists_what_a_channel_published_last_without_a_key(caller: Caller, world: World) -> None:
    at_s = find_hour(world, down=False)
    caller.at = tell(at_s)
    live = world.live("youtube", at_s)[0].broadcast
    answer = caller.get("/youtube/feeds/videos.xml", channel_id=live.channel.channel_id)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=900")
    assert answer.headers["Content-Type"].startswith("text/xml")
    listed = [element.text for element in ElementTree.fromstring(answer.content).iter(f"{YT}videoId")]
    assert live.broadcast_id in listed
    assert len(listed) <= 15


def test_for_hours_every_feed_is_not_found_though_its_channel_is_live(caller: Caller, world: World) -> None:
    at_s = find_hour(world, down=True)
    caller.at = tell(at_s)
    for live in world.live("youtube", at_s)[:3]:
        answer = caller.get("/youtube/feeds/videos.xml", channel_id=live.broadcast.channel.channel_id)
        assert answer.status_code == 404
        uploads = caller.youtube(
            "playlistItems", part="contentDetails", playlistId=f"UU{live.broadcast.channel.channel_id[2:]}"
        )
        listed = [item["contentDetails"]["videoId"] for item in uploads.json()["items"]]
        assert live.broadcast.broadcast_id in listed


def test_an_unknown_channel_has_no_feed(caller: Caller) -> None:
    caller.at = NOON
    assert caller.get("/youtube/feeds/videos.xml", channel_id="UCnobody").status_code == 404
    assert caller.get("/youtube/feeds/videos.xml").status_code == 404


def test_a_fault_can_be_asked_for_on_feeds(caller: Caller, world: World) -> None:
    at_s = find_hour(world, down=False)
    caller.at = tell(at_s)
    fault = {"site": "youtube", "path": "/feeds/videos.xml", "truncate": True}
    assert caller.client.post("/faults", json=fault).status_code == 201
    channel_id = world.live("youtube", at_s)[0].broadcast.channel.channel_id
    whole, cut = [caller.get("/youtube/feeds/videos.xml", channel_id=channel_id).content for _ in range(2)][::-1]
    assert len(cut) == len(whole) // 2
