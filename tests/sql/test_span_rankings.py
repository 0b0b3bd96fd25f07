"""Ranks of channels in weeks and months: sums of their days, against as many days just before."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.sql.read_rows import DAY, HOUR_MS, TICK, give, give_policies

from airtide.domain.models import Platform
from airtide.warehouse.queries.rankings import ChannelList, Metric, read_channel_ranking
from airtide.warehouse.queries.span_rankings import read_span_ranking
from airtide.warehouse.queries.weeks import DaySpan, SpanKind, find_span, find_week

WEEK = find_week("UTC", DAY)
EVERYWHERE = ChannelList()
ASKED = {"low_coverage": 0.9, "limit": 10, "offset": 0}


def day_of(week: int, place: int = 0):
    """Return a day of this week, 0, or of an earlier one."""
    return WEEK.first_day + timedelta(days=7 * week + place)


@pytest.fixture(autouse=True)
def policies(db):
    give_policies(db, twitch=True, soop=True, youtube=False)


def give_channel_day(db, channel_key, day, hours=0, platform="twitch", **values):
    known = db.execute("SELECT 1 FROM live.channel WHERE channel_key = %s", (channel_key,)).fetchone()
    if known is None:
        give(db, "live.channel", channel_key=channel_key, platform=platform, channel_id=f"c{channel_key}")
    row = {"viewer_ms": hours * HOUR_MS, **values}
    give(db, "trends.channel_day", channel_key=channel_key, platform=platform, day=day, **row)


def give_week(db, week, platform="twitch", key=99):
    """Let a platform be seen on every day of a week."""
    for place in range(7):
        give_channel_day(db, key, day_of(week, place), platform=platform)


def give_broadcast_day(db, broadcast_key, channel_key, day, **values):
    row = {"channel_key": channel_key, "platform": "twitch", **values}
    give(db, "trends.broadcast_day", broadcast_key=broadcast_key, day=day, **row)


def rank(db, span=WEEK, metric=Metric.HOURS_WATCHED, of=EVERYWHERE, **asked):
    return read_span_ranking(db, span, of=of, metric=metric, **{**ASKED, **asked})


def test_a_category_is_refused_and_nothing_is_no_row(db):
    with pytest.raises(ValueError, match="by the day"):
        rank(db, of=ChannelList(platform=Platform.TWITCH, category_id="1"))
    ranking = rank(db)
    assert (ranking.channels, ranking.totals.channels, ranking.totals.coverage) == ([], 0, None)


def test_days_are_added_up_and_a_channel_stands_once(db):
    for place, peak in ((0, 5), (3, 70), (6, 70)):
        at = TICK + timedelta(days=place)
        give_channel_day(db, 1, day_of(0, place), 10, live_ms=2 * HOUR_MS, peak_viewers=peak, peak_at=at)
    give_channel_day(db, 2, day_of(0), 20, peak_viewers=90, peak_at=TICK)
    for outside in (day_of(-1, 6), day_of(1)):
        give_channel_day(db, 2, outside, 500)
    give_channel_day(db, 2, day_of(0, 1), 500, zone="Asia/Seoul")

    ranking = rank(db)

    first, second = ranking.channels
    assert [(c.rank, c.channel_id, c.hours_watched) for c in ranking.channels] == [(1, "c1", 30.0), (2, "c2", 20.0)]
    assert (first.airtime_hours, first.average_viewers, first.coverage, first.has_low_coverage) == (
        3.0,
        10.0,
        0.5,
        True,
    )
    assert (first.peak_viewers, first.peak_at) == (70, TICK + timedelta(days=3))
    assert (second.coverage, second.peak_viewers) == (1.0, 90)
    totals = ranking.totals
    assert (totals.channels, totals.hours_watched, totals.coverage, totals.known_share) == (2, 50.0, 4 / 7, 1.0)


@pytest.mark.parametrize("metric", Metric)
def test_a_span_of_one_day_ranks_as_the_views_do(db, metric):
    for key in range(1, 9):
        known_ms = (key * 5 % 7) * HOUR_MS
        times = {"airtime_ms": known_ms + key % 3 * HOUR_MS, "known_airtime_ms": known_ms, "live_ms": 9 * HOUR_MS}
        peak = {"peak_viewers": key * 3 % 4, "peak_at": TICK} if known_ms else {}
        for day, hours in ((DAY, key * 3 % 5), (DAY - timedelta(days=1), key % 3)):
            if hours or key % 2:
                give_channel_day(db, key, day, hours if known_ms else 0, **times, **peak)
                give_broadcast_day(db, key, key, day)

    of_day = read_channel_ranking(db, zone="UTC", day=DAY, of=EVERYWHERE, metric=metric, **ASKED)

    assert len(of_day.channels) > 5
    assert rank(db, DaySpan(zone="UTC", first_day=DAY, last_day=DAY), metric) == of_day


def test_the_change_is_against_as_many_days_just_before(db):
    give_week(db, -1)
    for key, before, now in ((1, 3, 1), (2, 2, 3), (3, 1, 2)):
        give_channel_day(db, key, day_of(-1, 2), before)
        give_channel_day(db, key, day_of(0, 4), now)
        give_channel_day(db, key, day_of(-2, 6), 100 - key)

    changes = [(c.channel_id, c.rank_change, c.has_doubtful_change) for c in rank(db).channels]

    assert changes == [("c2", 1, False), ("c3", 1, False), ("c1", -2, False)]


def test_where_a_day_before_was_not_seen_a_change_is_in_doubt_and_nobody_is_new(db):
    for key in (1, 2):
        give_channel_day(db, key, day_of(0), key)
    give_channel_day(db, 1, day_of(-1, 3), 1)

    assert [(c.channel_id, c.rank_change, c.has_doubtful_change, c.is_new) for c in rank(db).channels] == [
        ("c2", None, False, False),
        ("c1", -1, True, False),
    ]


@pytest.mark.parametrize(
    ("earlier", "is_new", "is_returning"),
    [((), True, False), ((-1,), False, False), ((-2,), False, True), ((-1, -2), False, False)],
)
def test_a_channel_is_new_when_never_seen_before_and_returns_when_it_missed_the_week_before(
    db, earlier, is_new, is_returning
):
    give_week(db, -1)
    give_channel_day(db, 1, day_of(0, 5), 1)
    for week in earlier:
        give_channel_day(db, 1, day_of(week, 6), 1)

    (channel,) = rank(db).channels

    assert (channel.is_new, channel.is_returning) == (is_new, is_returning)


def test_a_broadcast_over_midnight_counts_once(db):
    for place in (2, 3):
        give_channel_day(db, 1, day_of(0, place), 1)
        give_broadcast_day(db, 7, 1, day_of(0, place), language="ko")
    give_broadcast_day(db, 8, 1, day_of(0, 3), language="en")
    give_broadcast_day(db, 9, 1, day_of(-1, 6), language="ko")

    assert [c.broadcasts for c in rank(db).channels] == [2]
    assert [c.broadcasts for c in rank(db, of=ChannelList(language="ko")).channels] == [1]


def test_languages_and_platforms_are_ranked_apart_and_policy_leaves_one_out(db):
    for key, platform in ((1, "twitch"), (2, "soop"), (3, "youtube")):
        give_channel_day(db, key, day_of(0, key), key, platform=platform)
        of_broadcast = {"platform": platform, "language": "ko", "viewer_ms": key * HOUR_MS}
        give_broadcast_day(db, 10 + key, key, day_of(0, key), **of_broadcast)

    def listed(of):
        ranking = rank(db, of=of)
        assert ranking.totals.channels == len(ranking.channels)
        return [c.channel_id for c in ranking.channels], ranking.left_out

    assert listed(EVERYWHERE) == listed(ChannelList(language="ko")) == (["c2", "c1"], [Platform.YOUTUBE])
    assert listed(ChannelList(platform=Platform.YOUTUBE)) == (["c3"], [])
    assert listed(ChannelList(platform=Platform.SOOP, language="ko")) == (["c2"], [])
    assert listed(ChannelList(language="en")) == ([], [Platform.YOUTUBE])


def test_a_page_keeps_the_ranks_of_the_whole(db):
    for key in range(1, 6):
        give_channel_day(db, key, day_of(0, key), 10 - key)

    page = rank(db, limit=2, offset=3)

    assert [(c.rank, c.channel_id) for c in page.channels] == [(4, "c4"), (5, "c5")]
    assert page.totals.channels == 5


@pytest.mark.parametrize(
    ("kind", "first_day", "last_day"),
    [
        (SpanKind.DAY, "2026-03-10", "2026-03-10"),
        (SpanKind.WEEK, "2026-03-09", "2026-03-15"),
        (SpanKind.MONTH, "2026-03-01", "2026-03-31"),
    ],
)
def test_a_day_leads_to_the_week_and_the_month_that_hold_it(kind, first_day, last_day):
    span = find_span(kind, "UTC", date(2026, 3, 10))
    assert (span.first_day.isoformat(), span.last_day.isoformat()) == (first_day, last_day)
