"""SOOP over HTTP: one sweep is the list of live broadcasts by viewers, page number by page number."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from airtide.domain.clock import Clock
from airtide.domain.errors import ContractChanged, PartUnreachable
from airtide.domain.models import Platform, Scope
from airtide.domain.pages import Page, Tally
from airtide.platforms.access import SiteAccess, ViewerOrderedLimits, name_connection, require_key
from airtide.platforms.http import Answer, SiteHttp
from airtide.platforms.paging import MAX_FAILED_IN_ROW, fail_page, is_below_floor
from airtide.platforms.quota import Bucket, Quota
from airtide.platforms.records import Observation, parse_records
from airtide.platforms.refusals import KeyRefused
from airtide.platforms.soop.parse import BroadPage, CategoryTree, name_categories, parse_broad

log = logging.getLogger(__name__)

PAGE_SIZE = 60

_PAGES = msgspec.json.Decoder(BroadPage)
_CATEGORIES = msgspec.json.Decoder(CategoryTree)


class SoopSource:
    """Everything live on SOOP above the viewer floor.

    Pages have numbers, so a failed one does not hide those after it. The key is a client id in the query, by the
    site's own design: no address of this client may be shown with its query.
    """

    platform = Platform.SOOP
    scope = Scope.LISTING
    id_capacity = 0

    def __init__(self, access: SiteAccess, limits: ViewerOrderedLimits, clock: Clock, quota: Quota) -> None:
        self.cadence_s = limits.cadence_s
        self._limits = limits
        self._clock = clock
        self._quota = quota
        self._base_url = access.base_url
        self._client_id = require_key(self.platform, "client id (password)", access.password)
        self._http = SiteHttp(
            self.platform,
            timeout_s=limits.timeout_s,
            headers={"Accept": "*/*"},
            simulated_now=access.simulated_now,
        )
        self._category_names: Mapping[str, str] | None = None

    def read_pages(
        self, *, sweep_id: str, sampled_at: datetime, tally: Tally, asked: Sequence[str] = ()
    ) -> Iterator[Page]:
        """Yield the pages of the list; ends at the last one, the viewer floor, the page cap or too many failures."""
        names = self._read_category_names(tally)
        last_number: int | None = None
        failed_in_row = 0
        for number in range(1, self._limits.page_cap + 1):
            try:
                answer = self._get_broads(number, tally)
            except PartUnreachable as error:
                yield fail_page(number, self._clock, str(error))
                failed_in_row += 1
                if failed_in_row == MAX_FAILED_IN_ROW or number == last_number:
                    return
                continue
            failed_in_row = 0
            # rooms come and go between two pages: every answer counts anew
            last_number = _count_pages(answer.value)
            page = self._parse(answer, number, last_number, names, sweep_id, sampled_at)
            yield page
            if number >= last_number:
                return
            if is_below_floor(page, self._limits.viewer_floor):
                tally.viewer_floor = self._limits.viewer_floor
                return
        yield fail_page(number + 1, self._clock, f"the page cap of {self._limits.page_cap} is reached")

    def _get_broads(self, number: int, tally: Tally) -> Answer[BroadPage]:
        params = {"client_id": self._client_id, "order_type": "view_cnt", "page_no": str(number)}
        url = f"{self._base_url}/broad/list"
        answer = self._http.get(url, _PAGES, book=self._quota.book(tally, Bucket.SOOP_REQUESTS), params=params)
        if answer.value.broad is not None:
            return answer
        if answer.value.result is not None and answer.value.result <= 0:
            raise _name_own_error(url, answer.value)
        raise ContractChanged(f"soop: GET {url} answers in another shape: `broad` is missing")

    def _parse(
        self,
        answer: Answer[BroadPage],
        number: int,
        last_number: int,
        names: Mapping[str, str],
        sweep_id: str,
        sampled_at: datetime,
    ) -> Page:
        raws = answer.value.broad or []
        if not raws and number <= last_number:
            counted = answer.value.total_cnt
            return fail_page(number, self._clock, f"the page is empty where the site counts {counted} broadcasts")
        fetched_at = self._clock.now()
        observation = Observation(
            sweep_id=sweep_id, sampled_at=sampled_at, fetched_at=fetched_at, cadence_s=self.cadence_s
        )
        snapshots, rejects = parse_records(self.platform, raws, lambda raw: parse_broad(raw, observation, names))
        return Page(
            number=number, fetched_at=fetched_at, site_time=answer.site_time, snapshots=snapshots, rejects=rejects
        )

    def _read_category_names(self, tally: Tally) -> Mapping[str, str]:
        """Return the names, asked for once; without them a sweep still counts, so a failure only warns."""
        if self._category_names is None:
            params = {"client_id": self._client_id, "locale": "ko_KR"}
            try:
                answer = self._http.get(
                    f"{self._base_url}/broad/category/list",
                    _CATEGORIES,
                    book=self._quota.book(tally, Bucket.SOOP_REQUESTS),
                    params=params,
                )
            except (PartUnreachable, ContractChanged) as error:
                log.warning("soop categories stay without names in this sweep: %s", error)
                return {}
            self._category_names = name_categories(answer.value)
        return self._category_names


def _count_pages(page: BroadPage) -> int:
    """Return the number of the last page, at least 1."""
    return max(1, math.ceil(page.total_cnt / (page.page_block or PAGE_SIZE)))


def _name_own_error(url: str, answer: BroadPage) -> PartUnreachable | KeyRefused:
    """Return what an error means that the site sends with status 200, in a form that is nowhere documented."""
    said = f"soop: GET {url} answered with its own error, result {answer.result}"
    if "client_id" in (answer.msg or ""):
        return KeyRefused(f"{said}: the key was refused, mend connection {name_connection(Platform.SOOP)}", status=200)
    return PartUnreachable(said)
