"""Twitch's client against the simulated site, and each fault that can be asked of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.fakes.polling import CollectingSink
from tests.unit.platforms.simulated import SimulatedWeb
from tests.unit.platforms.sites import TICK, Limits, make_clock, read_all
from tests.unit.simulators.callers import CHANNELS, SEED

from airtide.domain.errors import CredentialsRejected, RateLimited
from airtide.domain.models import Outcome
from airtide.domain.pages import Page, Tally
from airtide.pipeline.poll import poll_platform
from airtide.platforms.quota import Quota
from airtide.platforms.twitch import client as twitch_client
from airtide.platforms.twitch.client import TwitchSource
from airtide.simulators.world import Live, World

STREAMS = "/helix/streams"
KEYS = {"login": "twitch-id", "password": "twitch-secret"}
PAGE_ROWS = 30


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of 30 rows, so that the small world fills several."""
    monkeypatch.setattr(twitch_client, "PAGE_SIZE", PAGE_ROWS)


@pytest.fixture(scope="module")
def live() -> tuple[Live, ...]:
    """What is live at the instant of the sweeps, most viewers first."""
    return World(SEED, CHANNELS).live("twitch", int(TICK.timestamp()) + 3)


def make_source(simulated: SimulatedWeb, now: Callable[[], datetime] | None = None, **limits: Any) -> TwitchSource:
    return TwitchSource(simulated.access("twitch", now, **KEYS), Limits(**limits), make_clock(), Quota())


def list_ids(pages: list[Page]) -> list[str]:
    return [one.broadcast_id for page in pages for one in page.snapshots]


def list_errors(pages: list[Page]) -> list[str]:
    return [page.error for page in pages if page.error is not None]


@pytest.mark.parametrize("changed", ["login", "password"])
def test_a_key_that_the_site_does_not_know_is_refused(simulated: SimulatedWeb, changed: str) -> None:
    access = simulated.access("twitch", **{**KEYS, changed: "another"})
    with pytest.raises(CredentialsRejected, match="twitch gives no app token: mend the client id and secret"):
        read_all(TwitchSource(access, Limits(), make_clock(), Quota()))


def test_a_sweep_sees_each_live_broadcast_once_with_its_viewers(
    simulated: SimulatedWeb, live: tuple[Live, ...]
) -> None:
    tally = Tally()
    pages = read_all(make_source(simulated), tally)
    told = {one.broadcast_id: one.viewers for page in pages for one in page.snapshots}
    assert told == {each.broadcast.broadcast_id: each.viewers for each in live}
    assert len(list_ids(pages)) == len(live) > 3 * PAGE_ROWS
    assert tally.spend == {"twitch.tokens": 1, "twitch.points": len(pages)}


def test_streams_that_move_between_pages_leave_the_sweep_complete(simulated: SimulatedWeb) -> None:
    instants = (TICK + timedelta(seconds=min(15 * step, 280)) for step in range(100))
    source = make_source(simulated, lambda: next(instants))
    sweep = poll_platform(source, CollectingSink(), make_clock(), tick=TICK)
    listed = sum(len(World(SEED, CHANNELS).live("twitch", int(TICK.timestamp()) + at_s)) for at_s in (0, 280)) / 2
    assert sweep.outcome is Outcome.COMPLETE
    assert sweep.duplicates > 0
    assert sweep.snapshots < listed + sweep.duplicates


def test_a_cursor_that_leads_back_ends_the_sweep(simulated: SimulatedWeb) -> None:
    read_all(make_source(simulated))
    cursors = [parse_qs(urlsplit(request.url or "").query).get("after", [""])[0] for request in simulated.asked]
    to_second = next(cursor for cursor in cursors if cursor)
    simulated.order_fault(site="twitch", path=STREAMS, page=2, change={"pagination": {"cursor": to_second}})
    pages = read_all(make_source(simulated))
    assert [len(page.snapshots) for page in pages] == [PAGE_ROWS, PAGE_ROWS, 0]
    assert list_errors(pages) == ["the site repeats a cursor"]


