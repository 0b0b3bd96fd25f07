"""The routes of the open API."""

from __future__ import annotations

import hmac
from typing import Final

from airtide.simulators.answers import Answer, Call, Site
from airtide.simulators.chzzk.envelope import refuse, word_fault, wrap
from airtide.simulators.chzzk.parameters import PAGE_ROWS, make_cursor, read_cursor, read_ids, read_size
from airtide.simulators.chzzk.render import render_category, render_channel, render_live
from airtide.simulators.world import World
from airtide.simulators.world.traits import CHZZK

_MAX_CATEGORIES: Final = 50


class ChzzkSimulator:
    """Serves `/open/v1/{lives,channels,categories/search}`."""

    def __init__(self, world: World, client_id: str, client_secret: str) -> None:
        """Show the world's CHZZK channels to this client."""
        self._world = world
        self._client_id = client_id
        self._client_secret = client_secret

    def build_site(self) -> Site:
        """Give the routes."""
        return Site(
            name="chzzk",
            routes={
                ("GET", "/open/v1/lives"): self.list_lives,
                ("GET", "/open/v1/channels"): self.list_channels,
                ("GET", "/open/v1/categories/search"): self.search_categories,
            },
            page_of=lambda call: read_cursor(call) // read_size(call, PAGE_ROWS) + 1,
            fail=word_fault,
            rows=("content", "data"),
        )

    def list_lives(self, call: Call) -> Answer:
        """Answer one page of the live list, most viewers first as of this very call."""
        self._authorise(call)
        size, offset = read_size(call, PAGE_ROWS), read_cursor(call)
        rows = self._world.live("chzzk", call.now_s)
        page = rows[offset : offset + size]
        following = make_cursor(offset + size, call.now_s) if offset + size < len(rows) else None
        data = [render_live(self._world, live, call.now_s) for live in page]
        return wrap({"data": data, "page": {"next": following}})

    def list_channels(self, call: Call) -> Answer:
        """Answer the channels with the ids asked for; unknown ones are left out."""
        self._authorise(call)
        found = [self._world.channel("chzzk", channel_id) for channel_id in read_ids(call, "channelIds")]
        return wrap({"data": [render_channel(channel) for channel in found if channel is not None]})

    def search_categories(self, call: Call) -> Answer:
        """Answer the categories whose name or id holds a text."""
        self._authorise(call)
        text, size = call.params.get("query", "").strip().lower(), read_size(call, _MAX_CATEGORIES)
        if not text:
            refuse(400, "query must not be empty")
        found = [one for one in CHZZK.categories if text in one.name.lower() or text in one.category_id.lower()]
        return wrap({"data": [render_category(category) for category in found[:size]]})

    def _authorise(self, call: Call) -> None:
        """Check the headers of client authentication."""
        client_id, secret = (call.headers.get(name, "") for name in ("Client-Id", "Client-Secret"))
        if client_id != self._client_id or not hmac.compare_digest(secret.encode(), self._client_secret.encode()):
            refuse(401)
