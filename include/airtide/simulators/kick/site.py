"""The routes of Kick's public API and of its token server."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from airtide.simulators.answers import Answer, Call, Site, answer_json
from airtide.simulators.kick.parameters import (
    MAX_LIMIT,
    MAX_LIMIT_V1,
    make_cursor,
    read_cursor,
    read_limit,
    read_numbers,
    read_values,
    refuse,
    word_error,
)
from airtide.simulators.kick.render import render_livestream, render_livestream_v1, show_viewers
from airtide.simulators.tokens import TOKEN_LIFE_S, TokenOffice
from airtide.simulators.world import Live, World

_Order = Callable[[Live], Any]

_ORDERS_V1: Final[dict[str, _Order]] = {
    "viewer_count": lambda live: -show_viewers(live),
    "started_at": lambda live: -live.broadcast.started_s,
}
_MOST_FILTERS: Final = 25
_MOST_IDS_V1: Final = 50
_MOST_IDS: Final = 100


class KickSimulator:
    """Serves `/public/{v2,v1}/livestreams`, `/public/v1/{livestreams/stats,users/livestreams}` and `/oauth/token`."""

    def __init__(self, world: World, client_id: str, client_secret: str) -> None:
        """Show the world's Kick channels to this client."""
        self._world = world
        self._tokens = TokenOffice(client_id, client_secret)

    def build_site(self) -> Site:
        """Give the routes."""
        return Site(
            name="kick",
            routes={
                ("POST", "/oauth/token"): self.issue_token,
                ("GET", "/public/v2/livestreams"): self.list_livestreams,
                ("GET", "/public/v1/livestreams"): self.list_livestreams_v1,
                ("GET", "/public/v1/livestreams/stats"): self.count_livestreams,
                ("GET", "/public/v1/users/livestreams"): self.list_of_users,
            },
            page_of=lambda call: read_cursor(call).page,
            fail=lambda _call, status: word_error(status),
        )

    def issue_token(self, call: Call) -> Answer:
        """Trade client id and secret, sent as a form, for an app token; whatever is wrong gets the same refusal."""
        known = self._tokens.accepts(call.form.get("client_id", ""), call.form.get("client_secret", ""))
        if call.form.get("grant_type") != "client_credentials" or not known:
            return answer_json({"error": "Invalid request"}, 400)
        # seen as a number and as a text, and no client may depend on either
        life = str(TOKEN_LIFE_S) if call.now_s % 2 else TOKEN_LIFE_S
        token = self._tokens.issue(call.now_s)
        return answer_json({"access_token": token, "token_type": "Bearer", "expires_in": life})

    def list_livestreams(self, call: Call) -> Answer:
        """Answer one page of the live list, oldest start first."""
        self._admit(call)
        limit, place = read_limit(call, 100, MAX_LIMIT), read_cursor(call)
        categories = read_numbers(call, "category_id", _MOST_FILTERS)
        rows = self._select(call, categories, read_values(call, "language_code", _MOST_FILTERS))
        behind = sorted((live for live in rows if _start_of(live) > place[1:]), key=_start_of)
        page = behind[:limit]
        following = make_cursor(page[-1], place.page + 1) if len(behind) > limit else ""
        return answer_json(
            {
                "data": [render_livestream(self._world, live, call.now_s) for live in page],
                "message": "OK",
                "pagination": {"next_cursor": following},
            }
        )

    def list_livestreams_v1(self, call: Call) -> Answer:
        """Answer the head of the live list, which version 1 has no way past."""
        self._admit(call)
        limit = read_limit(call, 25, MAX_LIMIT_V1)
        order = _ORDERS_V1.get(call.params.get("sort", "viewer_count"))
        if order is None:
            refuse(400, f"sort must be one of {', '.join(_ORDERS_V1)}")
        users = set(read_numbers(call, "broadcaster_user_id", _MOST_IDS_V1))
        rows = self._select(call, read_numbers(call, "category_id", 1), read_values(call, "language", 1))
        found = [live for live in rows if not users or live.broadcast.channel.channel_id in users]
        data = [render_livestream_v1(self._world, live, call.now_s) for live in sorted(found, key=order)[:limit]]
        return answer_json({"data": data, "message": "OK"})

    def count_livestreams(self, call: Call) -> Answer:
        """Answer how many broadcasts are live."""
        self._admit(call)
        return answer_json({"data": {"total_count": len(self._world.live("kick", call.now_s))}, "message": "OK"})

    def list_of_users(self, call: Call) -> Answer:
        """Answer what the accounts asked for broadcast; those that are offline are left out."""
        self._admit(call)
        users = set(read_numbers(call, "user_id", _MOST_IDS))
        if not users:
            refuse(400, "user_id is missing")
        rows = self._world.live("kick", call.now_s)
        found = [live for live in rows if live.broadcast.channel.channel_id in users]
        data = [render_livestream(self._world, live, call.now_s) for live in found]
        return answer_json({"data": data, "message": "OK"})

    def _admit(self, call: Call) -> None:
        scheme, _, token = call.headers.get("Authorization", "").partition(" ")
        expires_s = self._tokens.read_expiry(token) if scheme.lower() == "bearer" else None
        if expires_s is None or call.now_s >= expires_s:
            refuse(401, "Unauthorized")

    def _select(self, call: Call, categories: Iterable[str], languages: Iterable[str]) -> list[Live]:
        """List what is live, in these categories and languages where any are given."""
        wanted, spoken = set(categories), set(languages)
        return [
            live
            for live in self._world.live("kick", call.now_s)
            if (not spoken or live.broadcast.channel.language in spoken)
            and (not wanted or self._world.scene("kick", live.broadcast, call.now_s).category.category_id in wanted)
        ]


def _start_of(live: Live) -> tuple[int, str]:
    return live.broadcast.started_s, live.broadcast.broadcast_id
