"""CHZZK's client against the simulated site: what it tells of a whole world."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.unit.platforms.simulated import SimulatedWeb
from tests.unit.platforms.sites import TICK, Limits, make_clock, read_all, seen_ids
from tests.unit.simulators.callers import CHANNELS, SEED

from airtide.domain.errors import CredentialsRejected
from airtide.domain.pages import Page, Tally
from airtide.platforms.chzzk.client import ChzzkSource
from airtide.platforms.quota import Quota
from airtide.simulators.world import Live, World

LIVES = "/open/v1/lives"
KEYS = {"login": "chzzk-id", "password": "chzzk-secret"}


@pytest.fixture(scope="module")
def live() -> tuple[Live, ...]:
    """What is live at the instant of the sweeps, most viewers first."""
    return World(SEED, CHANNELS).live("chzzk", int(TICK.timestamp()) + 3)


def make_source(simulated: SimulatedWeb, now: Any = None, **limits: Any) -> ChzzkSource:
    access = simulated.access("chzzk", now, **KEYS)
    return ChzzkSource(access, Limits(**{"page_cap": 50, **limits}), make_clock(), Quota())


def list_ids(pages: list[Page]) -> list[str]:
    return [one.broadcast_id for page in pages for one in page.snapshots]


def list_errors(pages: list[Page]) -> list[str]:
    return [page.error for page in pages if page.error is not None]


@pytest.mark.parametrize("changed", ["login", "password"])
def test_a_key_that_the_site_does_not_know_is_refused(simulated: SimulatedWeb, changed: str) -> None:
    access = simulated.access("chzzk", **{**KEYS, changed: "another"})
    with pytest.raises(CredentialsRejected, match="HTTP 401: the key was refused, mend connection airtide_chzzk"):
        read_all(ChzzkSource(access, Limits(), make_clock(), Quota()))


def test_a_sweep_sees_each_live_broadcast_once_with_its_viewers(
    simulated: SimulatedWeb, live: tuple[Live, ...]
) -> None:
    tally = Tally()
    pages = read_all(make_source(simulated), tally)
    told = {one.broadcast_id: one.viewers for page in pages for one in page.snapshots}
    assert told == {each.broadcast.broadcast_id: each.viewers for each in live}
    assert len(list_ids(pages)) == len(live) > 5 * 20
    assert (list_errors(pages), tally.spend) == ([], {"chzzk.requests": len(pages)})


def test_cursors_that_hold_what_an_address_cannot_are_understood(simulated: SimulatedWeb) -> None:
    moments = (TICK + timedelta(seconds=3 + minute * 60) for minute in range(8))
    for moment in moments:
        assert list_errors(read_all(make_source(simulated, lambda at=moment: at))) == []
    sent = " ".join(request.path_url for request in simulated.asked)
    assert {one in sent for one in ("%2B", "%2F", "%3D%3D")} == {True}
    assert "==" not in sent


def test_starts_are_true_in_utc(simulated: SimulatedWeb, live: tuple[Live, ...]) -> None:
    told = {one.broadcast_id: one.started_at for page in read_all(make_source(simulated)) for one in page.snapshots}
    for each in live:
        started_at = told[each.broadcast.broadcast_id]
        assert started_at is not None
        assert started_at.timestamp() == each.broadcast.started_s


def test_the_list_is_left_at_the_floor_and_says_so(simulated: SimulatedWeb, live: tuple[Live, ...]) -> None:
    tally = Tally()
    floor = live[30].viewers + 1
    pages = read_all(make_source(simulated, viewer_floor=floor), tally)
    assert (len(pages), tally.viewer_floor) == (2, floor)


def test_a_cursor_that_has_aged_ends_the_sweep(simulated: SimulatedWeb) -> None:
    def run_late() -> Iterator[datetime]:
        yield from (TICK, TICK + timedelta(seconds=200))
        while True:
            yield TICK + timedelta(seconds=600)

    instants = run_late()
    pages = read_all(make_source(simulated, lambda: next(instants)))
    assert [len(page.snapshots) for page in pages] == [20, 20, 0]
    assert ["gone stale" in error for error in list_errors(pages)] == [True]


def test_rows_move_between_pages_while_the_list_is_read(simulated: SimulatedWeb) -> None:
    instants = (TICK + timedelta(seconds=15 * step) for step in range(100))
    pages = read_all(make_source(simulated, lambda: next(instants)))
    assert list_errors(pages) == []
    assert len(set(list_ids(pages))) < len(list_ids(pages))


def test_the_page_cap_leaves_the_rest(simulated: SimulatedWeb) -> None:
    pages = read_all(make_source(simulated, page_cap=2))
    assert seen_ids(pages)[2] == "the page cap of 2 is reached"
    assert len(list_ids(pages)) == 40
