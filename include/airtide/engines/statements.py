"""The statements that recompute a day, in the order in which one builds on another."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

STEPS = (
    "sample",
    "broadcast",
    "cell",
    "broadcast_day",
    "channel_day",
    "tick",
    "step",
    "concurrent",
    "platform_day",
)
"""Each is one SELECT, over what is told of the day (snapshot, bound, zone_day) and the results of those before it."""

LAST_USES = {
    "broadcast": ("snapshot", "bound"),
    "cell": ("sample",),
    "broadcast_day": ("broadcast",),
    "step": ("cell",),
    "concurrent": ("tick", "step"),
}
"""What no later step reads, by the step that reads it last."""


@cache
def read_step(name: str) -> str:
    """Return the text of a step."""
    return files("airtide.engines").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
