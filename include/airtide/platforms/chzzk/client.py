"""CHZZK over HTTP: one sweep is the list of live broadcasts by viewers, cursor by cursor, down to the viewer floor."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

import msgspec

from airtide.domain.clock import Clock
from airtide.domain.errors import ContractChanged
from airtide.domain.models import Platform, Scope
from airtide.domain.pages import Page, Tally
from airtide.domain.quota import Bucket
from airtide.platforms.access import SiteAccess, ViewerOrderedLimits, require_key
from airtide.platforms.chzzk.parse import LIVE_FIELDS, LIVES, NO_CONTENT, Envelope, LiveList
from airtide.platforms.chzzk.refusals import name_own_error, read_chzzk_refusal, read_status
from airtide.platforms.decoding import decode_answer
from airtide.platforms.http import Answer, SiteHttp
from airtide.platforms.paging import fail_page, follow_cursors, is_below_floor, parse_page
from airtide.platforms.quota import Quota
from airtide.platforms.records import Observation

PAGE_SIZE = 20

_ENVELOPES = msgspec.json.Decoder(Envelope)
_LISTS = msgspec.json.Decoder(LiveList)


class ChzzkSource:
    """Everything live on CHZZK above the viewer floor.

    Viewer counts move while pages are read, so a broadcast may stand on two pages or on none. A cursor leads from page
    to page and may go stale; there is no other way on, and no way to ask for single broadcasts.
    """

    platform = Platform.CHZZK
    scope = Scope.LISTING
    id_capacity = 0

    def __init__(self, access: SiteAccess, limits: ViewerOrderedLimits, clock: Clock, quota: Quota) -> None:
        self.cadence_s = limits.cadence_s
        self._limits = limits
        self._clock = clock
        self._quota = quota
        self._url = f"{access.base_url}/open/v1/lives"
        self._http = SiteHttp(
            self.platform,
            timeout_s=limits.timeout_s,
            headers={
                "Client-Id": require_key(self.platform, "client id (login)", access.login),
                "Client-Secret": require_key(self.platform, "client secret (password)", access.password),
                "Content-Type": "application/json",
            },
            simulated_now=access.simulated_now,
            read_refusal=read_chzzk_refusal,
        )

    def read_pages(
        self, *, sweep_id: str, sampled_at: datetime, tally: Tally, asked: Collection[str] = ()
    ) -> Iterator[Page]:
        """Yield the pages of the list; ends at the last one, the viewer floor, the page cap or a bad cursor."""
        return follow_cursors(
            lambda cursor, number: self._read_list(cursor, number, sweep_id, sampled_at, tally),
            page_cap=self._limits.page_cap,
            clock=self._clock,
        )

    def _read_list(
        self, cursor: str | None, number: int, sweep_id: str, sampled_at: datetime, tally: Tally
    ) -> tuple[Page, str | None]:
        answer = self._get_lives(cursor, tally)
        if number == 1 and not answer.value.data:
            return fail_page(number, self._clock, "the site lists nothing live at all"), None
        LIVE_FIELDS.count_new(answer.value.data, tally)
        page = self._parse(answer, number, sweep_id, sampled_at)
        following = answer.value.next_cursor
        if following is None or not answer.value.data:
            return page, None
        if is_below_floor(page, self._limits.viewer_floor):
            tally.viewer_floor = self._limits.viewer_floor
            return page, None
        return page, following

    def _get_lives(self, cursor: str | None, tally: Tally) -> Answer[LiveList]:
        params = {"size": str(PAGE_SIZE)}
        if cursor is not None:
            params["next"] = cursor
        book = self._quota.book(tally, Bucket.CHZZK_REQUESTS)
        answer = self._http.get(self._url, _ENVELOPES, book=book, params=params)
        asked, told = f"{self.platform}: GET {self._url}", answer.value
        if read_status(told.code) != 200:
            raise name_own_error(asked, told.code, told.message)
        content = bytes(told.content)
        if content == NO_CONTENT:
            raise ContractChanged(f"{asked} answers in another shape: `content` is missing")
        return Answer(value=decode_answer(asked, content, _LISTS), site_time=answer.site_time)

    def _parse(self, answer: Answer[LiveList], number: int, sweep_id: str, sampled_at: datetime) -> Page:
        observation = Observation(
            platform=self.platform,
            sweep_id=sweep_id,
            sampled_at=sampled_at,
            fetched_at=self._clock.now(),
            cadence_s=self.cadence_s,
        )
        return parse_page(answer.value.data, LIVES, observation, number=number, site_time=answer.site_time)
