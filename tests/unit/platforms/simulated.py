"""A client's own HTTP driver against the simulated sites, without sockets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import requests
import responses
from starlette.testclient import TestClient
from tests.unit.platforms.sites import BASE, TICK, make_access

from airtide.platforms.access import SiteAccess

ANYWHERE = re.compile(re.escape(BASE))


class SimulatedWeb:
    """A web in which the simulated sites answer below `BASE`, each under its own name."""

    def __init__(self, mock: responses.RequestsMock, client: TestClient) -> None:
        self._client = client
        self.asked: list[requests.PreparedRequest] = []
        for method in ("GET", "POST"):
            mock.add_callback(method, ANYWHERE, callback=self._answer)

    def access(self, site: str, now: Callable[[], datetime] | None = None, **keys: str) -> SiteAccess:
        """Return access to a simulated site, three seconds after the tick unless `now` says otherwise."""
        root = f"{BASE}/{site}"
        simulated_now = now or (lambda: TICK + timedelta(seconds=3))
        return make_access(base_url=root, token_url=root, simulated_now=simulated_now, **keys)

    def order_fault(self, **fault: Any) -> None:
        """Let the next calls of a simulated site fail."""
        assert self._client.post("/faults", json=fault).status_code == 201

    def _answer(self, request: requests.PreparedRequest) -> tuple[int, Mapping[str, str], bytes]:
        self.asked.append(request)
        told = self._client.request(
            request.method or "", request.path_url, headers=dict(request.headers), content=request.body or b""
        )
        return told.status_code, dict(told.headers), told.content
