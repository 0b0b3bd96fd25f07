"""The truth is the plain sum of the counts, whatever the period and the grain."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from tests.unit.simulators.callers import NOON_S, Caller

from airtide.simulators.world import World
from airtide.simulators.world.measure import Truth
from airtide.simulators.world.world import PLATFORMS

MIDNIGHT_S = NOON_S + 12 * 3600
FROM_S, TO_S = MIDNIGHT_S - 1_511, MIDNIGHT_S + 2_003
"""Across midnight, and in the middle of steps at both ends."""


@pytest.mark.parametrize("platform", PLATFORMS)
def test_it_equals_the_counts_added_up_second_by_second(platform: str) -> None:
    world = World(seed=3, channels=120)
    seconds: dict[str, list[tuple[int, int | None]]] = defaultdict(list)
    for at_s in range(FROM_S, TO_S):
        for live in world.live(platform, at_s):
            seconds[live.broadcast.broadcast_id].append((at_s, live.viewers if live.known else None))
    truths = {truth.broadcast.broadcast_id: truth for truth in world.truths(platform, FROM_S * 1000, TO_S * 1000, {})}
    assert truths.keys() == seconds.keys()
    for broadcast_id, counts in seconds.items():
        known = [(viewers, -at_s) for at_s, viewers in counts if viewers is not None]
        peak, minus_peak_at = max(known, default=(None, None))
        assert truths[broadcast_id][1:] == (
            1000 * len(counts),
            1000 * len(known),
            1000 * sum(viewers for viewers, _ in known),
            peak,
            None if minus_peak_at is None else -1000 * minus_peak_at,
        )


def test_a_period_cut_anywhere_adds_up(world: World) -> None:
    def measure(from_ms: int, to_ms: int) -> dict[str, Truth]:
        return {truth.broadcast.broadcast_id: truth for truth in world.truths("youtube", from_ms, to_ms, {})}

    begin, cut, end = NOON_S * 1000, NOON_S * 1000 + 1_234_567, (NOON_S + 7200) * 1000
    whole, left, right = measure(begin, end), measure(begin, cut), measure(cut, end)
    assert left.keys() | right.keys() == whole.keys()
    for broadcast_id, truth in whole.items():
        parts = [part[broadcast_id] for part in (left, right) if broadcast_id in part]
        assert truth.viewer_ms == sum(part.viewer_ms for part in parts)
        assert (truth.live_ms, truth.known_ms) == tuple(sum(part[at] for part in parts) for at in (1, 2))


def ask(caller: Caller, **query: Any) -> list[dict[str, Any]]:
    period = {"from": "2026-11-20T10:00:00Z", "to": "2026-11-20T14:00:00Z"}
    rows: list[dict[str, Any]] = caller.get("/truth", **(period | query)).json()["rows"]
    return rows


def test_broadcasts_come_with_their_own_bounds(caller: Caller, world: World) -> None:
    rows = {row["broadcast_id"]: row for row in ask(caller, platform="soop")}
    for live in world.live("soop", NOON_S):
        row = rows[live.broadcast.broadcast_id]
        assert (row["started_at_ms"], row["ended_at_ms"]) == (
            live.broadcast.started_s * 1000,
            live.broadcast.ended_s * 1000,
        )
        assert all(isinstance(row[name], int) for name in ("live_ms", "known_ms", "viewer_ms", "peak_viewers"))


def test_channels_are_the_sums_of_their_broadcasts(caller: Caller) -> None:
    broadcasts, channels = ask(caller), ask(caller, grain="channel")
    assert {row["platform"] for row in channels} == set(PLATFORMS)
    for name in ("live_ms", "known_ms", "viewer_ms"):
        assert sum(row[name] for row in broadcasts) == sum(row[name] for row in channels)
    one = channels[0]
    own = ask(caller, channel_id=one["channel_id"])
    assert one["broadcasts"] == len(own)
    assert one["peak_viewers"] == max(row["peak_viewers"] for row in own)


def test_a_later_begin_of_single_broadcasts_cuts_only_those(caller: Caller) -> None:
    plain = {row["broadcast_id"]: row for row in ask(caller, platform="youtube")}
    late, other = [row["broadcast_id"] for row in plain.values() if row["live_ms"] == 4 * 3_600_000][:2]
    period = {"from": "2026-11-20T10:00:00Z", "to": "2026-11-20T14:00:00Z"}
    query = period | {"platform": "youtube", "since": {late: "2026-11-20T11:00:00Z"}}
    rows = {row["broadcast_id"]: row for row in caller.post("/truth", json=query).json()["rows"]}
    assert rows[late]["live_ms"] == 3 * 3_600_000
    assert rows[late]["viewer_ms"] < plain[late]["viewer_ms"]
    assert rows[other] == plain[other]


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ({"from": "2026-11-20T10:00:00Z"}, "missing required field `to`"),
        ({"from": "today", "to": "2026-11-20T10:00:00Z"}, "not an instant in UTC"),
        ({"from": "2026-11-20T10:00:00Z", "to": "2026-11-20T10:00:00Z"}, "end after it begins"),
        ({"from": "2026-01-01T00:00:00Z", "to": "2026-11-20T10:00:00Z"}, "31 days"),
        (
            {"from": "2026-11-20T10:00:00Z", "to": "2026-11-20T11:00:00Z", "platform": "vine"},
            "youtube, twitch, soop, chzzk, kick",
        ),
        ({"from": "2026-11-20T10:00:00Z", "to": "2026-11-20T11:00:00Z", "grain": "hour"}, "grain"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(caller: Caller, query: dict[str, str], complaint: str) -> None:
    answer = caller.get("/truth", **query)
    assert answer.status_code == 400
    assert complaint in answer.json()["error"]


def test_a_body_that_is_no_json_is_refused(caller: Caller) -> None:
    assert caller.post("/truth", content=b"{").status_code == 400
    assert caller.post("/truth", content=b"[]").status_code == 400
