"""Polls on the adapters of a task: only a site with daily buckets needs the warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import responses
from tests.fakes.polling import CollectingSink

from airtide.domain.clock import SetClock
from airtide.domain.errors import MisconfiguredError, PartUnreachable
from airtide.domain.models import Outcome, Platform
from airtide.domain.pages import Tally
from airtide.domain.quota import Bucket
from airtide.pipeline.poll import poll_platform
from airtide.settings import load_settings
from airtide.wiring.adapters import Adapters
from airtide.wiring.connections import POSTGRES, ConnectionRecord, Connections

TICK = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DATE = {"Date": "Fri, 20 Nov 2026 12:00:03 GMT"}
NOTHING_LISTENS = 1
"""A port that no warehouse has."""


def read_record(conn_id: str) -> ConnectionRecord:
    """Return a connection to a site of tests, or to a warehouse that is down."""
    if conn_id == POSTGRES:
        return ConnectionRecord(conn_id=conn_id, host="127.0.0.1", port=NOTHING_LISTENS, login="airtide")
    extra = {"token_url": "https://id.site.test"}
    return ConnectionRecord(conn_id=conn_id, host="https://site.test", login="id", password="secret", extra=extra)


def read_site_record(conn_id: str) -> ConnectionRecord:
    """Return a connection to a site of tests; there is none to a warehouse."""
    if conn_id == POSTGRES:
        raise MisconfiguredError("there is no warehouse")
    return read_record(conn_id)


@pytest.fixture(params=[read_record, read_site_record], ids=["down", "missing"])
def adapters(request: pytest.FixtureRequest) -> Iterator[Adapters]:
    """Adapters without a warehouse."""
    settings = load_settings().model_copy(update={"state_folder": None})
    with Adapters(Connections(request.param), settings, clock=SetClock(TICK)) as built:
        yield built


def poll(adapters: Adapters, platform: Platform, sink: CollectingSink) -> Outcome:
    sweep = poll_platform(adapters.source(platform), sink, adapters.clock, tick=TICK, asking=adapters.asking(platform))
    return sweep.outcome


def test_twitch_is_polled_without_a_warehouse(adapters):
    stream = {
        "id": "1",
        "user_id": "2",
        "user_login": "login",
        "user_name": "name",
        "game_id": "",
        "game_name": "",
        "type": "live",
        "title": "",
        "tags": None,
        "viewer_count": 7,
        "started_at": "2026-11-20T11:00:00Z",
        "language": "en",
        "thumbnail_url": "https://pictures.test/{width}x{height}.jpg",
        "tag_ids": [],
        "is_mature": False,
    }
    sink = CollectingSink()
    with responses.RequestsMock() as web:
        web.post("https://id.site.test/oauth2/token", json={"access_token": "token"})
        web.get("https://site.test/helix/streams", json={"data": [stream], "pagination": {}}, headers=DATE)
        assert poll(adapters, Platform.TWITCH, sink) is Outcome.COMPLETE
    assert sink.sweeps[0].spend == {"twitch.points": 1, "twitch.tokens": 1}


def test_a_poll_of_youtube_needs_the_warehouse(adapters):
    with responses.RequestsMock(), pytest.raises((PartUnreachable, MisconfiguredError)):
        poll(adapters, Platform.YOUTUBE, CollectingSink())


def test_a_unit_is_not_spent_unless_it_is_booked(adapters):
    tally = Tally()
    with pytest.raises((PartUnreachable, MisconfiguredError)):
        adapters.quota.book(tally, Bucket.YOUTUBE_UNITS)()
    assert tally.requests == 0


def test_limits_are_those_of_the_settings_by_the_clock_handed_in():
    with Adapters(Connections(read_site_record), load_settings(), clock=SetClock(TICK)) as adapters:
        limit = adapters.settings.quotas[Bucket.TWITCH_TOKENS].limit
        book = adapters.quota.book(Tally(), Bucket.TWITCH_TOKENS)
        for _ in range(limit + 1):
            book()
        assert adapters.clock.now() == TICK + timedelta(minutes=1)
