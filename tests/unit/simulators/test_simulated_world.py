"""The world itself: pure, lively, uneven in size, and never empty."""

from __future__ import annotations

import random
import statistics
from collections import Counter

import numpy as np
import pytest
from tests.unit.simulators.callers import NOON_S, SEED

from airtide.simulators.world import Broadcast, World
from airtide.simulators.world.audience import STEP_LEAD_S, STEP_S, gather_audience
from airtide.simulators.world.channels import settle_channels
from airtide.simulators.world.raids import plan_raids
from airtide.simulators.world.randomness import Dice
from airtide.simulators.world.schedule import plan_day
from airtide.simulators.world.traits import TRAITS
from airtide.simulators.world.world import PLATFORMS

DAY_S = 86_400


@pytest.fixture(scope="module")
def full_world() -> World:
    return World(seed=11)


@pytest.fixture(scope="module")
def day(full_world: World) -> dict[str, list[Broadcast]]:
    """The broadcasts that ended within one day."""
    return {platform: full_world.ended(platform, NOON_S, NOON_S + DAY_S) for platform in PLATFORMS}


def test_answers_do_not_depend_on_what_was_asked_before() -> None:
    world, other = World(SEED, 200), World(SEED, 200)
    shuffled = random.Random(5)
    questions = [
        (platform, NOON_S + shuffled.randrange(-3 * DAY_S, 3 * DAY_S)) for platform in PLATFORMS for _ in range(6)
    ]
    answers = {question: world.live(*question) for question in questions}
    for question in shuffled.sample(questions, len(questions)):
        assert other.live(*question) == answers[question]


def test_another_seed_is_another_world() -> None:
    ids = [{live.broadcast.channel.channel_id for live in World(seed, 50).live("youtube", NOON_S)} for seed in (1, 2)]
    assert not ids[0] & ids[1]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_at_least_150_are_live_at_every_instant(full_world: World, platform: str) -> None:
    instants = random.Random(3)
    midnight_s = NOON_S - DAY_S // 2
    counts = [len(full_world.live(platform, midnight_s + instants.randrange(3 * DAY_S))) for _ in range(200)]
    assert min(counts) >= 150
    assert 190 <= statistics.mean(counts) <= 260


@pytest.mark.parametrize("platform", PLATFORMS)
def test_lengths_are_log_normal_around_195_minutes(day: dict[str, list[Broadcast]], platform: str) -> None:
    minutes = [(broadcast.ended_s - broadcast.started_s) / 60 for broadcast in day[platform]]
    assert len(minutes) > 1000
    assert statistics.median(minutes) == pytest.approx(195, rel=0.08)
    assert statistics.mean(minutes) > 1.1 * statistics.median(minutes)
    assert min(minutes) >= 20
    assert max(minutes) <= 14 * 60


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_channel_is_never_live_twice_at_once_and_ids_never_repeat(full_world: World, platform: str) -> None:
    broadcasts = full_world.ended(platform, NOON_S, NOON_S + 4 * DAY_S)
    assert len({broadcast.broadcast_id for broadcast in broadcasts}) == len(broadcasts)
    last_end: dict[str, int] = {}
    for broadcast in sorted(broadcasts, key=lambda each: each.started_s):
        assert broadcast.started_s > last_end.get(broadcast.channel.channel_id, 0)
        last_end[broadcast.channel.channel_id] = broadcast.ended_s


