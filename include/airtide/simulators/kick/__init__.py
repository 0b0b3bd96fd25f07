"""Kick's public API: app tokens, and the live list by start, oldest first, behind an opaque cursor."""

from airtide.simulators.kick.site import KickSimulator

__all__ = ["KickSimulator"]
