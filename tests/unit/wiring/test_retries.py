from __future__ import annotations

from datetime import timedelta

import pytest
from airflow.sdk import RetryAction

from airtide.domain.errors import CredentialsRejected, PartUnreachable, QuotaSpent, RateLimited, TickRefused
from airtide.wiring.retries import RetryByError

POLICY = RetryByError()


@pytest.mark.parametrize(
    "error",
    [CredentialsRejected("mend it"), QuotaSpent("spent", bucket="youtube.units"), TickRefused("too late")],
    ids=lambda error: type(error).__name__,
)
def test_what_a_retry_cannot_mend_fails_at_once_with_its_own_words(error):
    decision = POLICY.evaluate(error, 1, 4)
    assert (decision.action, decision.reason) == (RetryAction.FAIL, str(error))


def test_a_rate_limit_waits_as_long_as_it_was_told():
    decision = POLICY.evaluate(RateLimited("slow down", retry_after_s=42), 1, 4)
    assert (decision.action, decision.retry_delay) == (RetryAction.RETRY, timedelta(seconds=42))


@pytest.mark.parametrize("error", [PartUnreachable("kafka"), RateLimited("no time told")], ids=["down", "limited"])
def test_what_may_pass_is_retried_after_the_tasks_own_delay(error):
    decision = POLICY.evaluate(error, 1, 4)
    assert (decision.action, decision.retry_delay) == (RetryAction.RETRY, None)


def test_an_unknown_error_is_left_to_the_tasks_own_rules():
    assert POLICY.evaluate(KeyError("x"), 1, 4).action is RetryAction.DEFAULT


def test_the_policy_survives_serialization():
    assert isinstance(RetryByError.deserialize(POLICY.serialize()), RetryByError)
