"""Twitch's client against the simulated site: what it tells of a whole world."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.fakes.polling import CollectingSink
from tests.unit.platforms.simulated import SimulatedWeb
from tests.unit.platforms.sites import TICK, Limits, make_clock, read_all
from tests.unit.simulators.callers import CHANNELS, SEED

from airtide.domain.errors import CredentialsRejected
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
