"""Kick over HTTP: one sweep is the list of everything live by start, oldest first, and a count to check it against."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from itertools import product
from typing import Any, Literal, Protocol, TypeVar

import msgspec

from airtide.domain.clock import Clock
from airtide.domain.errors import AirtideError, PartUnreachable
from airtide.domain.models import Platform, Scope
from airtide.domain.pages import Page, Tally
from airtide.domain.quota import Bucket
from airtide.platforms.access import ListLimits, SiteAccess
from airtide.platforms.http import Answer, Params, SiteHttp
from airtide.platforms.kick.parse import (
    LIVESTREAM_FIELDS,
    LIVESTREAM_FIELDS_V1,
    LIVESTREAMS,
    LIVESTREAMS_RENAMED,
    LIVESTREAMS_V1,
    LivestreamsPage,
    StatsAnswer,
)
from airtide.platforms.paging import ask_in_batches, fail_page, follow_cursors, name_page, parse_page
from airtide.platforms.parsing import RecordParser
from airtide.platforms.quota import Quota
from airtide.platforms.records import Observation
from airtide.platforms.refusals import RequestRefused
from airtide.platforms.tokens import AppToken

log = logging.getLogger(__name__)

PAGE_SIZE = 1000
HEAD_SIZE = 100
"""All that version 1 ever lists."""
IDS_PER_CALL = 100

LEAST_LISTED_SHARE = 0.9
"""Of what the site counts, a whole list holds at least this: some tens start and end while it is read, and the count
may be minutes old, but a tenth of a site does not end within one sweep."""

_LISTS = msgspec.json.Decoder(LivestreamsPage)
_STATS = msgspec.json.Decoder(StatsAnswer)

T = TypeVar("T")


class KickLimits(ListLimits, Protocol):
    """How far a sweep goes, and what it asks for."""

    @property
    def api_version(self) -> Literal["v2", "v1"]:
        """Which version of the list is read."""
        ...


class KickSource:
    """Everything live on Kick, and the watched channels that its list did not show.

    The list comes by start, so that viewers coming and going do not shuffle its pages, and there is no viewer floor.
    Version 1 lists no more than the most watched, which says nothing of those that are missing.
    """

    platform = Platform.KICK
    scope = Scope.LISTING
    id_capacity = 0

    def __init__(self, access: SiteAccess, limits: KickLimits, clock: Clock, quota: Quota) -> None:
        self.cadence_s = limits.cadence_s
        self._limits = limits
        self._clock = clock
        self._quota = quota
        self._base_url = f"{access.base_url}/public"
        self._http = SiteHttp(self.platform, timeout_s=limits.timeout_s, simulated_now=access.simulated_now)
        self._token = AppToken(
            self._http, quota, clock, access, platform=self.platform, path="/oauth/token", bucket=Bucket.KICK_TOKENS
        )

    def read_pages(
        self, *, sweep_id: str, sampled_at: datetime, tally: Tally, asked: Collection[str] = ()
    ) -> Iterator[Page]:
        """Yield the pages of the list, an error where it holds too little, and the watched channels not shown by it.

        The list ends at its last page, the page cap or a repeated cursor.
        """
        is_v1 = self._limits.api_version == "v1"
        tally.is_filtered = is_v1 or bool(self._limits.languages or self._limits.category_ids)

        def ask(
            path: str, number: int, parser: RecordParser[Any], **query: str | Sequence[str]
        ) -> tuple[Page, str | None]:
            answer = self._get(path, _LISTS, tally, query)
            fields = LIVESTREAM_FIELDS_V1 if parser is LIVESTREAMS_V1 else LIVESTREAM_FIELDS
            fields.count_new(answer.value.records, tally)
            if number == 1 and not answer.value.records and not tally.is_filtered:
                return fail_page(number, self._clock, "the site lists nothing live at all"), None
            return self._parse(answer, number, parser, sweep_id, sampled_at), answer.value.next_cursor

        number, is_whole = 0, True
        broadcasts: set[str] = set()
        rejects = 0
        channels: set[str] = set()
        for page in self._read_heads(ask) if is_v1 else self._read_list(ask):
            number, is_whole = page.number, is_whole and page.error is None
            broadcasts.update(snapshot.broadcast_id for snapshot in page.snapshots)
            channels.update(snapshot.channel_id for snapshot in page.snapshots)
            rejects += len(page.rejects)
            yield page
        missing = self._count_missing(len(broadcasts) + rejects, tally) if is_whole and not tally.is_filtered else None
        if missing is not None:
            number += 1
            yield fail_page(number, self._clock, missing)
        yield from ask_in_batches(
            lambda ids, number: ask(
                "v1/users/livestreams", number, LIVESTREAMS_RENAMED if is_v1 else LIVESTREAMS, user_id=ids
            )[0],
            [channel_id for channel_id in self._limits.watch_list if channel_id not in channels],
            size=IDS_PER_CALL,
            number=number + 1,
            clock=self._clock,
        )

    def _read_list(self, ask: Callable[..., tuple[Page, str | None]]) -> Iterator[Page]:
        filters = {"category_id": self._limits.category_ids, "language_code": self._limits.languages}

        def get_page(cursor: str | None, number: int) -> tuple[Page, str | None]:
            place = {} if cursor is None else {"cursor": cursor}
            return ask("v2/livestreams", number, LIVESTREAMS, limit=str(PAGE_SIZE), **filters, **place)

        return follow_cursors(get_page, page_cap=self._limits.page_cap, clock=self._clock)

    def _read_heads(self, ask: Callable[..., tuple[Page, str | None]]) -> Iterator[Page]:
        """Yield the most watched of each language and category that is set: version 1 takes one of each a call."""
        heads = list(product(self._limits.category_ids or ((),), self._limits.languages or ((),)))
        for number, (category_id, language) in enumerate(heads[: self._limits.page_cap], 1):
            filters = {"category_id": category_id, "language": language}
            try:
                with name_page(number):
                    page, _ = ask(
                        "v1/livestreams",
                        number,
                        LIVESTREAMS_V1,
                        limit=str(HEAD_SIZE),
                        sort="viewer_count",
                        **filters,
                    )
            except (PartUnreachable, RequestRefused) as error:
                if number == 1 and isinstance(error, RequestRefused):
                    raise
                yield fail_page(number, self._clock, str(error))
                return
            yield page
        if len(heads) > self._limits.page_cap:
            reached = f"the page cap of {self._limits.page_cap} is reached"
            yield fail_page(self._limits.page_cap + 1, self._clock, reached)

    def _count_missing(self, listed: int, tally: Tally) -> str | None:
        """Say how much of what the site counts was not listed; None for little, and where the count cannot be had."""
        try:
            counted = self._get("v1/livestreams/stats", _STATS, tally, {}).value.data.total_count
        except AirtideError as error:
            # the list is read: nothing is worse for not having counted it
            log.warning("kick: the list of this sweep stays unchecked: %s", error)
            return None
        if listed >= LEAST_LISTED_SHARE * counted:
            return None
        return f"the list holds {listed} broadcasts where the site counts {counted}"

    def _get(self, path: str, decoder: msgspec.json.Decoder[T], tally: Tally, query: Params) -> Answer[T]:
        return self._token.call(
            tally,
            lambda token: self._http.get(
                f"{self._base_url}/{path}",
                decoder,
                book=self._quota.book(tally, Bucket.KICK_REQUESTS),
                params=query,
                headers={"Authorization": f"Bearer {token}"},
            ),
        )

    def _parse(
        self,
        answer: Answer[LivestreamsPage],
        number: int,
        parser: RecordParser[Any],
        sweep_id: str,
        sampled_at: datetime,
    ) -> Page:
        observation = Observation(
            platform=self.platform,
            sweep_id=sweep_id,
            sampled_at=sampled_at,
            fetched_at=self._clock.now(),
            cadence_s=self.cadence_s,
        )
        return parse_page(answer.value.records, parser, observation, number=number, site_time=answer.site_time)
