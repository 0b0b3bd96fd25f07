"""A seeded world of channels and broadcasts: everything in it is a pure function of (seed, time).

Nothing here knows the sites' wire formats, the web or the clock.
"""

from airtide.simulators.world.schedule import Broadcast
from airtide.simulators.world.world import Live, World

__all__ = ["Broadcast", "Live", "World"]
