"""Whom a tick asks for, and what it promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from airtide.domain.candidates import Candidate
from airtide.domain.pacing import FIRST_PROMISE_S, IDS_PER_CALL, Budget, Round, plan_round, rotate, round_by_turns
from airtide.domain.volatility import Motion

TICK = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CADENCE_S = 300
PLENTY = Budget(units_left=10_000, ticks_left=288, max_calls=100)


def make_known(
    name: str, *, asked: float = 5, promised: float = 5, volatility: float = 1, **changes: object
) -> Candidate:
    """Return a live broadcast, asked for and promised so many minutes ago and for."""
    asked_at = TICK - timedelta(minutes=asked)
    values = {
        "asked_at": asked_at,
        "seen_at": asked_at,
        "due_at": asked_at + timedelta(minutes=promised),
        "motion": Motion(volatility=volatility, viewers=100, counted_at=asked_at),
        **changes,
    }
    return Candidate(broadcast_id=name, **values)  # type: ignore[arg-type]


def make_many(count: int, **changes: float) -> list[Candidate]:
    return [make_known(f"v{number:05}", **changes) for number in range(count)]


def move(one: Candidate, span: timedelta) -> Candidate:
    """Return the same broadcast later."""
    return replace(one, due_at=one.due_at + span, asked_at=None if one.asked_at is None else one.asked_at + span)


def plan(candidates: list[Candidate], budget: Budget = PLENTY) -> Round:
    return plan_round(candidates, budget, tick=TICK, cadence_s=CADENCE_S)


def test_nobody_known_is_nothing_to_ask() -> None:
    assert plan([]) == Round()


def test_without_a_unit_nobody_is_asked_for_and_those_due_are_late() -> None:
    planned = plan(make_many(60), Budget(units_left=0, ticks_left=1, max_calls=100))
    assert (planned.promises, planned.late, planned.is_short) == ({}, 60, True)


def test_with_units_to_spare_everybody_is_asked_for_at_every_tick() -> None:
    planned = plan([*make_many(70), make_known("later", asked=5, promised=30)])
    assert set(planned.promises.values()) == {CADENCE_S}
    assert len(planned.promises) == 71


def test_a_sweep_makes_no_more_calls_than_it_has_time_for() -> None:
    assert (
        len(plan(make_many(200), Budget(units_left=10_000, ticks_left=288, max_calls=2)).promises) == 2 * IDS_PER_CALL
    )


def test_what_is_new_comes_first_and_is_seen_again_soon() -> None:
    new = Candidate(broadcast_id="new", due_at=TICK, seen_at=TICK)
    planned = plan([*make_many(60, asked=30, promised=30), new], Budget(units_left=288, ticks_left=288, max_calls=100))
    assert next(iter(planned.promises)) == "new"
    assert planned.promises["new"] == FIRST_PROMISE_S


def test_what_was_found_after_the_tick_waits_for_the_next() -> None:
    new = Candidate(broadcast_id="new", due_at=TICK + timedelta(seconds=7), seen_at=TICK)
    assert plan([new]) == Round()


def test_those_overdue_longest_are_asked_for_first() -> None:
    known = [*make_many(60, asked=20, promised=15), make_known("oldest", asked=30, promised=10)]
    planned = plan(known, Budget(units_left=1, ticks_left=1, max_calls=1))
    assert next(iter(planned.promises)) == "oldest"
    assert (len(planned.promises), planned.late) == (50, 11)


def test_a_call_is_filled_up_with_those_due_next() -> None:
    due = make_many(7)
    soon = [make_known(f"soon{number:02}", promised=10) for number in range(43)]
    late = [make_known(f"late{number:02}", promised=25) for number in range(43)]
    planned = plan([*due, *late, *soon], Budget(units_left=96, ticks_left=96, max_calls=100))
    assert set(planned.promises) == {one.broadcast_id for one in [*due, *soon]}


def test_what_is_not_live_is_asked_for_when_due_and_fills_no_call() -> None:
    resting = make_known("resting", asked=10, promised=15, is_resting=True)
    due = make_known("due", asked=15, promised=15, is_resting=True)
    assert list(plan([resting, due]).promises) == ["due"]


def test_the_restless_are_asked_for_more_often_than_the_calm() -> None:
    calm = [make_known(f"calm{number:03}", asked=30, promised=20) for number in range(450)]
    restless = [make_known(f"restless{number}", volatility=1000) for number in range(10)]
    planned = plan([*calm, *restless], Budget(units_left=2 * 288, ticks_left=288, max_calls=100))
    assert {planned.promises.get(one.broadcast_id, 300) for one in restless} == {300}
    assert max(planned.promises.values()) >= 1200


def test_with_nothing_known_of_anybody_all_are_promised_alike() -> None:
    known = make_many(300, asked=15, promised=15, volatility=0)
    planned = plan(known, Budget(units_left=2 * 288, ticks_left=288, max_calls=100))
    assert {600, 900, 1200} >= set(planned.promises.values())


def test_where_half_an_hour_for_everybody_is_too_much_it_is_said_and_all_wait_alike() -> None:
    known = make_many(5_000, asked=45, promised=30)
    planned = plan(known, Budget(units_left=10 * 288, ticks_left=288, max_calls=100))
    assert planned.is_short
    assert len(planned.promises) in (500, 550)
    assert planned.late == 5_000 - len(planned.promises)
    assert set(planned.promises.values()) == {1800}


def test_a_few_more_calls_than_its_share_keep_promises_that_fall_together() -> None:
    known = [*make_many(80), *(make_known(f"w{number:03}", promised=30) for number in range(200))]
    planned = plan(known, Budget(units_left=288, ticks_left=288, max_calls=100))
    assert (planned.late, planned.is_short) == (0, False)
    assert len(planned.promises) == 2 * IDS_PER_CALL


def test_a_few_that_are_late_wait_for_the_next_planned_call_unless_half_an_hour_is_over() -> None:
    # a call in ten ticks, and this tick is one of the nine
    budget = Budget(units_left=28, ticks_left=280, max_calls=100)
    numbers = range(int(TICK.timestamp()) // CADENCE_S, int(TICK.timestamp()))
    number = next(one for one in numbers if round_by_turns(budget.calls_per_tick, one) == 0)
    later = timedelta(seconds=number * CADENCE_S) - (TICK - datetime.fromtimestamp(0, UTC))
    others = [make_known(f"w{number:03}", promised=30) for number in range(20)]
    for name, asked, is_asked in (("late", 20, False), ("silent", 30, True)):
        known = [move(one, later) for one in [make_known(name, asked=asked, promised=15), *others]]
        planned = plan_round(known, budget, tick=TICK + later, cadence_s=CADENCE_S)
        assert (name in planned.promises, planned.late) == (is_asked, 1 - is_asked)


def test_the_reserve_is_left_alone() -> None:
    budget = Budget(units_left=1000, ticks_left=10, max_calls=1000, reserve_share=0.5)
    assert budget.calls_per_tick == 50


@pytest.mark.parametrize("rate", [0.0, 0.3, 0.9375, 2.7, 34.7])
def test_turns_add_up_to_their_rate_all_along(rate: float) -> None:
    for turns in (20, 96, 288):
        assert sum(round_by_turns(rate, 5_000 + turn) for turn in range(turns)) == pytest.approx(rate * turns, abs=1.5)


@pytest.mark.parametrize("reached", [1, 3, 10, 40])
@pytest.mark.parametrize("first", [0, 7, 1_955_700])
def test_turns_that_reach_only_some_reach_all_of_them_soon(reached: int, first: int) -> None:
    names = [str(number) for number in range(100)]
    turns = range(first, first + 3 * 100 // reached)
    assert {one for turn in turns for one in rotate(names, turn)[:reached]} == set(names)
    assert sorted(rotate(names, first), key=int) == names
    assert rotate([], first) == []
