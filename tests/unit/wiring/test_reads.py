"""What the read side works out by itself: how many ticks were due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from airtide.domain.clock import SetClock
from airtide.domain.models import Platform
from airtide.settings import load_settings
from airtide.warehouse.connect import PostgresAddress
from airtide.wiring.reads import Reads

NOW = datetime(2026, 3, 9, 12, 7, tzinfo=UTC)


@pytest.fixture
def reads():
    return Reads(PostgresAddress("127.0.0.1", 1, "airtide", "airtide", "x"), load_settings(), SetClock(NOW))


@pytest.mark.parametrize(
    ("first_tick_ago", "due"),
    [
        (timedelta(days=30), 287),
        (timedelta(hours=24), 287),
        (timedelta(minutes=22), 4),
        (timedelta(minutes=7), 1),
        (timedelta(minutes=2), 0),
    ],
)
def test_ticks_are_due_from_the_first_one_until_a_cadence_ago(reads, first_tick_ago, due):
    assert reads.count_due_ticks(Platform.TWITCH, NOW - first_tick_ago) == due


def test_before_the_first_tick_none_was_due(reads):
    assert reads.count_due_ticks(Platform.TWITCH, None) == 0
