"""Each fault that can be asked of simulated YouTube, through the real client: what sweep and discovery say of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.fakes.polling import MemoryCandidates
from tests.fakes.quota import make_quota
from tests.unit.platforms.faults import Case, check_case, read_log, take_sweep
from tests.unit.platforms.simulated import SimulatedWeb
from tests.unit.platforms.sites import BASE, TICK, Limits, make_clock, read_all
from tests.unit.simulators.callers import CHANNELS, SEED

from airtide.domain.errors import (
    AirtideError,
    ContractChanged,
    CredentialsRejected,
    PartUnreachable,
    QuotaSpent,
    RateLimited,
    TickRefused,
)
from airtide.domain.models import Outcome, Platform
from airtide.domain.pages import Tally
from airtide.pipeline.discover import discover
from airtide.pipeline.ports import LiveSource
from airtide.platforms.quota import Quota
from airtide.platforms.registry import build_discovery, build_source
from airtide.simulators.world import World

KEY = "youtube-key"
VIDEOS = {"path": "/youtube/v3/videos"}
SEARCH = {"path": "/youtube/v3/search"}
FEEDS = {"path": "/feeds/videos.xml"}
CATEGORIES = {"path": "/youtube/v3/videoCategories"}
WHOLE, PART, FAILED = Outcome.COMPLETE, Outcome.PARTIAL, Outcome.FAILED

CASES = [
    Case(
        "units spent",
        VIDEOS | {"status": 403},
        FAILED,
        r"the day's quota of youtube.units is spent until 2026-11-21T08:00:00Z \(page 1\)$",
        QuotaSpent,
    ),
    Case("too fast", VIDEOS | {"status": 429}, FAILED, r"too many requests \(page 1\)$", RateLimited),
    Case("an error once", VIDEOS | {"status": 500}, WHOLE),
    Case(
        "errors for good",
        VIDEOS | {"status": 503, "times": 4},
        PART,
        "page 1: youtube: GET .* HTTP 503 again and again$",
    ),
    Case("slow but in time", VIDEOS | {"delay_s": 0.01}, WHOLE),
    Case("half an answer once", VIDEOS | {"truncate": True}, WHOLE),
    Case("half an answer", VIDEOS | {"truncate": True, "times": 2}, PART, "page 1: .*not JSON or are cut short"),
    Case("a web page", VIDEOS | {"html": True, "times": 2}, PART, "page 1: .*not JSON"),
    Case("key refused", VIDEOS | {"status": 401}, FAILED, "airtide_youtube .page 1.$", CredentialsRejected),
    Case(
        "key refused by its reason",
        VIDEOS | {"status": 400, "body": {"error": {"errors": [{"reason": "keyInvalid"}]}}},
        FAILED,
        r"HTTP 400: the key was refused, mend connection airtide_youtube .page 1.$",
        CredentialsRejected,
    ),
    Case(
        "API not enabled",
        VIDEOS | {"status": 403, "body": {"error": {"errors": [{"reason": "accessNotConfigured"}]}}},
        FAILED,
        r"HTTP 403: the key was refused, mend connection airtide_youtube .page 1.$",
        CredentialsRejected,
    ),
    Case("request refused", VIDEOS | {"status": 400}, FAILED, "HTTP 400.* .page 1.$", ContractChanged),
    Case(
        "another kind of list",
        VIDEOS | {"change": {"kind": "youtube#x"}},
        FAILED,
        r"`\$.kind` .page 1",
        ContractChanged,
    ),
    Case("items of another type", VIDEOS | {"change": {"items": 7}}, FAILED, r"`\$.items` .page 1.$", ContractChanged),
    Case("nothing returned", VIDEOS | {"empty": True}, WHOLE),
    Case("categories fail", CATEGORIES | {"html": True, "times": 2}, WHOLE),
    Case("categories too fast", CATEGORIES | {"status": 429}, WHOLE),
    Case("a clock a little fast", VIDEOS | {"skew_s": 200}, WHOLE),
    Case("a clock far ahead", VIDEOS | {"skew_s": 400}, None, "403 s away from the site's own clock", TickRefused),
]


@pytest.fixture(scope="module")
def known_ids() -> list[str]:
    """Enough live broadcasts for two calls."""
    live = World(SEED, CHANNELS).live("youtube", int(TICK.timestamp()) + 3)
    return [one.broadcast.broadcast_id for one in live[:80]]


def make_source(simulated: SimulatedWeb, quota: Quota | None = None, key: str = KEY) -> LiveSource:
    access = simulated.access("youtube", password=key, login="")
    return build_source(Platform.YOUTUBE, access, Limits(), make_clock(), quota or make_quota(make_clock()))


def remember(ids: list[str]) -> MemoryCandidates:
    candidates = MemoryCandidates()
    candidates.add_ids(Platform.YOUTUBE, ids, found_at=TICK)
    return candidates


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_sweep_says_what_a_fault_did_to_it(
    simulated: SimulatedWeb, caplog: pytest.LogCaptureFixture, known_ids: list[str], case: Case
) -> None:
    with caplog.at_level(0):
        sweep = check_case(case, simulated, make_source(simulated), [KEY], remember(known_ids))
    assert KEY not in read_log(caplog)
    if case.outcome is PART:
        assert sweep is not None
        assert (sweep.snapshots, list(sweep.absent)) == (len(known_ids) - 50, [])


def test_an_answer_with_broadcasts_that_were_not_asked_for_says_nothing_of_those_that_were(
    simulated: SimulatedWeb, known_ids: list[str]
) -> None:
    source = make_source(simulated)
    candidates = remember(known_ids[:50])
    assert take_sweep(source, remember(known_ids[50:])).raised is None
    simulated.order_fault(site="youtube", **VIDEOS, repeat=True)
    told = take_sweep(source, candidates)
    assert told.sweep is not None
    assert told.sweep.error is not None
    assert "page 1: youtube: GET" in told.sweep.error
    assert "not asked for" in told.sweep.error
    assert list(told.sweep.absent) == []


def test_an_empty_answer_makes_absent_only_what_that_call_asked_for(
    simulated: SimulatedWeb, known_ids: list[str]
) -> None:
    simulated.order_fault(site="youtube", **VIDEOS, empty=True)
    sweep = take_sweep(make_source(simulated), remember(known_ids)).sweep
    assert sweep is not None
    assert (len(sweep.absent), sweep.snapshots) == (50, len(known_ids) - 50)


def test_texts_for_numbers_hidden_counts_and_titles_come_out_as_they_are(
    simulated: SimulatedWeb, known_ids: list[str]
) -> None:
    world, at_s = World(SEED, CHANNELS), int(TICK.timestamp()) + 3
    live = {one.broadcast.broadcast_id: one for one in world.live("youtube", at_s)}
    asked = (*known_ids, "no-such-one", *(one for one in live if one not in known_ids))
    tally = Tally()
    told = [one for page in read_all(make_source(simulated), tally, asked) for one in page.snapshots]
    assert {one.broadcast_id for one in told} == set(live)
    assert tally.absent == ["no-such-one"]
    for one in told:
        known = live[one.broadcast_id]
        # a count of 0 is left out by the site like a hidden one
        assert one.viewers == (known.viewers or None if known.known else None)
        assert one.title == world.scene("youtube", known.broadcast, at_s).title
        assert one.started_at == datetime.fromtimestamp(known.broadcast.started_s, UTC)
    assert {one.viewers is None for one in told} == {True, False}
    assert any("&" in (one.title or "") or "'" in (one.title or "") for one in told)
    assert not any("&amp;" in (one.title or "") or "&#39;" in (one.title or "") for one in told)


def test_the_sweep_after_a_fault_is_whole_again(simulated: SimulatedWeb, known_ids: list[str]) -> None:
    # limits that nobody keeps: a bucket that the site calls spent would stay closed until its reset
    source = make_source(simulated, Quota())
    simulated.order_fault(site="youtube", **VIDEOS, status=403)
    assert take_sweep(source, remember(known_ids)).raised is not None
    after = take_sweep(source, remember(known_ids)).sweep
    assert after is not None
    assert (after.outcome, after.unknown_fields, after.snapshots) == (WHOLE, {}, len(known_ids))


def test_a_wrong_key_is_told_from_any_other_bad_request(simulated: SimulatedWeb, known_ids: list[str]) -> None:
    told = take_sweep(make_source(simulated, key="another-key"), remember(known_ids))
    assert isinstance(told.raised, CredentialsRejected)
    assert "HTTP 400: the key was refused, mend connection airtide_youtube" in str(told.raised)
    assert "another-key" not in str(told.raised)


@dataclass
class Round:
    """What one round of discovery found, and what it said of what failed."""

    found: set[str]
    raised: AirtideError | None
    log: str


@pytest.fixture
def look(simulated: SimulatedWeb, caplog: pytest.LogCaptureFixture) -> Callable[..., Round]:
    """Return what takes a round with one watched channel, after ordering a fault."""
    feed_url = f"{BASE}/youtube{FEEDS['path']}"
    world = World(SEED, CHANNELS)
    watched = world.live("youtube", int(TICK.timestamp()) + 3)[0].broadcast.channel.channel_id
    limits = Limits(watch_list=(watched,))

    def look_once(*, key: str = KEY, **fault: Any) -> Round:
        if fault:
            simulated.order_fault(site="youtube", **fault)
        access = simulated.access("youtube", password=key, login="", feed_url=feed_url)
        candidates, raised = MemoryCandidates(), None
        finders = build_discovery(access, limits, make_clock(), make_quota(make_clock()))
        with caplog.at_level(0):
            try:
                discover(finders, candidates, make_clock(), by_hand=True)
            except AirtideError as error:
                raised = error
        known = candidates.read_candidates(Platform.YOUTUBE, due_until=TICK)
        return Round({one.broadcast_id for one in known}, raised, read_log(caplog))

    return look_once


def test_a_round_without_faults_finds_two_pages_and_the_watched_channels_videos(look: Callable[..., Round]) -> None:
    told = look()
    assert told.raised is None
    assert "cannot be had" not in told.log
    assert len(told.found) > 100


@pytest.mark.parametrize(
    ("fault", "raised", "says", "fewest"),
    [
        (SEARCH | {"status": 429}, QuotaSpent, r"quota of youtube.search is spent until 2026-11-21T08:00:00Z$", 1),
        (SEARCH | {"status": 403}, QuotaSpent, r"quota of youtube.search is spent until 2026-11-21T08:00:00Z$", 1),
        (SEARCH | {"status": 400, "page": 2}, ContractChanged, r"the site does not take this request$", 51),
        (SEARCH | {"status": 400}, ContractChanged, r"the site does not take this request$", 1),
        (SEARCH | {"status": 503, "times": 4}, PartUnreachable, r"HTTP 503 again and again$", 1),
        (SEARCH | {"html": True, "times": 2}, PartUnreachable, r"not JSON", 1),
        (SEARCH | {"change": {"items": 7}}, ContractChanged, r"`\$.items`", 1),
    ],
    ids=["searches spent", "quota exceeded", "stale token", "refused", "errors for good", "a web page", "another type"],
)
def test_a_search_that_fails_keeps_what_came_before_it_and_the_feeds(
    look: Callable[..., Round], fault: dict[str, Any], raised: type[AirtideError], says: str, fewest: int
) -> None:
    told = look(**fault)
    assert isinstance(told.raised, raised)
    assert re.search(says, str(told.raised))
    assert fewest <= len(told.found) <= fewest + 15
    assert KEY not in f"{told.raised!r} {told.log}"


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ({"status": 404}, "HTTP 404"),
        ({"html": True}, "it declares a document type"),
        ({"truncate": True}, "it is not well-formed"),
    ],
    ids=["404", "a web page", "half a feed"],
)
def test_a_feed_that_fails_is_told_and_the_uploads_find_the_same(
    look: Callable[..., Round], fault: dict[str, Any], says: str
) -> None:
    whole = look()
    told = look(**FEEDS, **fault)
    assert told.raised is None
    assert f"cannot be had: {says}" in told.log
    assert told.found == whole.found


def test_a_wrong_key_ends_a_round_and_feeds_are_read_all_the_same(look: Callable[..., Round]) -> None:
    told = look(key="another-key")
    assert isinstance(told.raised, CredentialsRejected)
    assert "airtide_youtube" in str(told.raised)
    assert told.found
    assert "another-key" not in f"{told.raised!r} {told.log}"
