"""What is prepared follows from settings alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from airtide.local.prepare import platform_policy
from airtide.settings import POLLED_PLATFORMS, load_settings

REAL = load_settings()
SIMULATED = REAL.model_copy(update={"mode": "simulated"})


@pytest.mark.parametrize("platform", POLLED_PLATFORMS)
def test_simulated_data_is_kept_thirty_days_whatever_the_sites_terms_say(platform):
    policy = platform_policy(platform, SIMULATED)
    assert {policy.raw_age, policy.text_age, policy.statistics_age, policy.picture_age} == {timedelta(days=30)}
    assert policy.in_combined_rank


@pytest.mark.parametrize("platform", POLLED_PLATFORMS)
def test_real_data_is_kept_as_its_site_allows(platform):
    assert platform_policy(platform, REAL).raw_age == REAL.platform(platform).policy.raw_age
