"""Twitch's Helix API: app tokens, points, and lists in the order of viewers behind an opaque cursor."""

from airtide.simulators.twitch.site import TwitchSimulator

__all__ = ["TwitchSimulator"]
