"""YouTube's Data API v3, as far as live broadcasts need it."""

from airtide.simulators.youtube.site import build_youtube

__all__ = ["build_youtube"]
