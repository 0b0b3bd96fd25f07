"""CHZZK's open API: an envelope around everything, and lists in the order of viewers behind cursors that go stale."""

from airtide.simulators.chzzk.site import ChzzkSimulator

__all__ = ["ChzzkSimulator"]