@pytest.mark.parametrize("platform", PLATFORMS)
def test_sizes_are_heavy_tailed_but_no_channel_outweighs_its_platform(full_world: World, platform: str) -> None:
    by_channel: Counter[str] = Counter()
    for truth in full_world.truths(platform, NOON_S * 1000, (NOON_S + DAY_S) * 1000, {}):
        by_channel[truth.broadcast.channel.channel_id] += truth.viewer_ms
    ranked = [viewer_ms for _, viewer_ms in by_channel.most_common()]
    assert ranked[0] < 0.06 * sum(ranked)
    assert sum(ranked[: len(ranked) // 10]) > 0.4 * sum(ranked)


def test_counts_change_only_where_a_step_begins(world: World) -> None:
    begin = NOON_S - STEP_LEAD_S
    first, last, next_step = (
        {live.broadcast: live.viewers for live in world.live("soop", at_s)}
        for at_s in (begin, begin + STEP_S - 1, begin + STEP_S)
    )
    assert {first[each] - last[each] for each in first.keys() & last.keys()} == {0}
    assert any(first[each] != next_step[each] for each in first.keys() & next_step.keys())


def test_counts_are_the_same_however_many_are_computed_at_once() -> None:
    dice, traits, day = Dice(SEED, "youtube"), TRAITS["youtube"], NOON_S // DAY_S
    table = settle_channels(dice, traits, 150)
    schedules = {near: plan_day(dice, traits, table, near) for near in (day - 1, day, day + 1)}
    raids = plan_raids(dice, schedules, day)
    row_by_row, at_once = (
        gather_audience(dice, traits, table, schedules[day], raids, steps_at_once=steps) for steps in (1, 10**9)
    )
    assert len(at_once.viewers) == at_once.offset[-1] > 50_000
    np.testing.assert_array_equal(row_by_row.viewers, at_once.viewers)
    np.testing.assert_array_equal(row_by_row.known, at_once.known)
    without_raids = gather_audience(dice, traits, table, schedules[day], ())
    assert (without_raids.viewers != at_once.viewers).any()


def test_a_day_without_broadcasts_has_no_counts() -> None:
    dice, traits = Dice(SEED, "soop"), TRAITS["soop"]
    table = settle_channels(dice, traits, 1)
    empty = next(
        schedule for day in range(100) if not (schedule := plan_day(dice, traits, table, NOON_S // DAY_S + day)).live[0]
    )
    audience = gather_audience(dice, traits, table, empty, ())
    assert len(audience.viewers) == len(audience.known) == len(empty.broadcasts) == 0


def test_broadcasts_begin_small_rise_for_ten_minutes_and_end_abruptly(full_world: World) -> None:
    at_start, after_rise, at_end = 0, 0, 0
    broadcasts = [
        each for each in full_world.ended("twitch", NOON_S, NOON_S + DAY_S) if each.ended_s - each.started_s > 3600
    ]
    for broadcast in broadcasts[:200]:
        found = [
            {live.broadcast: live.viewers for live in full_world.live("twitch", at_s)}.get(broadcast)
            for at_s in (broadcast.started_s, broadcast.started_s + 600, broadcast.ended_s - 1, broadcast.ended_s)
        ]
        assert found[3] is None
        at_start += found[0] or 0
        after_rise += found[1] or 0
        at_end += found[2] or 0
    assert at_start < 0.6 * after_rise
    assert at_end > 0.8 * after_rise


def test_raids_carry_viewers_over_when_a_broadcast_ends(full_world: World) -> None:
    jumps = 0
    for ended in full_world.ended("soop", NOON_S, NOON_S + 6 * 3600):
        before, after = (
            {live.broadcast: live.viewers for live in full_world.live("soop", at_s)}
            for at_s in (ended.ended_s - STEP_S, ended.ended_s + 2 * STEP_S)
        )
        jumps += any(after[each] > 1.3 * before[each] + 50 for each in before.keys() & after.keys())
    assert jumps > 10


def test_titles_and_categories_change_during_some_broadcasts(world: World) -> None:
    changed: Counter[str] = Counter()
    for broadcast in world.ended("twitch", NOON_S, NOON_S + DAY_S):
        first, last = (world.scene("twitch", broadcast, at_s) for at_s in (broadcast.started_s, broadcast.ended_s))
        changed["title"] += first.title != last.title
        changed["category"] += first.category != last.category
    assert changed["title"] > changed["category"] > 20


@pytest.mark.parametrize("platform", ["youtube", "kick"])
def test_youtube_and_kick_hide_counts_always_or_for_a_while(full_world: World, platform: str) -> None:
    told: dict[str, set[bool]] = {}
    for minute in range(0, 360, 5):
        for live in full_world.live(platform, NOON_S + minute * 60):
            if live.viewers:
                told.setdefault(live.broadcast.broadcast_id, set()).add(live.known)
    kinds = Counter(frozenset(seen) for seen in told.values())
    assert min(kinds[frozenset({False})], kinds[frozenset({True, False})]) > 5
    assert kinds[frozenset({True})] > 0.8 * len(told)


@pytest.mark.parametrize("platform", ["twitch", "soop", "chzzk"])
def test_the_other_sites_tell_every_count(full_world: World, platform: str) -> None:
    assert all(live.known for live in full_world.live(platform, NOON_S))


def test_names_hold_what_breaks_careless_escaping(full_world: World) -> None:
    names = [channel.name for platform in PLATFORMS for channel in full_world.channel_table(platform).channels]
    for hostile in ("=SUM(", "<b>", "\t", '"', "'", "\\", "\n", "🎮", "{width}"):
        assert any(hostile in name for name in names)
