"""What every live source promises, held by the fake in memory and by each client against its simulated site."""

from __future__ import annotations

import json
import logging
import traceback
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.fakes.polling import CollectingSink, MemoryCandidates, MemorySource, make_snapshot
from tests.fakes.quota import make_quota
from tests.services import SimulatedSites, free_port

from airtide.domain.clock import SetClock
from airtide.domain.errors import CredentialsRejected, PartUnreachable
from airtide.domain.models import Outcome, Platform, Scope
from airtide.domain.pages import Page, Tally
from airtide.pipeline.asking import Asking
from airtide.pipeline.poll import poll_platform
from airtide.pipeline.ports import LiveSource
from airtide.platforms.access import SiteAccess
from airtide.platforms.quota import Quota
from airtide.platforms.registry import SITES, build_discovery, build_source

TICK = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SWEEP_ID = "site:2026-11-20T12:00:00Z:0badcafe"
GONE = "no-such-one"
PROMISE_S = 900
"""What is promised to those asked for by id."""

LISTS = {
    Platform.YOUTUBE: "/youtube/v3/videos",
    Platform.TWITCH: "/helix/streams",
    Platform.SOOP: "/broad/list",
    Platform.CHZZK: "/open/v1/lives",
    Platform.KICK: "/public/v2/livestreams",
}
"""The calls that give snapshots."""


@dataclass(frozen=True)
class Limits:
    """Limits of a sweep."""

    cadence_s: int = 300
    page_cap: int = 20
    api_version: str = "v2"
    viewer_floor: int = 0
    languages: tuple[str, ...] = ()
    category_ids: tuple[str, ...] = ()
    watch_list: tuple[str, ...] = ()
    timeout_s: float = 2.0
    discover_every_s: int = 900
    search_regions: tuple[str, ...] = ("KR",)
    search_queries: tuple[str, ...] = ("",)
    search_languages: tuple[str, ...] = ()
    search_category_ids: tuple[str, ...] = ()
    search_pages: int = 4
    search_reserve: int = 10
    watch_list: tuple[str, ...] = ()
    feed_url: str = "https://feeds.site.test/feeds/videos.xml"
    reserve_share: float = 0.05


@dataclass(frozen=True)
class Subject:
    """One source, the ids it is asked for, and how to break it."""

    source: LiveSource
    asked: tuple[str, ...]
    break_pages: Callable[[], None]

    def read(self, tally: Tally | None = None) -> list[Page]:
        """Read one sweep at the tick."""
        booked = Tally() if tally is None else tally
        return list(
            self.source.read_pages(
                sweep_id=SWEEP_ID, sampled_at=TICK, tally=booked, asked=dict.fromkeys(self.asked, PROMISE_S)
            )
        )


def access_to(platform: Platform, sites: SimulatedSites, **changes: Any) -> SiteAccess:
    """Return access to a simulated site at the tick."""
    login, password = sites.login_and_password(platform)
    access = SiteAccess(
        base_url=f"{sites.base_url}/{platform}",
        token_url=f"{sites.base_url}/{platform}",
        login=login,
        password=password,
        simulated_now=lambda: TICK + timedelta(seconds=3),
    )
    return replace(access, **changes)


def order_fault(sites: SimulatedSites, **fault: Any) -> None:
    """Let the next calls of a simulated site fail."""
    body = json.dumps(fault).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{sites.base_url}/faults", body, method="POST")) as answer:
        assert answer.status == 201


def memory_subject(scope: Scope) -> Subject:
    """Return the fake."""
    by_id = scope is Scope.BY_ID
    listed: list[Any] = [[make_snapshot("a"), make_snapshot("b")], [make_snapshot("c")]]
    source = MemorySource(listed, scope=scope, site_time=TICK, id_capacity=50 if by_id else 0)

    def break_pages() -> None:
        listed[:] = ["HTTP 500"]

    return Subject(source, ("a", "b", "c", GONE) if by_id else (), break_pages)


def simulated_subject(platform: Platform, sites: SimulatedSites) -> Subject:
    """Return the client of a simulated site."""
    access = access_to(platform, sites)
    source = build_source(platform, access, Limits(), SetClock(TICK), Quota())
    asked: tuple[str, ...] = ()
    if source.scope is Scope.BY_ID:
        finders = build_discovery(access, Limits(), SetClock(TICK), make_quota(SetClock(TICK)))
        pages = (page for finder in finders for page in finder.find_live_ids(at=TICK, tally=Tally(), by_hand=True))
        asked = (*(one for page in pages for one in page), GONE)
    path = LISTS[platform]
    return Subject(source, asked, lambda: order_fault(sites, site=platform, path=path, html=True, times=6))


SUBJECTS = [
    "memory listing",
    "memory by id",
    *(pytest.param(platform, marks=pytest.mark.integration) for platform in SITES),
]


