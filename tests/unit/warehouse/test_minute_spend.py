from __future__ import annotations

from datetime import timedelta

import pytest

from airtide.warehouse.queries.quotas import tell_minute


@pytest.mark.parametrize(
    ("cost", "took_s", "of_a_minute"),
    [(0, 10, 0), (85, 4, 85), (85, 60, 85), (85, 120, 43), (1, 240, 1), (85, 0, 85), (85, -3, 85)],
    ids=["nothing", "short", "a minute", "two minutes", "rounded up", "at once", "a clock that was set back"],
)
def test_a_sweep_draws_its_share_in_each_of_its_minutes(cost, took_s, of_a_minute):
    assert tell_minute(cost, timedelta(seconds=took_s)) == of_a_minute
