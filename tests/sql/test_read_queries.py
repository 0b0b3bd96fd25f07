"""Given these rows, the page reads these: one test a promise of a statement under `sql/read_*.sql`."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.sql.read_rows import DAY, TICK, give, give_broadcast, give_samples, give_sweep

from airtide.domain.models import Platform
from airtide.domain.quota import Bucket, BucketLimit
from airtide.warehouse.queries.buckets import Buckets
from airtide.warehouse.queries.channels import find_channels, read_channel
from airtide.warehouse.queries.collection import read_collection, read_store_stamp
from airtide.warehouse.queries.live import read_live
from airtide.warehouse.queries.platforms import read_platform_series
from airtide.warehouse.queries.quotas import read_buckets
from airtide.warehouse.queries.rankings import read_days

TOPICS = {Platform.TWITCH: "snapshots-twitch", Platform.SOOP: "snapshots-soop"}
SWEEP_TOPICS = {Platform.TWITCH: "sweeps-twitch", Platform.SOOP: "sweeps-soop"}
BOTH = tuple(TOPICS)
HALF_HOUR = Buckets(from_at=TICK, step_s=300, count=6)


@pytest.fixture
def twitch_channel(db):
    give(db, "live.channel", channel_key=1, platform="twitch", channel_id="one", name="One")


def read_twitch_live(db, limit=10, offset=0):
    return read_live(db, TOPICS, limit=limit, offset=offset)


# what is live


def test_a_tick_is_live_only_when_all_its_messages_have_landed(db, twitch_channel):
    give_broadcast(db, "twitch", 11, 1, (0, 100), (5, 120))
    give_sweep(db, "twitch", 0, end_offset=10)
    give_sweep(db, "twitch", 5, end_offset=20)
    give(db, "ingest.position", topic="snapshots-twitch", next_offset=19)

    assert [tick.sampled_at for tick in read_twitch_live(db).ticks] == [TICK]

    db.execute("UPDATE ingest.position SET next_offset = 20")

    assert [tick.sampled_at for tick in read_twitch_live(db).ticks] == [TICK + timedelta(minutes=5)]


def test_a_failed_sweep_leaves_the_tick_before_it_live(db, twitch_channel):
    give_broadcast(db, "twitch", 11, 1, (0, 100))
    give_sweep(db, "twitch", 0)
    give_sweep(db, "twitch", 5, outcome="failed")
    give(db, "ingest.position", topic="snapshots-twitch", next_offset=0)

    live = read_twitch_live(db)

    assert [(tick.sampled_at, tick.outcome) for tick in live.ticks] == [(TICK, "complete")]
    assert [broadcast.viewers for broadcast in live.broadcasts] == [100]


def test_hidden_counts_come_last_and_are_counted_beside_the_sum(db, twitch_channel):
    for key, viewers in ((11, None), (12, 0), (13, 70)):
        give_broadcast(db, "twitch", key, 1, (0, viewers))
    give_sweep(db, "twitch", 0)
    give(db, "ingest.position", topic="snapshots-twitch", next_offset=0)

    live = read_twitch_live(db)

    assert [broadcast.viewers for broadcast in live.broadcasts] == [70, 0, None]
    assert [(t.broadcasts, t.hidden_counts, t.viewers) for t in live.totals] == [(3, 1, 70)]


def test_each_platform_is_live_at_its_own_tick(db, twitch_channel):
    give(db, "live.channel", channel_key=2, platform="soop", channel_id="two")
    give_broadcast(db, "twitch", 11, 1, (0, 100), (5, 1))
    give_broadcast(db, "soop", 21, 2, (0, 2), (5, 200))
    give_sweep(db, "twitch", 0)
    give_sweep(db, "soop", 5)
    for topic in TOPICS.values():
        give(db, "ingest.position", topic=topic, next_offset=0)

    live = read_twitch_live(db)

    assert [(b.platform, b.viewers) for b in live.broadcasts] == [("soop", 200), ("twitch", 100)]


def test_a_tick_with_nothing_live_is_told_as_nothing(db):
    give_sweep(db, "twitch", 0, snapshots=0)
    give(db, "ingest.position", topic="snapshots-twitch", next_offset=0)

    live = read_twitch_live(db)

    assert live.broadcasts == []
    assert [(total.broadcasts, total.viewers) for total in live.totals] == [(0, 0)]


def give_landed(db, platform, minutes, **values):
    give_sweep(db, platform, minutes, **values)
    give(db, "ingest.position", topic=f"snapshots-{platform}", next_offset=0)


@pytest.mark.parametrize("ended_by", ["site", "absence", "silence"])
def test_a_broadcast_that_is_over_leaves_the_list_at_once_whoever_says_so(db, twitch_channel, ended_by):
    give_broadcast(db, "twitch", 11, 1, (0, 100), ended_at=TICK, ended_by=ended_by)
    give_broadcast(db, "twitch", 12, 1, (0, 7))
    give_landed(db, "twitch", 0)

    live = read_twitch_live(db)

    assert [broadcast.broadcast_id for broadcast in live.broadcasts] == ["b12"]
    assert [(t.broadcasts, t.viewers, t.unseen) for t in live.totals] == [(1, 7, 0)]


def test_what_was_not_seen_and_is_not_known_to_be_over_is_counted_beside_the_list(db, twitch_channel):
    give_broadcast(db, "twitch", 11, 1, (0, 100))
    give_broadcast(db, "twitch", 12, 1, (0, 9), (5, 7))
    give_broadcast(db, "twitch", 13, 1, (0, 5), ended_at=TICK, ended_by="absence")
    give_broadcast(db, "twitch", 14, 1, ended_at=TICK, ended_by="site")
    give_landed(db, "twitch", 5)

    live = read_twitch_live(db)

    assert [(broadcast.broadcast_id, broadcast.viewers) for broadcast in live.broadcasts] == [("b12", 7)]
    assert [(t.broadcasts, t.viewers, t.unseen) for t in live.totals] == [(1, 7, 1)]


def test_asked_by_id_a_broadcast_is_live_until_it_is_due_again(db, twitch_channel):
    give_broadcast(db, "twitch", 11, 1, (-20, 1), (-15, 50), cadence_s=1200)
    give_broadcast(db, "twitch", 12, 1, (-20, 60), cadence_s=1200)
    give_broadcast(db, "twitch", 13, 1, (-5, 70), cadence_s=300)
    give_broadcast(db, "twitch", 14, 1, (0, 80), cadence_s=300)
    give_landed(db, "twitch", 0, scope="by_id")

    live = read_twitch_live(db)

    assert [(broadcast.broadcast_id, broadcast.viewers) for broadcast in live.broadcasts] == [("b14", 80), ("b11", 50)]
    assert [(t.broadcasts, t.viewers, t.unseen) for t in live.totals] == [(2, 130, 2)]


# days


@pytest.mark.parametrize(
    ("minutes_after_end", "is_waiting", "is_open", "is_provisional"),
    [
        (-1, False, True, True),
        (0, False, False, True),
        (59, False, False, True),
        (60, False, False, False),
        (600, True, False, True),
    ],
)
def test_a_day_closes_an_hour_after_its_end_unless_a_roll_up_waits(
    db, minutes_after_end, is_waiting, is_open, is_provisional
):
    ends_at = TICK.replace(hour=0) + timedelta(days=1)
    give(db, "trends.zone_day", zone="UTC", day=DAY, starts_at=ends_at - timedelta(days=1), ends_at=ends_at)
    give(db, "trends.platform_day")
    if is_waiting:
        give(db, "trends.dirty_day", platform="twitch", zone="UTC", day=DAY)

    (day,) = read_days(db, zone="UTC", now=ends_at + timedelta(minutes=minutes_after_end), limit=5)

    assert (day.is_open, day.is_provisional) == (is_open, is_provisional)


def test_only_days_with_a_rollup_are_listed_newest_first(db):
    for back in range(4):
        starts_at = TICK.replace(hour=0) - timedelta(days=back)
        day = DAY - timedelta(days=back)
        give(db, "trends.zone_day", zone="UTC", day=day, starts_at=starts_at, ends_at=starts_at + timedelta(days=1))
        if back != 1:
            give(db, "trends.platform_day", day=day)

    days = read_days(db, zone="UTC", now=TICK, limit=2)

    assert [day.day for day in days] == [DAY, DAY - timedelta(days=2)]
    assert read_days(db, zone="UTC", now=TICK, limit=2, day=DAY - timedelta(days=1)) == []


# channels


def test_the_closest_name_comes_first_and_case_does_not_matter(db):
    for key, name in enumerate(("Old Nova", "NOVA", "Novatide", "Kestrel", "ÄNOVÄ"), start=1):
        give(db, "live.channel", channel_key=key, platform="twitch", channel_id=f"c{key}", name=name)
    give(db, "live.channel", channel_key=9, platform="soop", channel_id="c9", name="별", handle="nova_soop")

    found = find_channels(db, text="nova", platforms=BOTH, limit=10)

    assert [channel.channel_name for channel in found] == ["NOVA", "Novatide", "별", "Old Nova"]
    assert [c.channel_id for c in find_channels(db, text="änovä", platforms=BOTH, limit=10)] == ["c5"]
    assert [c.channel_id for c in find_channels(db, text="c4", platforms=BOTH, limit=10)] == ["c4"]
    assert len(find_channels(db, text="nova", platforms=[Platform.SOOP], limit=10)) == 1


def read_one(db):
    asked = {"platform": Platform.TWITCH, "channel_id": "one", "zone": "UTC", "low_coverage": 0.9}
    return read_channel(db, **asked, buckets=HALF_HOUR, now=TICK)


def test_a_channel_that_was_never_seen_is_none(db):
    assert read_one(db) is None


def test_a_hole_is_a_missing_sample_amid_a_broadcast_and_not_time_off_air(db, twitch_channel):
    # live at 0 and 10 with 5 missing, off air at 15, then live again with a hidden count
    give_broadcast(db, "twitch", 11, 1, (0, 100), (10, 120))
    give_broadcast(db, "twitch", 12, 1, (20, None), (25, 7))

    portrait = read_one(db)

    assert portrait.viewers == [100, None, 120, None, None, 7]
    assert portrait.holes == [1]


def test_a_channel_live_twice_at_once_counts_both(db, twitch_channel):
    give_broadcast(db, "twitch", 11, 1, (0, 100))
    give_broadcast(db, "twitch", 12, 1, (0, 11))

    assert read_one(db).viewers[0] == 111


def test_a_broadcast_shows_the_attributes_it_was_last_seen_with(db, twitch_channel):
    give_broadcast(db, "twitch", 11, 1, (0, 100))
    for key, minutes, title in ((5, 0, "before"), (4, 5, "after")):
        at = TICK + timedelta(minutes=minutes)
        give(db, "live.broadcast_detail", detail_key=key, broadcast_key=11, observed_from=at, title=title)

    assert [broadcast.title for broadcast in read_one(db).broadcasts] == ["after"]


def test_a_broadcast_is_live_unseen_or_over_as_of_the_latest_tick_that_has_landed_wholly(db, twitch_channel):
    give_broadcast(db, "twitch", 11, 1, (0, 9), ended_at=TICK, ended_by="silence")
    give_broadcast(db, "twitch", 12, 1, (1, 9))
    give_broadcast(db, "twitch", 13, 1, (5, 9))
    give_broadcast(db, "twitch", 14, 1, (2, 9), cadence_s=1200)
    give_sweep(db, "twitch", 6)
    give_sweep(db, "twitch", 60, settled_at=None)
    give_sweep(db, "twitch", 60, outcome="failed")
    give_sweep(db, "soop", 60)

    statuses = {broadcast.broadcast_id: broadcast.status for broadcast in read_one(db).broadcasts}

    assert statuses == {"b11": "ended", "b12": "unseen", "b13": "live", "b14": "live"}


def test_odd_counts_of_a_broadcast_are_told_in_the_order_of_time(db, twitch_channel):
    give_broadcast(db, "twitch", 11, 1, (0, 100), (5, 1))
    give_broadcast(db, "twitch", 12, 1, (0, 100))
    for minutes, flag in ((5, "glitch_to_one"), (0, "stuck")):
        give(
            db,
            "live.sample_flag",
            platform="twitch",
            sampled_at=TICK + timedelta(minutes=minutes),
            broadcast_key=11,
            flag=flag,
        )

    flags = {broadcast.broadcast_id: [odd["flag"] for odd in broadcast.flags] for broadcast in read_one(db).broadcasts}

    assert flags == {"b11": ["stuck", "glitch_to_one"], "b12": []}


# platforms


def test_a_bucket_averages_its_ticks_and_a_bucket_without_one_stays_empty(db):
    give_samples(db, "twitch", 11, (0, 100), (5, 200), (10, 50))
    give_samples(db, "twitch", 12, (0, 10), (10, None))
    for minutes in (0, 5, 10):
        give_sweep(db, "twitch", minutes)

    (series,) = read_platform_series(
        db, platforms=[Platform.TWITCH], buckets=Buckets(from_at=TICK, step_s=600, count=3)
    )

    assert series.viewers == [155, 50, None]
    assert series.broadcasts == [2, 2, None]
    assert series.incomplete == []


def test_sums_of_sweeps_that_were_not_complete_are_named(db):
    give_samples(db, "twitch", 11, (0, 100), (5, 90), (10, 80))
    give_sweep(db, "twitch", 0)
    give_sweep(db, "twitch", 5, outcome="partial")

    (series,) = read_platform_series(db, platforms=[Platform.TWITCH], buckets=HALF_HOUR)

    assert series.viewers[:4] == [100, 90, 80, None]
    assert series.incomplete == [1, 2], "without a sweep record nobody knows whether all was seen"


def test_a_second_try_that_was_complete_heals_its_tick(db):
    give_samples(db, "twitch", 11, (0, 100))
    give_sweep(db, "twitch", 0, outcome="partial")
    give_sweep(db, "twitch", 0)

    (series,) = read_platform_series(db, platforms=[Platform.TWITCH], buckets=HALF_HOUR)

    assert series.incomplete == []


def test_a_complete_sweep_that_met_nobody_is_a_zero_and_not_a_hole(db):
    give_sweep(db, "twitch", 0, snapshots=0)
    give_sweep(db, "twitch", 5, snapshots=0, outcome="failed")

    (series,) = read_platform_series(db, platforms=[Platform.TWITCH], buckets=HALF_HOUR)

    assert series.viewers[:2] == [0, None]


def test_all_counts_hidden_is_no_number(db):
    give_samples(db, "twitch", 11, (0, None))
    give_sweep(db, "twitch", 0)

    (series,) = read_platform_series(db, platforms=[Platform.TWITCH], buckets=HALF_HOUR)

    assert (series.viewers[0], series.broadcasts[0]) == (None, 1)


# the state of collection


def collect(db):
    since = TICK - timedelta(hours=1)
    return read_collection(db, snapshot_topics=TOPICS, sweep_topics=SWEEP_TOPICS, from_at=since)


def test_ticks_count_by_their_best_outcome(db):
    for minutes, outcome in ((0, "failed"), (0, "complete"), (5, "failed"), (5, "partial"), (10, "failed")):
        give_sweep(db, "twitch", minutes, outcome=outcome)
    give_sweep(db, "twitch", -90)

    soop, twitch = sorted(collect(db).ticks, key=lambda ticks: ticks.platform)

    assert (twitch.complete, twitch.partial, twitch.failed) == (1, 1, 1)
    assert twitch.first_sampled_at == TICK - timedelta(minutes=90)
    assert (soop.complete, soop.first_sampled_at) == (0, None)


def test_the_last_sweep_is_told_whatever_its_outcome(db):
    give_sweep(db, "twitch", 0)
    give_sweep(db, "twitch", 5, outcome="failed")

    assert [(sweep.platform, sweep.outcome) for sweep in collect(db).sweeps] == [("twitch", "failed")]


def test_the_last_sweep_says_what_it_left_out_and_met_anew(db):
    give_sweep(db, "twitch", 0, viewer_floor=5, is_filtered=True, unknown_fields='{"is_rerun": 40}')
    give_sweep(db, "soop", 0)

    twitch, soop = sorted(collect(db).sweeps, key=lambda sweep: sweep.platform, reverse=True)

    assert (twitch.viewer_floor, twitch.is_filtered, twitch.unknown_fields) == (5, True, {"is_rerun": 40})
    assert (soop.viewer_floor, soop.is_filtered, soop.unknown_fields) == (None, False, {})


def test_spend_adds_up_by_quota_bucket(db):
    give_sweep(db, "twitch", 0, spend={"calls": 3, "search": 1})
    give_sweep(db, "twitch", 5, spend={"calls": 4})
    give_sweep(db, "twitch", -90, spend={"calls": 100})

    assert {(spend.bucket, spend.cost) for spend in collect(db).spend} == {("calls", 7), ("search", 1)}


def test_lag_is_what_landed_sweeps_tell_of_beyond_the_position(db):
    give_sweep(db, "twitch", 0, end_offset=100)
    give_sweep(db, "twitch", 5, end_offset=160)
    give(db, "ingest.position", topic="snapshots-twitch", next_offset=110)

    lags = {backlog.platform: backlog.known_lag for backlog in collect(db).backlogs}

    assert lags == {"twitch": 50, "soop": None}


def test_dead_letters_count_by_reason_until_they_are_sent_back(db):
    letters = [
        ("snapshots-soop", "no id", None, 0),
        ("sweeps-soop", "no id", None, 0),
        ("snapshots-soop", "no id", TICK, 0),
        ("snapshots-soop", "no id", None, -90),
        ("snapshots-twitch", "not JSON", None, 0),
        ("somebody-elses", "not ours", None, 0),
    ]
    for offset, (topic, reason, replayed_at, minutes) in enumerate(letters):
        found_at = TICK + timedelta(minutes=minutes)
        row = {"record_offset": offset, "reason": reason, "replayed_at": replayed_at, "found_at": found_at}
        give(db, "ingest.dead_letter", topic=topic, **row)

    counts = [(letter.platform, letter.reason, letter.letters) for letter in collect(db).dead_letters]

    assert counts == [("soop", "no id", 2), ("twitch", "not JSON", 1)]


def test_losses_add_up_over_both_topics(db):
    give(db, "ingest.loss", topic="snapshots-soop", start_offset=5, end_offset=9)
    give(db, "ingest.loss", topic="sweeps-soop", start_offset=0, end_offset=1)

    assert [(loss.platform, loss.messages) for loss in collect(db).losses] == [("soop", 5)]


def test_what_waits_to_be_rolled_up_counts_once_however_often_it_was_marked(db):
    for with_state in (True, False, True):
        give(db, "trends.dirty_hour", platform="twitch", hour=TICK, with_state=with_state)
    for zone in ("UTC", "UTC", "Asia/Seoul"):
        give(db, "trends.dirty_day", platform="twitch", zone=zone, day=DAY)

    waiting = collect(db).waiting

    assert (waiting.dirty_hours, waiting.dirty_days, waiting.last_rolled_up_at) == (1, 2, None)


# quotas


PACIFIC_DAY = BucketLimit(100, "day", "America/Los_Angeles")
TODAY = PACIFIC_DAY.find_period(TICK)
LIMITS = {
    Bucket.YOUTUBE_UNITS: PACIFIC_DAY,
    Bucket.TWITCH_POINTS: BucketLimit(800, "minute"),
    Bucket.YOUTUBE_SEARCH: PACIFIC_DAY,
    Bucket.TWITCH_TOKENS: BucketLimit(10, "minute"),
}


def give_spend(db, bucket, period, spent, closed_at=None):
    bounds = {"starts_at": period.starts_at, "resets_at": period.resets_at}
    give(db, "ingest.quota_spend", bucket=bucket, spent=spent, closed_at=closed_at, **bounds)


def read_states(db, now=TICK):
    return {state.bucket: state for state in read_buckets(db, limits=LIMITS, now=now)}


def test_buckets_stand_in_the_order_of_their_limits_also_when_nothing_is_known(db):
    states = read_buckets(db, limits=LIMITS, now=TICK)

    assert [state.bucket for state in states] == ["youtube.units", "twitch.points", "youtube.search", "twitch.tokens"]
    assert [(state.spent, state.left) for state in states] == [(0, 100), (None, None), (0, 100), (None, None)]
    assert read_buckets(db, limits={}, now=TICK) == []


def test_a_daily_bucket_tells_this_day_and_no_other(db):
    give_spend(db, "youtube.units", TODAY, 25)
    give_spend(db, "youtube.units", PACIFIC_DAY.find_period(TODAY.resets_at), 3)
    six_hours_in = TODAY.starts_at + timedelta(hours=6)

    state = read_states(db, now=six_hours_in)["youtube.units"]

    assert (state.spent, state.left, state.projected, state.resets_at) == (25, 75, 100, TODAY.resets_at)
    assert read_states(db, now=TODAY.resets_at)["youtube.units"].spent == 3


def test_a_bucket_that_the_site_closed_has_nothing_left(db):
    give_spend(db, "youtube.search", TODAY, 7, closed_at=TICK)

    state = read_states(db)["youtube.search"]

    assert (state.spent, state.left, state.projected, state.is_closed) == (7, 0, 7, True)


def test_a_minute_bucket_tells_what_the_last_sweep_drew_in_a_minute(db):
    give_sweep(db, "twitch", 0, spend={"twitch.points": 700, "twitch.tokens": 1})
    give_sweep(db, "twitch", 5, spend={"twitch.points": 50}, took_s=90)

    states = read_states(db)

    assert (states["twitch.points"].spent, states["twitch.points"].left) == (34, 766)
    assert states["twitch.points"].told_at == TICK + timedelta(minutes=5)
    assert (states["twitch.tokens"].spent, states["twitch.tokens"].left) == (0, 10)


def test_an_unstamped_store_says_so(db):
    assert read_store_stamp(db) is None
