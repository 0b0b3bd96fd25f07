"""Kick's client against the simulated site: what it tells of a whole world."""

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
from airtide.platforms.kick import client as kick_client
from airtide.platforms.kick.client import KickSource
from airtide.platforms.quota import Quota
from airtide.simulators.world import Live, World

LIST = "/public/v2/livestreams"
STATS = "/public/v1/livestreams/stats"
OF_USERS = "/public/v1/users/livestreams"
KEYS = {"login": "kick-id", "password": "kick-secret"}


@pytest.fixture(scope="module")
def live() -> tuple[Live, ...]:
    """What is live at the instant of the sweeps."""
    return World(SEED, CHANNELS).live("kick", int(TICK.timestamp()) + 3)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of 40 rows: the world is not large enough for two of a thousand."""
    monkeypatch.setattr(kick_client, "PAGE_SIZE", 40)


def make_source(simulated: SimulatedWeb, now: Callable[[], datetime] | None = None, **limits: Any) -> KickSource:
    return KickSource(simulated.access("kick", now, **KEYS), Limits(**limits), make_clock(), Quota())


def poll(simulated: SimulatedWeb, **limits: Any) -> tuple[Outcome, str | None]:
    sweep = poll_platform(make_source(simulated, **limits), CollectingSink(), make_clock(), tick=TICK)
    return sweep.outcome, sweep.error


def list_ids(pages: list[Page]) -> list[str]:
    return [one.broadcast_id for page in pages for one in page.snapshots]


@pytest.mark.parametrize("changed", ["login", "password"])
def test_a_key_that_the_site_does_not_know_is_refused(simulated: SimulatedWeb, changed: str) -> None:
    access = simulated.access("kick", **{**KEYS, changed: "another"})
    with pytest.raises(CredentialsRejected, match="kick gives no app token: mend the client id and secret"):
        read_all(KickSource(access, Limits(), make_clock(), Quota()))


@pytest.mark.usefixtures("small_pages")
def test_a_sweep_sees_each_live_broadcast_once_and_the_count_agrees(
    simulated: SimulatedWeb, live: tuple[Live, ...]
) -> None:
    tally = Tally()
    pages = read_all(make_source(simulated), tally)
    assert sorted(list_ids(pages)) == sorted(each.broadcast.broadcast_id for each in live)
    assert [page.error for page in pages] == [None] * len(pages)
    assert len(pages) > 2
    assert tally.spend == {"kick.tokens": 1, "kick.requests": len(pages) + 1}
    assert not tally.is_filtered


def test_a_count_is_true_or_zero_and_marked(simulated: SimulatedWeb, live: tuple[Live, ...]) -> None:
    [page] = read_all(make_source(simulated))
    told = {one.broadcast_id: (one.viewers, tuple(one.flags)) for one in page.snapshots}
    for each in live:
        shown = each.viewers if each.known else 0
        assert told[each.broadcast.broadcast_id] == (shown, () if shown else ("maybe_hidden",))
    assert any(not each.known for each in live)


def test_starts_and_channels_are_true(simulated: SimulatedWeb, live: tuple[Live, ...]) -> None:
    [page] = read_all(make_source(simulated))
    told = {one.broadcast_id: (one.started_at, one.channel_id, one.watch_url) for one in page.snapshots}
    for each in live:
        started_at, channel_id, watch_url = told[each.broadcast.broadcast_id]
        assert started_at is not None
        assert started_at.timestamp() == each.broadcast.started_s
        assert channel_id == each.broadcast.channel.channel_id
        assert watch_url == f"https://kick.com/{each.broadcast.channel.handle}"


@pytest.mark.usefixtures("small_pages")
def test_pages_do_not_shuffle_while_the_list_is_read(simulated: SimulatedWeb) -> None:
    instants = (TICK + timedelta(seconds=20 * step) for step in range(100))
    ids = list_ids(read_all(make_source(simulated, lambda: next(instants))))
    assert len(set(ids)) == len(ids)


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("change", [{"data": []}, {"data": None}, {"pagination": None}, {"pagination": {}}], ids=str)
def test_a_list_that_ends_too_soon_is_found_out_by_the_count(simulated: SimulatedWeb, change: dict[str, Any]) -> None:
    simulated.order_fault(site="kick", path=LIST, page=2, change=change)
    outcome, error = poll(simulated)
    assert outcome is Outcome.PARTIAL
    assert "broadcasts where the site counts" in (error or "")


def test_slow_and_skewed_answers_are_told_by_the_sites_clock(simulated: SimulatedWeb) -> None:
    simulated.order_fault(site="kick", path=LIST, delay_s=0.01, headers={"Date": "Fri, 20 Nov 2026 12:04:00 GMT"})
    [page] = read_all(make_source(simulated))
    assert page.site_time == TICK + timedelta(minutes=4)


def test_filters_list_only_what_fits(simulated: SimulatedWeb, live: tuple[Live, ...]) -> None:
    tally = Tally()
    [page] = read_all(make_source(simulated, languages=("es", "pt")), tally)
    assert {one.language for one in page.snapshots} == {"es", "pt"}
    assert 0 < len(page.snapshots) < len(live)
    assert tally.is_filtered


def test_watched_channels_are_seen_beside_a_filtered_list(simulated: SimulatedWeb, live: tuple[Live, ...]) -> None:
    watched = [each.broadcast for each in live if each.broadcast.channel.language == "en"][:3]
    ids = tuple(broadcast.channel.channel_id for broadcast in watched)
    pages = read_all(make_source(simulated, languages=("es",), watch_list=(*ids, "1")))
    assert {one.broadcast_id for one in pages[1].snapshots} == {broadcast.broadcast_id for broadcast in watched}


def test_version_one_sees_the_most_watched_under_ids_that_stay(simulated: SimulatedWeb) -> None:
    tally = Tally()
    moments = (lambda: TICK, lambda: TICK + timedelta(minutes=5))
    later = [set(list_ids(read_all(make_source(simulated, now, api_version="v1"), tally))) for now in moments]
    assert [len(ids) for ids in later] == [100, 100]
    assert len(later[0] & later[1]) > 80
    assert tally.is_filtered


def test_both_versions_tell_the_same_of_a_broadcast(simulated: SimulatedWeb) -> None:
    known = {one.channel_id: one for page in read_all(make_source(simulated)) for one in page.snapshots}
    [page] = read_all(make_source(simulated, api_version="v1"))
    for one in page.snapshots:
        other = known[one.channel_id]
        told = (one.viewers, one.title, one.category_id, one.category_name, one.language, one.started_at, one.flags)
        assert told == (
            *(other.viewers, other.title, other.category_id, other.category_name, other.language),
            *(other.started_at, other.flags),
        )
        assert (one.watch_url, one.is_mature, one.tags) == (other.watch_url, other.is_mature, other.tags)
