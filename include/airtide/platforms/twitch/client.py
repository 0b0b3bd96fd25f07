"""Twitch over HTTP: one sweep is the list of live streams by viewers, page by page, down to the viewer floor."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from airtide.domain.clock import Clock
from airtide.domain.models import Platform, Scope
from airtide.domain.pages import Page, Tally
from airtide.domain.quota import Bucket
from airtide.platforms.access import ListLimits, SiteAccess, ViewerOrderedLimits, require_key
from airtide.platforms.http import Answer, SiteHttp
from airtide.platforms.paging import ask_in_batches, fail_page, follow_cursors, is_below_floor, parse_page
from airtide.platforms.quota import Quota
from airtide.platforms.records import Observation
from airtide.platforms.tokens import AppToken
from airtide.platforms.twitch.parse import STREAM_FIELDS, STREAMS, StreamsPage

PAGE_SIZE = 100
"""Most rows of a page, and most ids of a call."""

_PAGES = msgspec.json.Decoder(StreamsPage)


class TwitchLimits(ViewerOrderedLimits, ListLimits, Protocol):
    """How far a sweep goes, and what it asks for."""


class TwitchSource:
    """Everything live on Twitch above the viewer floor, and of the watched channels what is live under it.

    Viewer counts move while pages are read, so a stream may stand on two pages or on none.
    """

    platform = Platform.TWITCH
    scope = Scope.LISTING
    id_capacity = 0

    def __init__(self, access: SiteAccess, limits: TwitchLimits, clock: Clock, quota: Quota) -> None:
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
            clock,
            access,
            platform=self.platform,
            path="/oauth2/token",
            bucket=Bucket.TWITCH_TOKENS,
        )

    def read_pages(
        self, *, sweep_id: str, sampled_at: datetime, tally: Tally, asked: Collection[str] = ()
    ) -> Iterator[Page]:
        """Yield the pages of the list, then the watched channels that it did not show.

        The list ends at its last page, the viewer floor, the page cap or a repeated cursor.
        """
        tally.is_filtered = bool(self._limits.languages or self._limits.category_ids)
        number = 0
        seen: set[str] = set()
        for page in follow_cursors(
            lambda cursor, number: self._read_list(cursor, number, sweep_id, sampled_at, tally),
            page_cap=self._limits.page_cap,
            clock=self._clock,
        ):
            number = page.number
            seen.update(snapshot.channel_id for snapshot in page.snapshots)
            yield page
        yield from ask_in_batches(
            lambda ids, number: self._read_watched(ids, number, sweep_id, sampled_at, tally),
            [channel_id for channel_id in self._limits.watch_list if channel_id not in seen],
            size=PAGE_SIZE,
            number=number + 1,
            clock=self._clock,
        )

    def _read_list(
        self, cursor: str | None, number: int, sweep_id: str, sampled_at: datetime, tally: Tally
    ) -> tuple[Page, str | None]:
        filters = {"language": self._limits.languages, "game_id": self._limits.category_ids}
        answer = self._ask(tally, **filters, **({} if cursor is None else {"after": cursor}))
        if number == 1 and not answer.value.data and not tally.is_filtered:
            return fail_page(number, self._clock, "the site lists nothing live at all"), None
        page = self._parse(answer, number, sweep_id, sampled_at)
        following = answer.value.next_cursor
        if following is None or not answer.value.data:
            return page, None
        if is_below_floor(page, self._limits.viewer_floor):
            tally.viewer_floor = self._limits.viewer_floor
            return page, None
        return page, following

    def _read_watched(self, ids: Sequence[str], number: int, sweep_id: str, sampled_at: datetime, tally: Tally) -> Page:
        return self._parse(self._ask(tally, user_id=ids), number, sweep_id, sampled_at)

    def _ask(self, tally: Tally, **query: str | Sequence[str]) -> Answer[StreamsPage]:
        def ask(token: str) -> Answer[StreamsPage]:
            return self._http.get(
                self._url,
                _PAGES,
                book=self._quota.book(tally, Bucket.TWITCH_POINTS),
                params={"first": str(PAGE_SIZE), "type": "live", **query},
                headers={"Authorization": f"Bearer {token}", "Client-Id": self._client_id},
            )

        answer = self._token.call(tally, ask)
        STREAM_FIELDS.count_new(answer.value.data, tally)
        return answer

    def _parse(self, answer: Answer[StreamsPage], number: int, sweep_id: str, sampled_at: datetime) -> Page:
        observation = Observation(
            platform=self.platform,
            sweep_id=sweep_id,
            sampled_at=sampled_at,
            fetched_at=self._clock.now(),
            cadence_s=self.cadence_s,
        )
        return parse_page(answer.value.data, STREAMS, observation, number=number, site_time=answer.site_time)
