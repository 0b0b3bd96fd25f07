from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from airtide.domain.models import Platform
from airtide.local.prepare import calendar_days, choose_policy
from airtide.settings import POLLED_PLATFORMS, load_settings


def test_simulated_data_of_every_kind_is_kept_for_thirty_days() -> None:
    for platform in POLLED_PLATFORMS:
        policy = choose_policy(load_settings().platform(platform).policy, "simulated")
        ages = {policy.raw_age, policy.text_age, policy.statistics_age, policy.picture_age}
        assert ages == {timedelta(days=30)}


def test_real_data_is_kept_as_its_site_allows() -> None:
    policy = load_settings().platform(Platform.TWITCH).policy
    assert choose_policy(policy, "real") == policy


def test_the_calendar_reaches_from_the_last_year_into_the_next_month() -> None:
    assert calendar_days(datetime(2026, 3, 1, 12, tzinfo=UTC)) == (date(2025, 1, 25), date(2026, 4, 10))
