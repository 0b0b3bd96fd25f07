"""Landings broken at every fault point, by the task's own function in processes of its own: the short set.

`make chaos` plays the whole matrix.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.chaos.cases import Case, FaultKind, choose_short
from tests.chaos.matrix import play
from tests.chaos.parts import LandingParts, landing_parts

from airtide.domain.models import Platform

pytestmark = pytest.mark.turn(5)


@pytest.fixture
def parts(kafka, warehouse, lake) -> Iterator[LandingParts]:
    with landing_parts(Platform.CHZZK, kafka, warehouse, lake) as made:
        yield made


@pytest.mark.parametrize("case", choose_short(), ids=str)
def test_after_whatever_breaks_a_landing_everything_is_landed_once(parts: LandingParts, case: Case) -> None:
    played = play(case, parts)
    assert played.whole, played.verdict
    assert played.kills == (2 if case.kind is FaultKind.KILL else 0), played
