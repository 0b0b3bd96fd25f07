"""search.list for live broadcasts: a slice of what is on, in several orders, cut off and never quite complete."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from airtide.simulators.answers import Answer, Call, answer_json
from airtide.simulators.clock import parse_instant
from airtide.simulators.world import Broadcast, World
from airtide.simulators.youtube.errors import refuse
from airtide.simulators.youtube.parameters import (
    check_names,
    digest_query,
    make_etag,
    make_page_token,
    read_max_results,
    read_page_token,
    read_parts,
)
from airtide.simulators.youtube.render import DESCRIPTION, render_search_result

_DEPTH: Final = 500
_OVERLOOKED_SHARE: Final = 0.03
_OVERLOOKED_FOR_S: Final = 600
_LINGERING_S: Final = 240
_INFLATION: Final = 43
_FILTERS: Final = ("channelId", "videoCategoryId", "publishedAfter", "publishedBefore", "q", "type", "eventType")
_MANNERS: Final = ("order", "regionCode", "relevanceLanguage", "safeSearch", "maxResults", "pageToken")
_ORDERS: Final = ("relevance", "date", "rating", "title", "videoCount", "viewCount")
_REGION: Final = re.compile(r"[A-Za-z]{2}")

Found = tuple[Broadcast, int]
"""A broadcast and how many watch it (or did when it ended)."""


class YouTubeSearch:
    """Serves `/youtube/v3/search`."""

    def __init__(self, world: World) -> None:
        """Search this world's YouTube channels."""
        self._world = world

    def answer(self, call: Call) -> Answer:
        """Answer one page of a search for running or completed broadcasts."""
        _check(call)
        at_s = call.now_s
        found = [hit for hit in self._list_event(call) if self._matches(hit[0], call)]
        found.sort(key=self._make_order(call))
        offset, size = read_page_token(call), read_max_results(call)
        items = [render_search_result(self._world, hit, at_s) for hit, _ in found[:_DEPTH][offset : offset + size]]
        body: dict[str, Any] = {
            "kind": "youtube#searchListResponse",
            "etag": make_etag([item["etag"] for item in items]),
            "regionCode": call.params.get("regionCode", "US").upper(),
            "pageInfo": {"totalResults": min(len(found) * _INFLATION, 1_000_000), "resultsPerPage": size},
            "items": items,
        }
        if offset + size < min(len(found), _DEPTH) and size:
            body["nextPageToken"] = make_page_token(call, offset + size)
        if offset:
            body["prevPageToken"] = make_page_token(call, max(offset - size, 0))
        return answer_json(body)

    def _list_event(self, call: Call) -> list[Found]:
        """List the candidates: those that ended just now linger among the live ones, and some live ones are missed."""
        event = call.params.get("eventType", "live")
        at_s = call.now_s
        if event == "upcoming":
            return []
        if event == "completed":
            return [(ended, 0) for ended in self._world.ended("youtube", at_s - 86_400, at_s) if not ended.vanishes]
        query, window = int.from_bytes(digest_query(call), "big"), at_s // _OVERLOOKED_FOR_S
        live = [
            (live.broadcast, live.viewers)
            for live in self._world.live("youtube", at_s)
            if self._roll("overlooked", live.broadcast, query, window) >= _OVERLOOKED_SHARE
        ]
        lingering = self._world.ended("youtube", at_s - _LINGERING_S, at_s)
        return live + [(ended, 0) for ended in lingering if self._roll("lingers", ended) < 0.5]

    def _matches(self, broadcast: Broadcast, call: Call) -> bool:
        params = call.params
        if params.get("channelId", broadcast.channel.channel_id) != broadcast.channel.channel_id:
            return False
        if "publishedAfter" in params and broadcast.published_s * 1000 < _read_instant(call, "publishedAfter"):
            return False
        if "publishedBefore" in params and broadcast.published_s * 1000 >= _read_instant(call, "publishedBefore"):
            return False
        if "q" not in params and "videoCategoryId" not in params:
            return True
        scene = self._world.scene("youtube", broadcast, call.now_s)
        if params.get("videoCategoryId", scene.category.category_id) != scene.category.category_id:
            return False
        text = f"{scene.title} {broadcast.channel.name} {scene.category.name} {DESCRIPTION}".lower()
        words = params.get("q", "").lower().replace("|", " ").split()
        return not words or any(word in text for word in words)

    def _make_order(self, call: Call) -> Callable[[Found], Any]:
        order = call.params.get("order", "relevance")
        if order == "date":
            return lambda hit: -hit[0].published_s
        if order == "viewCount":
            return lambda hit: -hit[1]
        if order == "title":
            return lambda hit: self._world.scene("youtube", hit[0], call.now_s).title
        query = int.from_bytes(digest_query(call), "big")
        return lambda hit: -(hit[1] + 100) * self._roll("relevance", hit[0], query) ** 3

    def _roll(self, name: str, broadcast: Broadcast, *coordinates: int) -> float:
        return self._world.roll("youtube", name, broadcast.channel.index, broadcast.day, *coordinates)


def _check(call: Call) -> None:
    check_names(call, (*_FILTERS, *_MANNERS))
    read_parts(call, ("snippet",))
    event = call.params.get("eventType")
    if event is not None and call.params.get("type") != "video":
        refuse(400, "invalidSearchFilter", "eventType needs type=video.", domain="youtube.search")
    if event not in ("live", "completed", "upcoming"):
        refuse(400, "invalidSearchFilter", "eventType must be live, completed or upcoming.", domain="youtube.search")
    if call.params.get("order", "relevance") not in _ORDERS:
        refuse(400, "invalidParameter", f"order must be one of {', '.join(_ORDERS)}.")
    if not _REGION.fullmatch(call.params.get("regionCode", "US")):
        refuse(400, "invalidRegionCode", "regionCode must be an ISO 3166-1 alpha-2 code.")


def _read_instant(call: Call, name: str) -> int:
    try:
        return parse_instant(call.params[name])
    except ValueError as error:
        refuse(400, "invalidParameter", f"{name} is {error}.")