@pytest.mark.parametrize(
    "fault",
    [
        {"change": {"pagination": {}}},
        {"change": {"pagination": None}},
        {"change": {"pagination": {"cursor": ""}}},
        {"change": {"pagination": {"cursor": None}}},
        {"remove": ["pagination"]},
    ],
    ids=str,
)
def test_a_page_without_a_cursor_is_the_last(simulated: SimulatedWeb, fault: dict[str, Any]) -> None:
    simulated.order_fault(site="twitch", path=STREAMS, page=2, **fault)
    pages = read_all(make_source(simulated))
    assert ([len(page.snapshots) for page in pages], list_errors(pages)) == ([PAGE_ROWS, PAGE_ROWS], [])


def test_an_empty_page_with_a_cursor_is_the_last(simulated: SimulatedWeb) -> None:
    simulated.order_fault(site="twitch", path=STREAMS, page=2, change={"data": []})
    pages = read_all(make_source(simulated))
    assert ([len(page.snapshots) for page in pages], list_errors(pages)) == ([PAGE_ROWS, 0], [])


def test_a_token_that_ends_in_the_middle_is_renewed_once(simulated: SimulatedWeb, live: tuple[Live, ...]) -> None:
    simulated.order_fault(site="twitch", path=STREAMS, page=2, status=401)
    tally = Tally()
    assert len(list_ids(read_all(make_source(simulated), tally))) == len(live)
    assert tally.spend["twitch.tokens"] == 2


def test_a_rate_limit_is_waited_out_by_the_sites_own_clock(simulated: SimulatedWeb) -> None:
    simulated.order_fault(site="twitch", path=STREAMS, page=2, status=429)
    with pytest.raises(RateLimited) as caught:
        read_all(make_source(simulated))
    assert caught.value.retry_after_s == 1.0


@pytest.mark.parametrize(
    "fault", [{"status": 500}, {"status": 503}, {"html": True}, {"truncate": True}], ids=lambda fault: "".join(fault)
)
def test_a_page_that_fails_once_is_asked_for_again(
    simulated: SimulatedWeb, live: tuple[Live, ...], fault: dict[str, Any]
) -> None:
    simulated.order_fault(site="twitch", path=STREAMS, page=2, **fault)
    assert len(list_ids(read_all(make_source(simulated)))) == len(live)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"status": 500, "times": 4}, "HTTP 500"),
        ({"html": True, "times": 2}, "not JSON"),
        ({"truncate": True, "times": 2}, "cut short"),
        ({"status": 400}, "HTTP 400"),
    ],
    ids=["error", "web page", "half", "stale cursor"],
)
def test_a_page_that_fails_for_good_ends_the_sweep(simulated: SimulatedWeb, fault: dict[str, Any], told: str) -> None:
    simulated.order_fault(site="twitch", path=STREAMS, page=2, **fault)
    pages = read_all(make_source(simulated))
    assert [len(page.snapshots) for page in pages] == [PAGE_ROWS, 0]
    assert [told in error for error in list_errors(pages)] == [True]


def test_the_list_is_left_at_the_floor_and_watched_channels_are_seen_below(
    simulated: SimulatedWeb, live: tuple[Live, ...]
) -> None:
    floor = live[PAGE_ROWS + 5].viewers
    below = live[-3:]
    watched = tuple(each.broadcast.channel.channel_id for each in (live[0], *below))
    tally = Tally()
    pages = read_all(make_source(simulated, viewer_floor=floor, watch_list=(*watched, "1")), tally)
    assert (len(pages), tally.viewer_floor, tally.absent) == (3, floor, [])
    assert {one.broadcast_id for one in pages[2].snapshots} == {each.broadcast.broadcast_id for each in below}


def test_filters_list_only_what_fits(simulated: SimulatedWeb, live: tuple[Live, ...]) -> None:
    tally = Tally()
    pages = read_all(make_source(simulated, languages=("ko", "en"), category_ids=("509658", "21779")), tally)
    found = [one for page in pages for one in page.snapshots]
    assert {one.language for one in found} == {"ko", "en"}
    assert {one.category_id for one in found} == {"509658", "21779"}
    assert tally.is_filtered
