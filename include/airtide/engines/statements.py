"""The statements that recompute a day, in the order in which one builds on another.

Each is one SELECT over what is told of the day (snapshot, bound, zone_day) and the results of those before it.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

SHARE_STEPS = ("sample", "broadcast", "cell", "broadcast_day", "category_part", "change", "sampled")
"""These look at one broadcast at a time, or only add up: they can be run for some broadcasts after others."""
KEPT_STEPS = ("broadcast_day", "category_part", "change", "sampled")
"""Of those, the ones whose rows are put together; the others serve their share alone."""
DAY_STEPS = ("channel_day", "language_day", "tick", "step", "category_day", "concurrent", "platform_day")
"""These look at all broadcasts."""


@cache
def read_step(name: str) -> str:
    """Return the text of a step."""
    return files("airtide.engines").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
