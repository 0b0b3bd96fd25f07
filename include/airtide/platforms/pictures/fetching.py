"""Pictures from hosts that are treated as hostile: bounded in time and bytes, and every refusal with its reason."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from http.client import HTTPException
from typing import Final

from urllib3 import Timeout
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from airtide.domain.clock import Clock
from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform
from airtide.domain.pictures import FetchedPicture, LastPicture, PictureRefusal, PictureRefused
from airtide.platforms.access import name_connection
from airtide.platforms.bounds import Cuts
from airtide.platforms.pictures.answers import ask_for_changes, read_picture, read_redirect, read_validator
from airtide.platforms.pictures.hosts import PictureAddress, judge_address
from airtide.platforms.pictures.network import Network
from airtide.platforms.pictures.routes import PictureAccess, PictureLimits, RealRoute, Route, SimulatedRoute
from airtide.platforms.retries import strip_driver_logs
from airtide.platforms.session import USER_AGENT

MAX_REDIRECTS: Final = 2
HEADERS: Final[Mapping[str, str]] = {
    "User-Agent": USER_AGENT,
    "Accept": "image/webp,image/jpeg,image/png",
    "Accept-Encoding": "identity",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """One picture that is asked for, until `ends_at` (monotonic seconds)."""

    platform: Platform
    route: Route
    headers: Mapping[str, str]
    at: datetime
    ends_at: float

    def send(self, address: PictureAddress) -> BaseHTTPResponse:
        """Return the beginning of an answer; raises `PictureRefused` where there is none."""
        pool, target, more = self.route.lay(address, self.at)
        left_s = max(self.ends_at - time.monotonic(), 0.001)
        try:
            return pool.urlopen(
                "GET",
                target,
                headers={**self.headers, **more},
                retries=False,
                redirect=False,
                timeout=Timeout(connect=left_s, read=left_s),
                preload_content=False,
                decode_content=False,
            )
        except (HTTPError, HTTPException, OSError) as error:
            # each wait of the driver ends when the call does
            is_slow = time.monotonic() >= self.ends_at
            kind = type(error).__name__
        # raised here and not above: the driver's error, which holds the whole address, must not travel along
        if is_slow:
            raise PictureRefused(PictureRefusal.TOO_SLOW, f"{address.name} did not answer in time ({kind})")
        raise PictureRefused(PictureRefusal.UNREACHABLE, f"{address.name} gave no answer ({kind})")


class PictureHosts:
    """The picture hosts of the sites. Safe for several threads at once; connections are kept for the next picture.

    No proxy, cookie or credential is taken from anywhere.
    """

    def __init__(
        self, access: PictureAccess, limits: PictureLimits, clock: Clock, *, network: Network | None = None
    ) -> None:
        strip_driver_logs()
        self._access = access
        self._limits = limits
        self._clock = clock
        self._cuts = Cuts()
        self._routes: dict[Platform, Route] = {}
        for platform, simulators in access.simulated.items():
            self._routes[platform] = SimulatedRoute(simulators, self._cuts, limits)
        if access.real:
            internet = Network() if network is None else network
            for platform in access.real:
                self._routes[platform] = RealRoute(platform, internet, self._cuts, limits)

    def close(self) -> None:
        """Close all connections."""
        for route in self._routes.values():
            route.close()

    def fetch(self, platform: Platform, picture_url: str, last: LastPicture | None, *, at: datetime) -> FetchedPicture:
        """Return what the host sends for an address; asks only for what has changed since `last`.

        Raises `PictureRefused` for all that a host can do, and `MisconfiguredError` for a site without a connection.
        """
        route = self._routes.get(platform)
        if route is None:
            raise MisconfiguredError(f"pictures of {platform} need its connection {name_connection(platform)}")
        address = judge_address(platform, picture_url)
        changes = ask_for_changes(last, picture_url)
        ends_at = time.monotonic() + self._limits.timeout_s
        call = _Call(platform=platform, route=route, headers={**HEADERS, **changes}, at=at, ends_at=ends_at)
        with self._cuts.cut_at(ends_at):
            return self._follow(call, address, is_conditional=bool(changes))

    def _follow(self, call: _Call, address: PictureAddress, *, is_conditional: bool) -> FetchedPicture:
        asked = address
        for _ in range(MAX_REDIRECTS + 1):
            response = call.send(asked)
            try:
                target = read_redirect(call.platform, asked, response)
                if target is None:
                    return self._read(call, asked, response, is_conditional=is_conditional)
                # what the last picture was known by is known by the address that it came from, and by no other
                asked, call, is_conditional = target, replace(call, headers=HEADERS), False
            finally:
                # what was not read to its end is of no further use; what was has given its connection back
                response.close()
        raise PictureRefused(PictureRefusal.REDIRECT, f"{address.name} sends elsewhere more than {MAX_REDIRECTS} times")

    def _read(
        self, call: _Call, asked: PictureAddress, response: BaseHTTPResponse, *, is_conditional: bool
    ) -> FetchedPicture:
        body = read_picture(
            asked,
            response,
            is_conditional=is_conditional,
            max_bytes=self._limits.max_bytes,
            ends_at=call.ends_at,
        )
        return FetchedPicture(
            body=body,
            fetched_at=call.at if call.platform in self._access.simulated else self._clock.now(),
            etag=read_validator(response, "ETag"),
            last_modified=read_validator(response, "Last-Modified"),
        )
