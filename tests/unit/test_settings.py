from __future__ import annotations

from datetime import timedelta

import pytest

from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform
from airtide.settings import load_settings


def test_the_environment_wins_over_the_file(monkeypatch):
    monkeypatch.setenv("AIRTIDE__PLATFORMS__TWITCH__CADENCE_S", "60")
    settings = load_settings()
    assert settings.platform(Platform.TWITCH).cadence_s == 60
    assert settings.platform(Platform.TWITCH).policy.raw_age == timedelta(days=1)


@pytest.mark.parametrize(
    ("variable", "value", "path"),
    [
        ("AIRTIDE__PLATFORMS__TWITCH__CADENCE_S", "0", "platforms.twitch.cadence_s"),
        ("AIRTIDE__PLATFORMS__TWITCH__CADENC", "60", "platforms.twitch.cadenc"),
        ("AIRTIDE__MODE", "pretend", "mode"),
        ("AIRTIDE__KAFKA__SNAPSHOT_PARTITIONS", "many", "kafka.snapshot_partitions"),
    ],
    ids=["out of range", "unknown key", "unknown value", "wrong type"],
)
def test_a_wrong_setting_is_refused_with_its_path(monkeypatch, variable, value, path):
    monkeypatch.setenv(variable, value)
    with pytest.raises(MisconfiguredError, match=path):
        load_settings()


def test_a_site_without_a_branch_is_named():
    with pytest.raises(MisconfiguredError, match=r"platforms\.kick: known are youtube, twitch, soop"):
        load_settings().platform(Platform.KICK)
