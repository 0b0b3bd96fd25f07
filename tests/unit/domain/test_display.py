"""How exact numbers are shown."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from airtide.domain.display import round_amount, round_share


@pytest.mark.parametrize(
    ("amount", "shown"), [(Fraction(5, 2), "3"), (Fraction(249, 100), "2"), (Fraction(0), "0"), (Fraction(7, 2), "4")]
)
def test_an_amount_is_shown_to_the_nearest_unit_halves_upwards(amount: Fraction, shown: str) -> None:
    assert round_amount(amount) == Decimal(shown)


def test_an_amount_is_shown_with_the_decimals_asked_for() -> None:
    assert str(round_amount(Fraction(4, 3), decimals=2)) == "1.33"


def test_a_share_short_of_the_whole_is_never_shown_as_the_whole() -> None:
    assert str(round_share(Fraction(9_999_999, 10_000_000))) == "99.9"
    assert str(round_share(Fraction(1))) == "100.0"
