"""Sweeps under a limit of a minute, through the real clients: they wait where it fits into their time, or say so."""

from __future__ import annotations

from datetime import timedelta

import pytest
import responses
from tests.fakes.polling import CollectingSink
from tests.unit.platforms.sites import BASE, SITE_TIME, TICK, TOKENS, Limits, answer, make_access

from airtide.domain.clock import SetClock
from airtide.domain.errors import RateLimited
from airtide.domain.models import Outcome
from airtide.domain.quota import Bucket, BucketLimit
from airtide.pipeline.poll import poll_platform
from airtide.pipeline.reading import READING_SHARE
from airtide.platforms.quota import Quota
from airtide.platforms.soop.client import SoopSource
from airtide.platforms.twitch.client import TwitchSource

STREAMS = f"{BASE}/helix/streams"
BROADS = f"{BASE}/broad/list"
CATEGORIES = f"{BASE}/broad/category/list"
CADENCE = timedelta(seconds=Limits().cadence_s)


def answer_twitch(web: responses.RequestsMock, pages: int, reset_s: int, *, goes_on: bool = False) -> None:
    """Let Twitch list one stream a page, and say at the first page that nothing is left for so many seconds."""
    answer(web, f"{TOKENS}/oauth2/token", {"access_token": "token"}, method="POST")
    for number in range(1, pages + 1):
        stream = {
            "id": str(number),
            "user_id": str(number),
            "user_login": "login",
            "user_name": "name",
            "title": "",
            "viewer_count": 100 - number,
            "started_at": "2026-11-20T11:00:00Z",
            "type": "live",
        }
        pagination = {"cursor": f"after {number}"} if number < pages or goes_on else {}
        left = {"Ratelimit-Remaining": "0", "Ratelimit-Reset": str(int(SITE_TIME.timestamp()) + reset_s)}
        full = {"Ratelimit-Remaining": "799", "Ratelimit-Reset": "1"}
        answer(web, STREAMS, {"data": [stream], "pagination": pagination}, headers=left if number == 1 else full)


def make_twitch(clock: SetClock) -> TwitchSource:
    quota = Quota({Bucket.TWITCH_POINTS: BucketLimit(800, "minute")}, clock=clock)
    return TwitchSource(make_access(), Limits(), clock, quota)


def test_a_sweep_of_twitch_waits_for_the_reset_that_the_site_tells(web: responses.RequestsMock) -> None:
    answer_twitch(web, pages=2, reset_s=45)
    clock, sink = SetClock(TICK), CollectingSink()
    sweep = poll_platform(make_twitch(clock), sink, clock, tick=TICK)
    assert (sweep.outcome, sweep.snapshots) == (Outcome.COMPLETE, 2)
    assert sweep.finished_at == TICK + timedelta(seconds=45)


def test_a_reset_after_the_sweeps_time_ends_it_with_what_was_seen_and_the_wait(web: responses.RequestsMock) -> None:
    answer_twitch(web, pages=1, reset_s=241, goes_on=True)
    clock, sink = SetClock(TICK), CollectingSink()
    with pytest.raises(RateLimited) as caught:
        poll_platform(make_twitch(clock), sink, clock, tick=TICK)
    assert caught.value.retry_after_s == 241
    assert (clock.now(), len(sink.published)) == (TICK, 1)
    assert sink.sweeps[0].outcome is Outcome.PARTIAL
    assert sink.sweeps[0].error is not None
    assert sink.sweeps[0].error.startswith(
        "twitch: GET https://site.test/helix/streams: twitch.points is spent for now: full again in 241 s"
    )


def answer_soop(web: responses.RequestsMock, asked: int, pages: int) -> None:
    """Let SOOP tell of so many pages of one broadcast and answer those asked for."""
    answer(web, CATEGORIES, {"broad_category": []})
    for number in range(1, asked + 1):
        broad = {
            "broad_no": str(number),
            "user_id": "user",
            "user_nick": "nick",
            "broad_title": "title",
            "total_view_cnt": "7",
            "broad_cate_no": "1",
            "broad_start": "2026-11-20 20:00:00",
            "broad_grade": "0",
            "broad_thumb": "//pictures.test/1",
        }
        answer(web, BROADS, {"total_cnt": pages, "page_block": 1, "page_no": number, "broad": [broad]})


def make_soop(clock: SetClock, per_minute: int) -> SoopSource:
    quota = Quota({Bucket.SOOP_REQUESTS: BucketLimit(per_minute, "minute")}, clock=clock)
    return SoopSource(make_access(), Limits(page_cap=50), clock, quota)


def test_a_paced_sweep_is_complete_within_its_time(web: responses.RequestsMock) -> None:
    answer_soop(web, asked=9, pages=9)
    clock, sink = SetClock(TICK), CollectingSink()
    sweep = poll_platform(make_soop(clock, per_minute=2), sink, clock, tick=TICK)
    assert (sweep.outcome, sweep.pages, sweep.spend) == (Outcome.COMPLETE, 9, {"soop.requests": 10})
    assert sweep.finished_at == TICK + timedelta(minutes=4) == TICK + READING_SHARE * CADENCE


def test_a_sweep_too_slow_for_its_pace_ends_before_the_next_tick(web: responses.RequestsMock) -> None:
    answer_soop(web, asked=9, pages=30)
    clock, sink = SetClock(TICK), CollectingSink()
    with pytest.raises(RateLimited, match=r"soop\.requests is spent for now"):
        poll_platform(make_soop(clock, per_minute=2), sink, clock, tick=TICK)
    assert (sink.sweeps[0].outcome, sink.sweeps[0].snapshots) == (Outcome.PARTIAL, 9)
    assert sink.sweeps[0].finished_at <= TICK + READING_SHARE * CADENCE
