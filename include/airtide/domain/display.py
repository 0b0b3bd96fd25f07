"""How exact numbers are shown; nothing that is kept, compared or ranked is ever rounded."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor


def round_amount(amount: Fraction, *, decimals: int = 0) -> Decimal:
    """Return an amount, such as hours watched or an average, to the nearest unit, halves upwards."""
    return Decimal(floor(amount * 10**decimals + Fraction(1, 2))).scaleb(-decimals)


def round_share(share: Fraction, *, decimals: int = 1) -> Decimal:
    """Return a share in percent, cut downwards: 100 % is shown only where nothing is missing."""
    return Decimal(floor(share * 100 * 10**decimals)).scaleb(-decimals)
