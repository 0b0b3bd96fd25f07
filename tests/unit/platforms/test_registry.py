"""Which client speaks to which site."""

from __future__ import annotations

import pytest
from tests.unit.platforms.sites import Limits, make_access, make_clock

from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform, Scope
from airtide.platforms.quota import Quota
from airtide.platforms.registry import SITES, build_discovery, build_source


def test_a_site_without_a_client_is_named_with_those_that_have_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(SITES, Platform.KICK)
    with pytest.raises(MisconfiguredError, match="no client for kick: known are youtube, twitch, soop, chzzk"):
        build_source(Platform.KICK, make_access(), Limits(), make_clock(), Quota())


@pytest.mark.parametrize("platform", SITES)
def test_each_site_is_spoken_to_by_its_own_client(platform: Platform) -> None:
    source = build_source(platform, make_access(), Limits(cadence_s=60), make_clock(), Quota())
    assert (source.platform, source.cadence_s) == (platform, 60)
    assert (source.id_capacity > 0) == (source.scope is Scope.BY_ID)


def test_discovery_is_for_the_site_without_a_listing() -> None:
    finders = build_discovery(make_access(), Limits(), make_clock(), Quota())
    assert [finder.platform for finder in finders] == 2 * [Platform.YOUTUBE]


def test_access_does_not_show_its_key() -> None:
    assert "canary-secret" not in repr(make_access())
