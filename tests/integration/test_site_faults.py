"""Faults that only a real socket shows: each site's client ends in bounded time, and says what happened."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from tests.fakes.polling import CollectingSink, MemoryCandidates
from tests.unit.platforms.sites import TICK, Limits, make_clock
from tests.unit.simulators.callers import CREDENTIALS

from airtide.domain.errors import AirtideError, PartUnreachable
from airtide.domain.models import Outcome, Platform, Sweep
from airtide.pipeline.asking import Asking
from airtide.pipeline.poll import poll_platform
from airtide.platforms import bodies
from airtide.platforms.access import SiteAccess
from airtide.platforms.quota import Quota
from airtide.platforms.registry import build_source
from airtide.simulators.app import SimulatorConfig
from airtide.simulators.serving import serve_in_thread
from airtide.simulators.world import World

pytestmark = pytest.mark.integration

SEED = 7
CHANNELS = 60
TIMEOUT_S = 0.4
NOW_S = int(TICK.timestamp()) + 3


@dataclass(frozen=True)
class Site:
    """What a listing is called, and the keys."""

    path: str
    login: str
    password: str


SITES = {
    Platform.YOUTUBE: Site("/youtube/v3/videos", "", "youtube-key"),
    Platform.TWITCH: Site("/helix/streams", "twitch-id", "twitch-secret"),
    Platform.SOOP: Site("/broad/list", "", "soop-id"),
    Platform.CHZZK: Site("/open/v1/lives", "chzzk-id", "chzzk-secret"),
    Platform.KICK: Site("/public/v2/livestreams", "kick-id", "kick-secret"),
}


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    config = SimulatorConfig(credentials=CREDENTIALS, seed=SEED, channels=CHANNELS)
    with serve_in_thread(config) as address:
        yield address


@pytest.fixture(params=SITES, ids=str)
def platform(request: pytest.FixtureRequest, base_url: str) -> Iterator[Platform]:
    """Each site in turn, with no faults waiting."""
    yield request.param
    urllib.request.urlopen(urllib.request.Request(f"{base_url}/faults", method="DELETE")).close()


def order_fault(base_url: str, platform: Platform, **fault: Any) -> None:
    body = json.dumps({"site": platform, "path": SITES[platform].path, **fault}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{base_url}/faults", body, method="POST")).close()


def take_sweep(base_url: str, platform: Platform) -> tuple[Sweep, AirtideError | None, float]:
    """Poll a site; return the record, what it raised, and the seconds it took."""
    site = SITES[platform]
    root = f"{base_url}/{platform}"
    access = SiteAccess(
        base_url=root,
        token_url=root,
        login=site.login,
        password=site.password,
        simulated_now=lambda: TICK + timedelta(seconds=3),
    )
    candidates = MemoryCandidates()
    live = World(SEED, CHANNELS).live("youtube", NOW_S)
    candidates.add_ids(platform, [one.broadcast.broadcast_id for one in live[:9]], found_at=TICK)
    sink = CollectingSink()
    source = build_source(platform, access, Limits(timeout_s=TIMEOUT_S), make_clock(), Quota())
    began = time.monotonic()
    raised = None
    try:
        poll_platform(source, sink, make_clock(), tick=TICK, asking=Asking(candidates))
    except AirtideError as error:
        raised = error
    return sink.sweeps[0], raised, time.monotonic() - began


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ({"delay_s": 1.5, "times": 12}, r"got no answer \(\w*ReadTimeout\w*\)"),
        ({"drip_s": 0.05, "times": 12}, "answered too slowly: "),
        ({"endless": True, "times": 12}, "answered with more than 4 MiB"),
        ({"reset": True, "times": 12}, r"broke off after \d+ bytes"),
    ],
    ids=["slow", "drip", "endless", "reset"],
)
def test_a_site_that_sends_badly_costs_a_page_in_bounded_time(
    base_url: str, platform: Platform, fault: dict[str, Any], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "MAX_BODY_BYTES", 4 << 20)
    order_fault(base_url, platform, **fault)
    sweep, raised, took_s = take_sweep(base_url, platform)
    assert sweep.outcome is Outcome.FAILED
    assert isinstance(raised, PartUnreachable)
    with pytest.raises(PartUnreachable, match=rf"{platform}: not one page could be read: page 1: .*{says}"):
        raise raised
    # SOOP tries three pages, each within four time-outs
    assert took_s < 3 * 5 * TIMEOUT_S + 10


def test_a_connection_that_is_reset_once_costs_nothing(base_url: str, platform: Platform) -> None:
    order_fault(base_url, platform, reset=True)
    sweep, raised, _ = take_sweep(base_url, platform)
    assert (sweep.outcome, raised) == (Outcome.COMPLETE, None)
    assert sweep.snapshots > 0
