"""Who stands where: ranks of channels by each measure, in each list, and against the day before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.sql.read_rows import DAY, HOUR_MS, TICK, give, give_policies

from airtide.domain.keys import hash_id
from airtide.domain.models import Platform
from airtide.warehouse.queries.rankings import ChannelList, Metric, read_channel_ranking

EVERYWHERE = ChannelList()
YESTERDAY = DAY - timedelta(days=1)


@pytest.fixture(autouse=True)
def policies(db):
    give_policies(db, twitch=True, soop=True, youtube=False)


def give_channel_day(db, channel_key, platform="twitch", **values):
    known = db.execute("SELECT 1 FROM live.channel WHERE channel_key = %s", (channel_key,)).fetchone()
    if known is None:
        give(db, "live.channel", channel_key=channel_key, platform=platform, channel_id=f"c{channel_key}")
    give(db, "trends.channel_day", channel_key=channel_key, platform=platform, **values)


def rank(db, metric=Metric.HOURS_WATCHED, of=EVERYWHERE, limit=10, offset=0):
    asked = {"zone": "UTC", "day": DAY, "low_coverage": 0.9, "limit": limit, "offset": offset}
    return read_channel_ranking(db, of=of, metric=metric, **asked)


def test_ties_stand_in_the_order_of_their_keys(db):
    for key in (30, 10, 20):
        give_channel_day(db, key, viewer_ms=5 * HOUR_MS)

    assert [(c.rank, c.channel_id) for c in rank(db).channels] == [(1, "c10"), (2, "c20"), (3, "c30")]


def test_sums_that_a_floating_point_number_cannot_tell_apart_are_ranked_apart(db):
    for key, viewer_ms in ((1, 2**53), (2, 2**53 + 1)):
        give_channel_day(db, key, viewer_ms=viewer_ms)

    assert [(c.rank, c.channel_id) for c in rank(db).channels] == [(1, "c2"), (2, "c1")]


def test_each_metric_ranks_by_its_own_measure(db):
    give_channel_day(
        db, 1, viewer_ms=90 * HOUR_MS, airtime_ms=9 * HOUR_MS, known_airtime_ms=9 * HOUR_MS, peak_viewers=12
    )
    give_channel_day(db, 2, viewer_ms=40 * HOUR_MS, airtime_ms=2 * HOUR_MS, known_airtime_ms=HOUR_MS, peak_viewers=50)

    first = {metric: rank(db, metric).channels[0].channel_id for metric in Metric}

    assert first == {Metric.HOURS_WATCHED: "c1", Metric.AVERAGE: "c2", Metric.PEAK: "c2", Metric.AIRTIME: "c1"}


def test_shares_and_averages_have_no_value_where_there_is_nothing_to_divide_by(db):
    give_channel_day(db, 1, airtime_ms=HOUR_MS, known_airtime_ms=0, live_ms=HOUR_MS)
    give_channel_day(db, 2, airtime_ms=0, known_airtime_ms=0, live_ms=HOUR_MS)
    give_channel_day(db, 3, airtime_ms=0, known_airtime_ms=0, live_ms=0)

    rows = [(c.average_viewers, c.coverage, c.known_share, c.has_low_coverage) for c in rank(db).channels]

    assert rows == [(None, 1.0, 0.0, False), (None, 0.0, None, True), (None, None, None, False)]


def test_an_average_is_over_the_airtime_with_a_known_count(db):
    give_channel_day(
        db, 1, viewer_ms=30 * HOUR_MS, airtime_ms=4 * HOUR_MS, known_airtime_ms=3 * HOUR_MS, live_ms=8 * HOUR_MS
    )

    (channel,) = rank(db).channels

    assert (channel.average_viewers, channel.hours_watched, channel.airtime_hours) == (10.0, 30.0, 4.0)
    assert (channel.coverage, channel.known_share) == (0.5, 0.75)


def test_rank_change_counts_places_against_the_day_before(db):
    for key, before, now in ((1, 30, 10), (2, 20, 30), (3, 10, 20)):
        give_channel_day(db, key, day=YESTERDAY, viewer_ms=before * HOUR_MS)
        give_channel_day(db, key, viewer_ms=now * HOUR_MS)

    assert [(c.channel_id, c.rank_change) for c in rank(db).channels] == [("c2", 1), ("c3", 1), ("c1", -2)]


def test_only_the_day_before_counts_and_only_in_the_same_zone(db):
    give_channel_day(db, 1, viewer_ms=HOUR_MS)
    give_channel_day(db, 1, day=DAY - timedelta(days=2), viewer_ms=HOUR_MS)
    give_channel_day(db, 1, day=YESTERDAY, zone="Asia/Seoul", viewer_ms=HOUR_MS)

    (channel,) = rank(db).channels

    assert (channel.rank_change, channel.is_new) == (None, False)


def test_a_channel_is_new_only_where_its_platform_was_seen_the_day_before(db):
    give_channel_day(db, 1, day=YESTERDAY, viewer_ms=HOUR_MS)
    give_channel_day(db, 2, viewer_ms=2 * HOUR_MS)
    give_channel_day(db, 3, platform="soop", viewer_ms=HOUR_MS)

    assert [(c.channel_id, c.is_new, c.rank_change) for c in rank(db).channels] == [
        ("c2", True, None),
        ("c3", False, None),
    ]


@pytest.mark.parametrize(
    ("seen_before", "seen_now", "is_low", "is_doubtful"),
    [(100, 100, False, False), (100, 89, True, True), (89, 100, False, True), (90, 90, False, False)],
)
def test_a_change_is_doubtful_when_either_day_has_low_coverage(db, seen_before, seen_now, is_low, is_doubtful):
    for day, seen in ((YESTERDAY, seen_before), (DAY, seen_now)):
        give_channel_day(db, 1, day=day, airtime_ms=seen * HOUR_MS, known_airtime_ms=0, live_ms=100 * HOUR_MS)

    (channel,) = rank(db).channels

    assert (channel.has_low_coverage, channel.has_doubtful_change) == (is_low, is_doubtful)


def test_ranks_and_totals_are_of_the_platforms_asked_for(db):
    give_channel_day(db, 1, platform="soop", viewer_ms=9 * HOUR_MS)
    give_channel_day(db, 2, viewer_ms=3 * HOUR_MS, airtime_ms=HOUR_MS // 2)

    ranking = rank(db, of=ChannelList(platform=Platform.TWITCH))

    assert [(c.rank, c.channel_id) for c in ranking.channels] == [(1, "c2")]
    assert (ranking.totals.channels, ranking.totals.hours_watched, ranking.totals.coverage) == (1, 3.0, 0.5)


def test_a_page_keeps_the_ranks_of_the_whole(db):
    for key in range(1, 6):
        give_channel_day(db, key, viewer_ms=(10 - key) * HOUR_MS)

    page = rank(db, limit=2, offset=3)

    assert [(c.rank, c.channel_id) for c in page.channels] == [(4, "c4"), (5, "c5")]
    assert page.totals.channels == 5


def test_averages_that_differ_after_many_digits_are_ranked_apart(db):
    # 1/86_399_999 and 1/86_400_000 of a viewer more than a million: alike in the first sixteen digits
    for key, known_ms in ((1, 86_400_000), (2, 86_399_999)):
        times = {"airtime_ms": known_ms, "known_airtime_ms": known_ms, "live_ms": known_ms}
        give_channel_day(db, key, viewer_ms=1_000_000_000 * known_ms + 1, **times)

    assert [c.channel_id for c in rank(db, Metric.AVERAGE).channels] == ["c2", "c1"]


@pytest.mark.parametrize(
    ("earlier", "is_new", "is_returning"),
    [((), True, False), ((1,), False, False), ((3,), False, True), ((1, 3), False, False)],
)
def test_a_channel_is_new_when_never_seen_before_and_returns_when_it_missed_the_day_before(
    db, earlier, is_new, is_returning
):
    give_channel_day(db, 9, day=YESTERDAY)
    give_channel_day(db, 1)
    for days_ago in earlier:
        give_channel_day(db, 1, day=DAY - timedelta(days=days_ago))

    (channel,) = rank(db).channels

    assert (channel.is_new, channel.is_returning) == (is_new, is_returning)


def test_nobody_returns_where_the_platform_was_not_seen_the_day_before(db):
    give_channel_day(db, 1, day=DAY - timedelta(days=2))
    give_channel_day(db, 1)
    give_channel_day(db, 2, platform="soop", day=YESTERDAY)

    (channel,) = rank(db).channels

    assert (channel.is_new, channel.is_returning) == (False, False)


def test_a_platform_that_policy_leaves_out_is_ranked_alone_and_never_beside_others(db):
    give_channel_day(db, 1, platform="youtube", viewer_ms=9 * HOUR_MS)
    give_channel_day(db, 2, viewer_ms=3 * HOUR_MS)

    combined, alone = rank(db), rank(db, of=ChannelList(platform=Platform.YOUTUBE))

    assert ([c.channel_id for c in combined.channels], combined.left_out) == (["c2"], [Platform.YOUTUBE])
    assert (combined.totals.channels, combined.totals.hours_watched) == (1, 3.0)
    assert ([c.channel_id for c in alone.channels], alone.left_out) == (["c1"], [])


def test_a_platform_without_a_policy_stands_in_no_combined_ranking(db):
    give_channel_day(db, 1, platform="kick", viewer_ms=9 * HOUR_MS)

    assert (rank(db).channels, rank(db).totals.channels) == ([], 0)
    assert [c.channel_id for c in rank(db, of=ChannelList(platform=Platform.KICK)).channels] == ["c1"]


# languages


def give_broadcast_day(db, broadcast_key, channel_key, language, platform="twitch", **values):
    row = {"channel_key": channel_key, "language": language, "platform": platform}
    give(db, "trends.broadcast_day", broadcast_key=broadcast_key, **row, **values)


def test_a_channel_stands_in_a_languages_ranking_with_its_broadcasts_in_that_language(db):
    for key in (1, 2):
        give_channel_day(db, key, broadcasts=2, viewer_ms=99 * HOUR_MS)
    give_broadcast_day(db, 11, 1, "ko", viewer_ms=5 * HOUR_MS, peak_viewers=50, peak_at=TICK)
    give_broadcast_day(db, 12, 1, "ko", viewer_ms=4 * HOUR_MS, peak_viewers=60, peak_at=TICK, live_ms=4 * HOUR_MS)
    give_broadcast_day(db, 13, 1, "en", viewer_ms=90 * HOUR_MS)
    give_broadcast_day(db, 21, 2, "ko", viewer_ms=10 * HOUR_MS, day=YESTERDAY)
    give_broadcast_day(db, 22, 1, "ko", viewer_ms=1 * HOUR_MS, day=YESTERDAY)

    ranking = rank(db, of=ChannelList(language="ko"))
    (channel,) = ranking.channels

    assert (channel.rank, channel.rank_change, channel.channel_id) == (1, 1, "c1")
    assert (channel.broadcasts, channel.hours_watched, channel.peak_viewers) == (2, 9.0, 60)
    assert (channel.coverage, channel.has_low_coverage) == (0.4, True)
    assert (ranking.totals.channels, ranking.totals.hours_watched) == (1, 9.0)


def test_a_language_is_ranked_on_one_platform_or_over_those_that_may_be_combined(db):
    for key, platform in ((1, "twitch"), (2, "soop"), (3, "youtube")):
        give_channel_day(db, key, platform=platform)
        give_broadcast_day(db, 10 + key, key, "ko", platform, viewer_ms=key * HOUR_MS)

    def listed(of):
        return [(c.rank, c.channel_id) for c in rank(db, of=of).channels]

    assert listed(ChannelList(language="ko")) == [(1, "c2"), (2, "c1")]
    assert listed(ChannelList(language="ko", platform=Platform.TWITCH)) == [(1, "c1")]
    assert listed(ChannelList(language="ko", platform=Platform.YOUTUBE)) == [(1, "c3")]
    assert listed(ChannelList(language="")) == []


# categories


@pytest.mark.parametrize(
    "names",
    [{"category_id": "1"}, {"platform": Platform.TWITCH, "language": "ko", "category_id": "1"}],
)
def test_a_category_of_no_platform_or_beside_a_language_is_refused(names):
    with pytest.raises(ValueError, match="a category belongs to one platform"):
        ChannelList(**names)


def test_a_category_is_ranked_by_what_was_broadcast_in_it_and_marked_by_the_channels_coverage(db):
    starts_at = TICK.replace(hour=0)
    give(db, "trends.zone_day", zone="UTC", day=DAY, starts_at=starts_at, ends_at=starts_at + timedelta(days=1))
    game = hash_id("twitch", "game")
    for channel_key, viewers in ((1, 10), (2, 30)):
        give_channel_day(db, channel_key, airtime_ms=HOUR_MS, live_ms=channel_key * HOUR_MS)
        give_broadcast_day(db, channel_key, channel_key, "ko")
        last_at = TICK + timedelta(minutes=30)
        bounds = {"first_sampled_at": TICK, "last_sampled_at": last_at}
        row = {"broadcast_id": f"b{channel_key}", "channel_key": channel_key, "platform": "twitch"}
        give(db, "live.broadcast", broadcast_key=channel_key, **row, **bounds)
        for category_key, first, last in ((0, 0, 10), (game, 20, 30)):
            give_state(db, channel_key, category_key, first, last, viewers)

    ranking = rank(db, of=ChannelList(platform=Platform.TWITCH, category_id="game"))

    # ten minutes between its samples, and half a cadence after the last
    assert [(c.rank, c.channel_id, c.coverage, c.has_low_coverage) for c in ranking.channels] == [
        (1, "c2", 0.5, True),
        (2, "c1", 1.0, False),
    ]
    assert [c.airtime_hours for c in ranking.channels] == [0.25, 0.25]
    assert [c.hours_watched for c in ranking.channels] == [7.5, 2.5]
    assert ranking.totals.channels == 2


def give_state(db, broadcast_key, category_key, first, last, viewers):
    """Give the state of an hour's samples every ten minutes, from minute `first` to `last`."""
    inner_ms = (last - first) * 60_000
    give(
        db,
        "trends.broadcast_hour",
        platform="twitch",
        hour=TICK,
        broadcast_key=broadcast_key,
        category_key=category_key,
        samples=2,
        known_samples=2,
        airtime_ms=inner_ms,
        known_airtime_ms=inner_ms,
        viewer_ms=viewers * inner_ms,
        first_at=TICK + timedelta(minutes=first),
        first_viewers=viewers,
        first_cadence_s=600,
        first_language="",
        last_at=TICK + timedelta(minutes=last),
        last_viewers=viewers,
        last_cadence_s=600,
        last_language="",
        computed_at=TICK,
        revision=1,
        definitions_version=1,
    )
