"""The routes of Helix and of its token server."""

from __future__ import annotations

from collections.abc import Iterable

from airtide.simulators.answers import Answer, Call, Refusal, Site, answer_json
from airtide.simulators.tokens import TOKEN_LIFE_S, TokenOffice
from airtide.simulators.twitch.parameters import (
    make_cursor,
    read_cursor,
    read_first,
    read_values,
    word_error,
    word_fault,
)
from airtide.simulators.twitch.points import PointsMeter
from airtide.simulators.twitch.render import render_game, render_stream, render_user
from airtide.simulators.world import Live, World
from airtide.simulators.world.channels import Channel
from airtide.simulators.world.traits import TWITCH


class TwitchSimulator:
    """Serves `/helix/{streams,games,users}` and `/oauth2/{token,validate}`."""

    def __init__(self, world: World, client_id: str, client_secret: str) -> None:
        """Show the world's Twitch channels to this client."""
        self._world = world
        self._tokens = TokenOffice(client_id, client_secret)
        self._points = PointsMeter()

    def build_site(self) -> Site:
        """Give the routes."""
        return Site(
            name="twitch",
            routes={
                ("POST", "/oauth2/token"): self.issue_token,
                ("GET", "/oauth2/validate"): self.validate_token,
                ("GET", "/helix/streams"): self.list_streams,
                ("GET", "/helix/games"): self.list_games,
                ("GET", "/helix/users"): self.list_users,
            },
            page_of=lambda call: read_cursor(call) // read_first(call) + 1,
            fail=word_fault,
        )

    def issue_token(self, call: Call) -> Answer:
        """Trade client id and secret, sent as a form, for an app token."""
        if call.form.get("grant_type") != "client_credentials":
            return answer_json({"status": 400, "message": "missing or unsupported grant type"}, 400)
        if call.form.get("client_id") != self._tokens.client_id:
            return answer_json({"status": 400, "message": "invalid client"}, 400)
        if not self._tokens.accepts(call.form["client_id"], call.form.get("client_secret", "")):
            return answer_json({"status": 403, "message": "invalid client secret"}, 403)
        token = self._tokens.issue(call.now_s)
        return answer_json({"access_token": token, "expires_in": TOKEN_LIFE_S, "token_type": "bearer"})

    def validate_token(self, call: Call) -> Answer:
        """Say whether a token is good and for how long."""
        token = call.headers.get("Authorization", "").removeprefix("OAuth ")
        left_s = (self._tokens.read_expiry(token) or 0) - call.now_s
        if left_s <= 0:
            return answer_json({"status": 401, "message": "invalid access token"}, 401)
        return answer_json({"client_id": self._tokens.client_id, "scopes": [], "expires_in": left_s})

    def list_streams(self, call: Call) -> Answer:
        """Answer one page of the live streams, most viewers first as of this very call."""
        headers = self._admit(call)
        first, offset = read_first(call), read_cursor(call)
        rows = self._select(call)
        page = rows[offset : offset + first]
        more = {"cursor": make_cursor(offset + first)} if offset + first < len(rows) else {}
        data = [render_stream(self._world, live, call.now_s) for live in page]
        return answer_json({"data": data, "pagination": more}, headers=headers)

    def list_games(self, call: Call) -> Answer:
        """Answer the categories with the ids and names asked for."""
        headers = self._admit(call)
        ids, names = read_values(call, "id"), read_values(call, "name")
        if not ids and not names:
            raise Refusal(word_error(400, "Must provide an ID, Name, or IGDB ID"))
        found = [game for game in TWITCH.categories if game.category_id in ids or game.name in names]
        return answer_json({"data": [render_game(game) for game in found]}, headers=headers)

    def list_users(self, call: Call) -> Answer:
        """Answer the accounts with the ids and logins asked for."""
        headers = self._admit(call)
        ids, logins = read_values(call, "id"), read_values(call, "login")
        if not ids and not logins:
            raise Refusal(word_error(400, "Must provide an ID, Login or OAuth token"))
        channels = self._world.channel_table("twitch").channels
        found = [channel for channel in channels if channel.channel_id in ids or channel.handle in logins]
        return answer_json({"data": [render_user(channel) for channel in found]}, headers=headers)

    def _admit(self, call: Call) -> dict[str, str]:
        """Check token and client id and take a point; give the headers every admitted call gets back."""
        scheme, _, token = call.headers.get("Authorization", "").partition(" ")
        client_id = call.headers.get("Client-Id", "")
        if scheme.lower() != "bearer" or not token:
            raise Refusal(word_error(401, "OAuth token is missing"))
        if not client_id:
            raise Refusal(word_error(401, "Missing Client ID or OAuth token"))
        expires_s = self._tokens.read_expiry(token)
        if expires_s is None:
            raise Refusal(word_error(401, "Invalid OAuth token"))
        if call.now_s >= expires_s:
            raise Refusal(word_error(401, "Token expired"))
        if client_id != self._tokens.client_id:
            raise Refusal(word_error(401, "Client ID and OAuth token do not match"))
        paid, headers = self._points.spend(call.now_s)
        if not paid:
            raise Refusal(word_error(429, "Request limit exceeded", headers))
        return headers

    def _select(self, call: Call) -> list[Live]:
        """List what is live and matches every filter of the call; of the two kinds of user either will do."""
        users, logins = set(read_values(call, "user_id")), set(read_values(call, "user_login"))
        games, languages = set(read_values(call, "game_id")), set(read_values(call, "language"))
        rows: Iterable[Live] = self._world.live("twitch", call.now_s)
        if users or logins:
            rows = (live for live in rows if _channel(live).channel_id in users or _channel(live).handle in logins)
        if languages:
            rows = (live for live in rows if _channel(live).language in languages)
        if games:
            rows = (live for live in rows if self._category_id(live, call.now_s) in games)
        return list(rows)

    def _category_id(self, live: Live, at_s: int) -> str:
        return self._world.scene("twitch", live.broadcast, at_s).category.category_id


def _channel(live: Live) -> Channel:
    return live.broadcast.channel
