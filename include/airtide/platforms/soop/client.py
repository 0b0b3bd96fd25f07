"""SOOP over HTTP: one sweep is the list of live broadcasts by viewers, page number by page number."""

from __future__ import annotations

import logging
from collections.abc import Collection, Generator, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from airtide.domain.clock import Clock
from airtide.domain.errors import ContractChanged, PartUnreachable, RateLimited
from airtide.domain.models import Platform, Scope
from airtide.domain.pages import Page, Tally
from airtide.domain.quota import Bucket
from airtide.platforms.access import CategoryLimits, SiteAccess, name_connection, require_key
from airtide.platforms.http import Answer, SiteHttp
from airtide.platforms.paging import MAX_FAILED_IN_ROW, fail_page, is_below_floor, name_page, parse_page
from airtide.platforms.quota import Quota
from airtide.platforms.records import Observation
from airtide.platforms.refusals import KeyRefused
from airtide.platforms.soop.counting import ListCount
from airtide.platforms.soop.parse import BROAD_FIELDS, BROADS, BroadPage, CategoryTree, name_categories

log = logging.getLogger(__name__)

_PAGES = msgspec.json.Decoder(BroadPage)
_CATEGORIES = msgspec.json.Decoder(CategoryTree)


class SoopSource:
    """Everything live on SOOP above the viewer floor, or in the categories asked for.

    Pages have numbers, so a failed one does not hide those after it. The key is a client id in the query, by the
    site's own design: no address of this client may be shown with its query.
    """

    platform = Platform.SOOP
    scope = Scope.LISTING
    id_capacity = 0

    def __init__(self, access: SiteAccess, limits: CategoryLimits, clock: Clock, quota: Quota) -> None:
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
        self, *, sweep_id: str, sampled_at: datetime, tally: Tally, asked: Collection[str] = ()
    ) -> Iterator[Page]:
        """Yield the pages of the list, or of one list a category, numbered through.

        A list ends at its last page or the viewer floor, all of them at the page cap or too many failures in a row.
        """
        sweep = _Sweep(sweep_id, sampled_at, tally, self._read_category_names(tally))
        tally.is_filtered = bool(self._limits.category_ids)
        for category_id in self._limits.category_ids or (None,):
            goes_on = yield from self._read_list(category_id, sweep)
            if not goes_on:
                return

    def _read_list(self, category_id: str | None, sweep: _Sweep) -> Generator[Page, None, bool]:
        """Yield the pages of one list; return whether the next one is worth asking for."""
        count = ListCount()
        while count.page_no < count.last_page_no:
            if sweep.number == self._limits.page_cap:
                yield fail_page(sweep.number + 1, self._clock, f"the page cap of {sweep.number} is reached")
                return False
            count.page_no += 1
            sweep.number += 1
            try:
                with name_page(sweep.number):
                    answer = self._get_broads(category_id, count.page_no, sweep.tally)
            except PartUnreachable as error:
                yield fail_page(sweep.number, self._clock, str(error))
                count.is_broken = True
                sweep.failed_in_row += 1
                if sweep.failed_in_row == MAX_FAILED_IN_ROW:
                    return False
                continue
            sweep.failed_in_row = 0
            page = self._parse(answer, category_id, count, sweep)
            yield page
            if is_below_floor(page, self._limits.viewer_floor):
                sweep.tally.viewer_floor = self._limits.viewer_floor
                return True
        doubt = count.find_doubt()
        if doubt is not None:
            yield fail_page(sweep.number, self._clock, doubt)
        return True

    def _get_broads(self, category_id: str | None, page_no: int, tally: Tally) -> Answer[BroadPage]:
        params = {"client_id": self._client_id, "order_type": "view_cnt", "page_no": str(page_no)}
        if category_id is not None:
            params |= {"select_key": "cate", "select_value": category_id}
        url = f"{self._base_url}/broad/list"
        answer = self._http.get(url, _PAGES, book=self._quota.book(tally, Bucket.SOOP_REQUESTS), params=params)
        if answer.value.broad is not None:
            return answer
        if answer.value.result is not None and answer.value.result <= 0:
            raise _name_own_error(url, answer.value)
        raise ContractChanged(f"soop: GET {url} answers in another shape: `broad` is missing")

    def _parse(self, answer: Answer[BroadPage], category_id: str | None, count: ListCount, sweep: _Sweep) -> Page:
        raws = answer.value.broad or []
        count.take(answer.value)
        # of one category there may be nothing, of the whole site there is always something
        if not raws and not (category_id is not None and answer.value.total_cnt == 0):
            count.is_broken = True
            counted = answer.value.total_cnt
            reason = f"the page is empty where the site counts {counted} broadcasts"
            return fail_page(sweep.number, self._clock, reason)
        BROAD_FIELDS.count_new(raws, sweep.tally)
        observation = Observation(
            platform=self.platform,
            sweep_id=sweep.sweep_id,
            sampled_at=sweep.sampled_at,
            fetched_at=self._clock.now(),
            cadence_s=self.cadence_s,
            category_names=sweep.names,
        )
        page = parse_page(raws, BROADS, observation, number=sweep.number, site_time=answer.site_time)
        count.add(page.snapshots, page.rejects)
        return page

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
            except (PartUnreachable, RateLimited, ContractChanged) as error:
                log.warning("soop categories stay without names in this sweep: %s", error)
                return {}
            self._category_names = name_categories(answer.value)
        return self._category_names


@dataclass(slots=True)
class _Sweep:
    """One sweep while it is read, over all its lists."""

    sweep_id: str
    sampled_at: datetime
    tally: Tally
    names: Mapping[str, str]
    number: int = 0
    """Of the last page asked for."""
    failed_in_row: int = 0


def _name_own_error(url: str, answer: BroadPage) -> PartUnreachable | KeyRefused:
    """Return what an error means that the site sends with status 200, in a form that is nowhere documented."""
    said = f"soop: GET {url} answered with its own error, result {answer.result}"
    if "client_id" in (answer.msg or ""):
        return KeyRefused(f"{said}: the key was refused, mend connection {name_connection(Platform.SOOP)}", status=200)
    return PartUnreachable(said)
