"""The driver's session, without what it does on its own: follow redirections, read ~/.netrc, unpack without bounds."""

from __future__ import annotations

from collections.abc import Mapping

import requests
from requests.adapters import HTTPAdapter

from airtide.platforms.bodies import ENCODINGS

USER_AGENT = "airtide/0.1"


class SiteSession(requests.Session):
    """Sends to one site what it is told to, with `adapter` for every address."""

    def __init__(self, adapter: HTTPAdapter, headers: Mapping[str, str]) -> None:
        super().__init__()
        self.mount("https://", adapter)
        self.mount("http://", adapter)
        self.headers.update(
            {"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": ENCODINGS, **headers}
        )
        self.auth = _keep_headers

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Find none: even to leave a redirection alone, requests reads its address and its body without a bound."""
        return None


def _keep_headers(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Stand in for authentication: without one, requests puts an entry of ~/.netrc over our own headers."""
    return request
