"""Calls to the simulated sites as a client with the right credentials makes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from httpx import Response
from starlette.testclient import TestClient

from airtide.simulators.credentials import (
    ChzzkCredentials,
    Credentials,
    KickCredentials,
    SoopCredentials,
    TwitchCredentials,
    YouTubeCredentials,
)

CREDENTIALS = Credentials(
    youtube=YouTubeCredentials(api_key="youtube-key"),
    twitch=TwitchCredentials(client_id="twitch-id", client_secret="twitch-secret"),
    soop=SoopCredentials(client_id="soop-id"),
    chzzk=ChzzkCredentials(client_id="chzzk-id", client_secret="chzzk-secret"),
    kick=KickCredentials(client_id="kick-id", client_secret="kick-secret"),
)
SEED = 7
CHANNELS = 900
NOON = "2026-11-20T12:00:00Z"
NOON_S = 1_795_176_000

Parameters = Mapping[str, str | int | list[str]]


@dataclass
class Caller:
    """A client of all sites at one instant of the world."""

    client: TestClient
    at: str = NOON
    token: str = field(init=False)
    kick_token: str = field(init=False)

    def __post_init__(self) -> None:
        self.token = self._get_token("/twitch/oauth2/token", "twitch")
        self.kick_token = self._get_token("/kick/oauth/token", "kick")

    def get(self, path: str, headers: Mapping[str, str] | None = None, **params: Any) -> Response:
        return self.client.get(path, params=params, headers={"Simulated-Now": self.at, **(headers or {})})

    def post(self, path: str, **content: Any) -> Response:
        return self.client.post(path, headers={"Simulated-Now": self.at}, **content)

    def youtube(self, method: str, **params: Any) -> Response:
        return self.get(f"/youtube/youtube/v3/{method}", {"X-Goog-Api-Key": "youtube-key"}, **params)

    def search(self, **params: Any) -> Response:
        return self.youtube("search", **({"part": "snippet", "type": "video", "eventType": "live"} | params))

    def videos(self, *ids: str) -> list[dict[str, Any]]:
        answer = self.youtube("videos", part="snippet,liveStreamingDetails", id=",".join(ids))
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def twitch(self, path: str, **params: Any) -> Response:
        return self.get(f"/twitch{path}", {"Authorization": f"Bearer {self.token}", "Client-Id": "twitch-id"}, **params)

    def kick(self, path: str = "/public/v2/livestreams", **params: Any) -> Response:
        return self.get(f"/kick{path}", {"Authorization": f"Bearer {self.kick_token}"}, **params)

    def soop(self, path: str = "/broad/list", **params: Any) -> Response:
        return self.get(f"/soop{path}", client_id="soop-id", **params)

    def chzzk(self, path: str = "/open/v1/lives", **params: Any) -> Response:
        return self.get(f"/chzzk{path}", {"Client-Id": "chzzk-id", "Client-Secret": "chzzk-secret"}, **params)

    def sweep_twitch(self, **params: Any) -> Iterator[list[dict[str, Any]]]:
        """Give the pages of the live list."""
        while True:
            content = self.twitch("/helix/streams", first=100, **params).json()
            yield content["data"]
            if not content["pagination"]:
                return
            params["after"] = content["pagination"]["cursor"]

    def sweep_kick(self, **params: Any) -> Iterator[list[dict[str, Any]]]:
        """Give the pages of the live list."""
        while True:
            content = self.kick(**params).json()
            yield content["data"]
            if not content["pagination"]["next_cursor"]:
                return
            params["cursor"] = content["pagination"]["next_cursor"]

    def sweep_soop(self) -> Iterator[dict[str, Any]]:
        """Give the pages of the live list."""
        page_no, left = 1, 1
        while left > 0:
            content = self.soop(page_no=page_no).json()
            yield content
            left = content["total_cnt"] - page_no * content["page_block"]
            page_no += 1

    def sweep_chzzk(self, **params: Any) -> Iterator[list[dict[str, Any]]]:
        """Give the pages of the live list."""
        while True:
            content = self.chzzk(**params).json()["content"]
            yield content["data"]
            if content["page"]["next"] is None:
                return
            params["next"] = content["page"]["next"]

    def _get_token(self, path: str, site: str) -> str:
        form = {"client_id": f"{site}-id", "client_secret": f"{site}-secret", "grant_type": "client_credentials"}
        token: str = self.post(path, data=form).json()["access_token"]
        return token
