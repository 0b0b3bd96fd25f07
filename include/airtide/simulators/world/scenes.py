"""What a broadcast shows at an instant: its title and category change from act to act."""

from __future__ import annotations

from typing import Final, NamedTuple

from airtide.simulators.world.channels import Channel
from airtide.simulators.world.names import write_title
from airtide.simulators.world.randomness import Dice
from airtide.simulators.world.schedule import Broadcast
from airtide.simulators.world.traits import Category, Traits

UNCATEGORISED: Final = Category("", "")

_LOYALTY: Final = 0.7
"""How often an act keeps to the channel's own category."""


class Scene(NamedTuple):
    """Title and category of one act; the title may be empty, the category may be UNCATEGORISED."""

    title: str
    category: Category


def find_act(broadcast: Broadcast, at_s: int) -> int:
    """Say which act is on at an instant, from 0; before the start and after the end, the first and the last one."""
    at_s = min(max(at_s, broadcast.started_s), broadcast.ended_s - 1)
    return (at_s - broadcast.started_s) // broadcast.act_s


def describe_act(dice: Dice, traits: Traits, channel: Channel, day: int, act: int) -> Scene:
    """Describe one act of the broadcast that a channel started on a day."""
    category = _choose_category(traits, channel, dice.roll("act category", channel.index, day, act))
    untitled = dice.roll("untitled", channel.index, day) < traits.untitled_share
    title = "" if untitled else write_title(dice, channel.language, category.name, channel.index, day, act)
    return Scene(title, category)


def _choose_category(traits: Traits, channel: Channel, chance: float) -> Category:
    if chance < traits.uncategorised_share:
        return UNCATEGORISED
    if chance < _LOYALTY:
        return channel.category
    return traits.categories[int(chance * 10_000) % len(traits.categories)]
