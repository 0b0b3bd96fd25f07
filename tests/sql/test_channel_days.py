"""A channel's days as they are read: what its broadcasts were marked for, and what keeps a day from being final."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.sql.read_rows import CADENCE_S, DAY, TICK, give, give_broadcast

from airtide.domain.models import Platform
from airtide.warehouse.queries.buckets import Buckets
from airtide.warehouse.queries.channels import read_channel

BEFORE = DAY - timedelta(days=1)
MIDNIGHT = TICK.replace(hour=0)
CLOSED = MIDNIGHT + timedelta(days=2)
ONE_BUCKET = Buckets(from_at=TICK, step_s=CADENCE_S, count=1)
NOTHING = {"stuck_hours": 0, "flat_hours": 0, "glitches": 0, "step_jumps": 0}


@pytest.fixture
def channel(db):
    """A channel of Twitch with two days of UTC and one of Seoul, and two broadcasts over midnight."""
    give(db, "live.channel", channel_key=1, platform="twitch", channel_id="one")
    for zone, day, starts_at in (
        ("UTC", BEFORE, MIDNIGHT - timedelta(days=1)),
        ("UTC", DAY, MIDNIGHT),
        ("Asia/Seoul", DAY, MIDNIGHT - timedelta(hours=9)),
    ):
        give(db, "trends.zone_day", zone=zone, day=day, starts_at=starts_at, ends_at=starts_at + timedelta(days=1))
        give(db, "trends.channel_day", zone=zone, day=day, platform="twitch", channel_key=1)
    for key in (11, 12):
        give_broadcast(db, "twitch", key, 1, (0, 100))


def give_day(db, broadcast_key, day, zone="UTC", channel_key=1, **marks):
    names = {"platform": "twitch", "broadcast_key": broadcast_key, "channel_key": channel_key}
    give(db, "trends.broadcast_day", zone=zone, day=day, **names, **marks)


def read_one(db, zone="UTC", now=CLOSED):
    asked = {"platform": Platform.TWITCH, "channel_id": "one", "low_coverage": 0.9, "buckets": ONE_BUCKET}
    return read_channel(db, zone=zone, now=now, **asked)


def test_marks_of_a_day_are_those_of_all_its_broadcasts_in_this_zone(db, channel):
    give_day(db, 11, DAY, stuck_hours=2, glitches=1)
    give_day(db, 12, DAY, glitches=4, flat_hours=3)
    give_day(db, 11, BEFORE)
    give_day(db, 11, DAY, zone="Asia/Seoul", step_jumps=5)
    give_day(db, 99, DAY, channel_key=2, step_jumps=7)

    assert [(day.day, day.marks) for day in read_one(db).days] == [
        (DAY, {"stuck_hours": 2, "flat_hours": 3, "glitches": 5, "step_jumps": 0}),
        (BEFORE, NOTHING),
    ]
    assert [day.marks for day in read_one(db, "Asia/Seoul").days] == [{**NOTHING, "step_jumps": 5}]


def test_a_broadcast_tells_its_marked_days_of_the_zone_newest_first_and_no_others(db, channel):
    give_day(db, 11, BEFORE, stuck_hours=1)
    give_day(db, 11, DAY, step_jumps=2)
    give_day(db, 12, DAY)
    give_day(db, 11, DAY, zone="Asia/Seoul", flat_hours=1)

    told = {one.broadcast_id: one.marked_days for one in read_one(db).broadcasts}

    assert told == {
        "b11": [
            {"day": f"{DAY}", "marks": {**NOTHING, "step_jumps": 2}},
            {"day": f"{BEFORE}", "marks": {**NOTHING, "stuck_hours": 1}},
        ],
        "b12": [],
    }


def test_of_a_broadcast_that_looks_wrong_every_day_the_newest_days_are_told(db, channel):
    for back in range(40):
        give_day(db, 11, DAY - timedelta(days=back), glitches=1)

    told = {one.broadcast_id: one.marked_days for one in read_one(db).broadcasts}["b11"]

    assert [one["day"] for one in told] == [f"{DAY - timedelta(days=back)}" for back in range(30)]


@pytest.mark.parametrize(
    ("minutes_after_end", "waiting", "is_open", "is_provisional"),
    [
        (-1, None, True, True),
        (0, None, False, True),
        (59, None, False, True),
        (60, None, False, False),
        (600, "soop", False, False),
        (600, "twitch", False, True),
    ],
)
def test_a_day_is_provisional_by_what_waits_for_the_channel_s_own_platform(
    db, channel, minutes_after_end, waiting, is_open, is_provisional
):
    if waiting:
        give(db, "trends.dirty_day", platform=waiting, zone="UTC", day=DAY)

    day = read_one(db, now=MIDNIGHT + timedelta(days=1, minutes=minutes_after_end)).days[0]

    assert (day.day, day.is_open, day.is_provisional) == (DAY, is_open, is_provisional)


@pytest.mark.parametrize(("platform", "severity"), [("twitch", "block"), ("twitch", "warn"), ("soop", "block")])
def test_a_day_is_blocked_by_a_failed_check_of_an_hour_of_it_on_this_platform_that_blocks(
    db, channel, platform, severity
):
    check = {"check_name": "duplicates", "severity": severity, "checked_at": TICK, "observed": 3, "most": 0}
    give(db, "trends.quality_check", platform=platform, hour=TICK, **check)
    is_blocked = (platform, severity) == ("twitch", "block")

    days = read_one(db).days

    assert [(day.is_blocked, day.is_provisional) for day in days] == [(is_blocked, is_blocked), (False, False)]


def test_a_day_of_an_older_version_says_so(db, channel):
    db.execute("UPDATE trends.channel_day SET definitions_version = 7 WHERE day = %s", (BEFORE,))

    assert [day.definitions_version for day in read_one(db).days] == [1, 7]
