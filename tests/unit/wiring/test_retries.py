from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from airflow.sdk import RetryAction

from airtide.domain.errors import (
    ContractChanged,
    CredentialsRejected,
    MisconfiguredError,
    PartUnreachable,
    QuotaSpent,
    RateLimited,
    TickRefused,
)
from airtide.wiring.retries import FIRST_DELAY, JITTER, MAX_DELAY, ROOM_BEFORE_TICK, RetryByError

POLICY = RetryByError()
TICK = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def poll_policy(*, now: datetime = TICK, cadence_s: int = 300, draw: float = 0.0) -> RetryByError:
    """Return the policy of a poll at `now`, whose jitter is drawn as told."""
    return RetryByError(cadence_s, draw=lambda: draw, now=lambda: now)


def run_at(run_after: datetime) -> dict[str, object]:
    """Return what Airflow tells of a run."""
    return {"dag_run": SimpleNamespace(run_after=run_after)}


@pytest.mark.parametrize(
    "error",
    [
        CredentialsRejected("mend it"),
        QuotaSpent("spent", bucket="youtube.units", resets_at=TICK),
        ContractChanged("`data` is missing"),
        TickRefused("too late"),
        MisconfiguredError("no key"),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("policy", [POLICY, poll_policy()], ids=["derive", "observe"])
def test_what_a_retry_cannot_mend_fails_at_once_with_its_own_words(policy, error):
    decision = policy.evaluate(error, 1, 4, run_at(TICK))
    assert (decision.action, decision.reason) == (RetryAction.FAIL, str(error))


@pytest.mark.parametrize(("draw", "extra_s"), [(0.0, 0.0), (0.5, 5.0), (1.0, 10.0)])
def test_a_rate_limit_waits_as_long_as_it_was_told_and_a_little_longer_but_never_shorter(draw, extra_s):
    decision = poll_policy(draw=draw).evaluate(RateLimited("slow down", retry_after_s=42), 1, 4, run_at(TICK))
    assert (decision.action, decision.retry_delay) == (RetryAction.RETRY, timedelta(seconds=42 + extra_s))


def test_a_short_wait_is_lengthened_by_a_share_of_itself():
    decision = poll_policy(draw=1.0).evaluate(RateLimited("slow down", retry_after_s=2), 1, 4, run_at(TICK))
    assert decision.retry_delay == timedelta(seconds=2 + 2 * JITTER)


@pytest.mark.parametrize("error", [PartUnreachable("kafka"), RateLimited("no time told")], ids=["down", "limited"])
@pytest.mark.parametrize(("try_number", "delay_s"), [(1, 20), (2, 40), (3, 80), (5, 300), (4000, 300)])
def test_what_may_pass_is_retried_after_twice_as_long_each_time_up_to_a_bound(error, try_number, delay_s):
    decision = RetryByError(draw=lambda: 0.5).evaluate(error, try_number, 4)
    assert (decision.action, decision.reason) == (RetryAction.RETRY, str(error))
    assert decision.retry_delay == timedelta(seconds=delay_s)


def test_own_waits_differ_within_their_bounds():
    delays = {POLICY.evaluate(PartUnreachable("kafka"), 1, 4).retry_delay for _ in range(200)}
    assert len(delays) > 100
    assert min(delays) >= FIRST_DELAY * (1 - JITTER)
    assert max(delays) <= FIRST_DELAY * (1 + JITTER)


@pytest.mark.parametrize("told_s", [301, 86_400, 1e12])
def test_a_wait_that_is_too_long_to_lie_in_fails_with_its_length(told_s):
    error = RateLimited("twitch: slow down", retry_after_s=told_s)
    decision = POLICY.evaluate(error, 1, 4, run_at(TICK))
    assert decision.action is RetryAction.FAIL
    assert decision.reason == f"no retry, a wait of {told_s:.0f} s is left to the next run: twitch: slow down"


@pytest.mark.parametrize(
    ("now_s", "wait_s", "retries"), [(100, 185, True), (100, 186, False), (285, 0, True), (286, 0, False)]
)
def test_no_retry_of_a_poll_reaches_into_the_next_tick(now_s, wait_s, retries):
    policy = poll_policy(now=TICK + timedelta(seconds=now_s))
    assert timedelta(seconds=300) - ROOM_BEFORE_TICK == timedelta(seconds=285)
    decision = policy.evaluate(RateLimited("twitch: slow down", retry_after_s=wait_s), 1, 4, run_at(TICK))
    assert (decision.action is RetryAction.RETRY) == retries
    if not retries:
        assert decision.reason == f"no retry, a wait of {wait_s} s would reach into the next tick: twitch: slow down"


def test_a_manual_run_between_two_ticks_ends_before_the_next_one():
    policy = poll_policy(now=TICK + timedelta(seconds=250))
    decision = policy.evaluate(RateLimited("x", retry_after_s=60), 1, 4, run_at(TICK + timedelta(seconds=240)))
    assert decision.action is RetryAction.FAIL


def test_a_jitter_that_would_reach_into_the_next_tick_counts_too():
    error = RateLimited("x", retry_after_s=180)
    now = TICK + timedelta(seconds=100)
    assert poll_policy(now=now, draw=0.0).evaluate(error, 1, 4, run_at(TICK)).action is RetryAction.RETRY
    assert poll_policy(now=now, draw=1.0).evaluate(error, 1, 4, run_at(TICK)).action is RetryAction.FAIL


def test_a_derivation_may_be_retried_whenever_it_likes():
    decision = RetryByError(now=lambda: TICK + timedelta(days=2)).evaluate(PartUnreachable("x"), 3, 4, run_at(TICK))
    assert decision.action is RetryAction.RETRY
    assert decision.retry_delay <= MAX_DELAY


def test_an_unknown_error_is_left_to_the_tasks_own_rules():
    assert POLICY.evaluate(KeyError("x"), 1, 4).action is RetryAction.DEFAULT


@pytest.mark.parametrize("cadence_s", [None, 60])
def test_the_policy_survives_serialization(cadence_s):
    again = RetryByError.deserialize(RetryByError(cadence_s).serialize())
    assert isinstance(again, RetryByError)
    assert again.serialize() == {"__type": "RetryByError", "cadence_s": cadence_s}
