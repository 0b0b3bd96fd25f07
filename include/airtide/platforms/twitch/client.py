"""Twitch over HTTP: one sweep is the list of live streams by viewers, page by page, down to the viewer floor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from airtide.domain.clock import Clock
from airtide.domain.errors import PartUnreachable
from airtide.domain.models import Platform, Scope
from airtide.domain.pages import Page, Tally
from airtide.platforms.access import SiteAccess, ViewerOrderedLimits, require_key
from airtide.platforms.http import Answer, SiteHttp
from airtide.platforms.paging import fail_page, is_below_floor
from airtide.platforms.quota import Bucket, Quota
from airtide.platforms.records import Observation, parse_records
from airtide.platforms.refusals import KeyRefused, RequestRefused
from airtide.platforms.twitch.parse import StreamsPage, parse_stream
from airtide.platforms.twitch.token import AppToken

PAGE_SIZE = 100

_PAGES = msgspec.json.Decoder(StreamsPage)


class TwitchSource:
    """Everything live on Twitch above the viewer floor.

    Viewer counts move while pages are read, so a stream may stand on two pages or on none.
    """

    platform = Platform.TWITCH
    scope = Scope.LISTING
    id_capacity = 0

    def __init__(self, access: SiteAccess, limits: ViewerOrderedLimits, clock: Clock, quota: Quota) -> None:
        self.cadence_s = limits.cadence_s
        self._limits = limits
        self._clock = clock
        self._quota = quota
        self._url = f"{access.base_url}/helix/streams"
        self._client_id = require_key(self.platform, "client id (login)", access.login)
        self._http = SiteHttp(self.platform, timeout_s=limits.timeout_s, simulated_now=access.simulated_now)
        self._token = AppToken(
            self._http,
            quota,
            require_key(self.platform, "token_url", access.token_url),
            self._client_id,
            require_key(self.platform, "client secret (password)", access.password),
        )

    def read_pages(
        self, *, sweep_id: str, sampled_at: datetime, tally: Tally, asked: Sequence[str] = ()
    ) -> Iterator[Page]:
        """Yield the pages of the list; ends at the last one, the viewer floor, the page cap or a repeated cursor."""
        cursor: str | None = None
        visited: set[str] = set()
        for number in range(1, self._limits.page_cap + 1):
            try:
                answer = self._get_streams(cursor, tally)
            except (PartUnreachable, RequestRefused) as error:
                if cursor is None and isinstance(error, RequestRefused):
                    raise
                # without this page there is no cursor of the next one
                yield fail_page(number, self._clock, str(error))
                return
            page = self._parse(answer, number, sweep_id, sampled_at)
            yield page
            cursor = answer.value.next_cursor
            if cursor is None or not answer.value.data:
                return
            if is_below_floor(page, self._limits.viewer_floor):
                tally.viewer_floor = self._limits.viewer_floor
                return
            if cursor in visited:
                yield fail_page(number + 1, self._clock, "the site repeats a cursor")
                return
            visited.add(cursor)
        yield fail_page(number + 1, self._clock, f"the page cap of {self._limits.page_cap} is reached")

    def _get_streams(self, cursor: str | None, tally: Tally) -> Answer[StreamsPage]:
        try:
            return self._ask(cursor, tally)
        except KeyRefused as refusal:
            if refusal.status != 401:
                raise
        # tokens end after about 60 days, and whenever somebody revokes them: a new one is worth one try
        self._token.discard()
        return self._ask(cursor, tally)

    def _ask(self, cursor: str | None, tally: Tally) -> Answer[StreamsPage]:
        params = {"first": str(PAGE_SIZE), "type": "live"}
        if cursor is not None:
            params["after"] = cursor
        headers = {"Authorization": f"Bearer {self._token.read(tally)}", "Client-Id": self._client_id}
        return self._http.get(
            self._url, _PAGES, book=self._quota.book(tally, Bucket.TWITCH_POINTS), params=params, headers=headers
        )

    def _parse(self, answer: Answer[StreamsPage], number: int, sweep_id: str, sampled_at: datetime) -> Page:
        fetched_at = self._clock.now()
        if number == 1 and not answer.value.data:
            return fail_page(number, self._clock, "the site lists nothing live at all")
        observation = Observation(
            sweep_id=sweep_id, sampled_at=sampled_at, fetched_at=fetched_at, cadence_s=self.cadence_s
        )
        snapshots, rejects = parse_records(self.platform, answer.value.data, lambda raw: parse_stream(raw, observation))
        return Page(
            number=number, fetched_at=fetched_at, site_time=answer.site_time, snapshots=snapshots, rejects=rejects
        )
