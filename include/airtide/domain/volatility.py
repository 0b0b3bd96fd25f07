"""How restless a broadcast's count is: what decides how often it is worth asking for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

PRIOR_SHARE = 0.03
"""Until two counts are known a broadcast is taken to move by this share of its viewers a square root of a minute."""

RISE = 0.7
"""Weight of a new value that is above the one held: a raid is answered at once."""

FALL = 0.15
"""Weight of a new value below it: one calm stretch does not make a broadcast calm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """What is known of one broadcast's count."""

    volatility: float = 0.0
    """Viewers a square root of a minute: what a random walk of this unrest moves by, 0 while no count is known."""
    viewers: int | None = None
    """The last count that was told."""
    counted_at: datetime | None = None
    """When it was taken."""


UNSEEN = Motion()
"""Of a broadcast without a known count."""


def follow(motion: Motion, viewers: int | None, at: datetime) -> Motion:
    """Return `motion` after a sample; a hidden count, or one that is not newer, leaves it as it is."""
    if viewers is None:
        return motion
    if motion.viewers is None or motion.counted_at is None:
        return Motion(volatility=PRIOR_SHARE * viewers, viewers=viewers, counted_at=at)
    minutes = (at - motion.counted_at).total_seconds() / 60
    if minutes <= 0:
        return motion
    seen = abs(viewers - motion.viewers) / minutes**0.5
    weight = RISE if seen > motion.volatility else FALL
    moved = motion.volatility + weight * (seen - motion.volatility)
    return replace(motion, volatility=moved, viewers=viewers, counted_at=at)