@pytest.fixture(params=SUBJECTS)
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    """Each source in turn; faults that are left over do not reach the next test."""
    if request.param == "memory listing":
        yield memory_subject(Scope.LISTING)
    elif request.param == "memory by id":
        yield memory_subject(Scope.BY_ID)
    else:
        sites: SimulatedSites = request.getfixturevalue("simulators")
        yield simulated_subject(request.param, sites)
        clear = urllib.request.Request(f"{sites.base_url}/faults", method="DELETE")
        urllib.request.urlopen(clear).close()


def test_pages_are_numbered_from_one_and_tell_the_time_of_both_clocks(subject: Subject) -> None:
    pages = subject.read()
    assert [page.number for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        assert page.site_time is not None
        assert page.site_time.tzinfo is UTC
        assert abs(page.site_time - TICK) <= timedelta(seconds=3)
        assert page.fetched_at.tzinfo is UTC


def test_every_snapshot_is_of_this_sweep(subject: Subject) -> None:
    snapshots = [one for page in subject.read() for one in page.snapshots]
    assert len(snapshots) >= 3
    promised_s = PROMISE_S if subject.source.scope is Scope.BY_ID else subject.source.cadence_s
    for one in snapshots:
        assert one.platform is subject.source.platform
        assert (one.sweep_id, one.sampled_at, one.cadence_s) == (SWEEP_ID, TICK, promised_s)


def test_a_site_that_is_well_gives_no_errors_and_no_rejects(subject: Subject) -> None:
    assert [(page.error, list(page.rejects)) for page in subject.read() if page.error or page.rejects] == []


def test_the_same_instant_read_twice_is_the_same(subject: Subject) -> None:
    first, second = (
        sorted((one.broadcast_id, one.viewers or 0) for page in subject.read() for one in page.snapshots)
        for _ in range(2)
    )
    assert first == second


def test_requests_and_their_cost_are_counted_by_bucket(subject: Subject) -> None:
    tally = Tally()
    pages = subject.read(tally)
    assert tally.requests >= len(pages)
    assert sum(tally.spend.values()) == tally.requests
    assert all(bucket.startswith(f"{subject.source.platform}.") for bucket in tally.spend)


def test_only_a_sweep_by_id_knows_of_absences(subject: Subject) -> None:
    tally = Tally()
    seen = {one.broadcast_id for page in subject.read(tally) for one in page.snapshots}
    if subject.source.scope is Scope.BY_ID:
        assert tally.absent == [GONE]
        assert seen < set(subject.asked)
        assert subject.source.id_capacity >= len(subject.asked)
    else:
        assert tally.absent == []
        assert subject.source.id_capacity == 0


def test_a_page_that_fails_is_given_with_its_error_and_without_records(subject: Subject) -> None:
    subject.break_pages()
    page = subject.read()[0]
    assert page.error
    assert (page.number, page.site_time, list(page.snapshots), list(page.rejects)) == (1, None, [], [])


def test_a_sweep_of_it_can_be_polled(subject: Subject) -> None:
    candidates = MemoryCandidates()
    candidates.add_ids(subject.source.platform, subject.asked, found_at=TICK)
    sink = CollectingSink()
    sweep = poll_platform(subject.source, sink, SetClock(TICK), tick=TICK, asking=Asking(candidates))
    assert sweep.outcome is Outcome.COMPLETE
    assert sweep.snapshots == len(sink.published) >= 3


@pytest.mark.parametrize("platform", SITES)
def test_a_wrong_key_names_the_connection_and_shows_no_key(
    platform: Platform, simulators: SimulatedSites, caplog: pytest.LogCaptureFixture
) -> None:
    access = access_to(platform, simulators, password="canary-key", login="canary-login")
    source = build_source(platform, access, Limits(), SetClock(TICK), Quota())
    with caplog.at_level(logging.DEBUG), pytest.raises(CredentialsRejected, match=f"airtide_{platform}") as caught:
        list(source.read_pages(sweep_id=SWEEP_ID, sampled_at=TICK, tally=Tally(), asked={"a": 300}))
    told = caplog.text + "".join(traceback.format_exception(caught.value))
    assert "canary-key" not in told


@pytest.mark.integration
@pytest.mark.parametrize("platform", SITES)
def test_a_site_that_is_down_is_said_so_in_bounded_time_without_its_key(
    platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = SimulatedSites(base_url=f"http://127.0.0.1:{free_port()}")
    access = access_to(platform, nowhere, password="canary-key")
    source = build_source(platform, access, replace(Limits(), timeout_s=0.2), SetClock(TICK), Quota())
    sink = CollectingSink()
    candidates = MemoryCandidates()
    candidates.add_ids(platform, ["a"], found_at=TICK)
    with caplog.at_level(logging.DEBUG), pytest.raises(PartUnreachable, match="not one page") as caught:
        poll_platform(source, sink, SetClock(TICK), tick=TICK, asking=Asking(candidates))
    assert [one.outcome for one in sink.sweeps] == [Outcome.FAILED]
    assert "got no answer" in str(caught.value)
    assert "Retrying" in caplog.text
    assert "canary-key" not in caplog.text + "".join(traceback.format_exception(caught.value))
