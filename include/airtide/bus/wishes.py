"""The snapshots topics as what asks for pictures, read by the members of one group."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from airtide.bus.gathering import Gathering
from airtide.bus.link import BrokerLink, Deadline
from airtide.bus.membership import GroupMember
from airtide.bus.topics import CAPTURE_GROUP, snapshots_topic
from airtide.domain.models import Platform
from airtide.domain.pictures import PictureWish

_LONGEST_READ_S = 60
"""After so long a batch is closed, however much more waits: its pictures grow stale."""


class KafkaWishBatch:
    """Messages of the partitions that the member owned when it read them."""

    def __init__(self, member: GroupMember, gathering: Gathering) -> None:
        self.wishes: Sequence[PictureWish] = gathering.wishes()
        self.messages = gathering.messages
        self.is_caught_up = member.is_at_end
        self._member = member
        self._places = gathering.places
        self._waiting = {wish.broadcast_key for wish in self.wishes}
        self._committed = {place: read.start for place, read in self._places.items()}

    def commit(self, done: Collection[int]) -> bool:
        """Commit, of every partition, what lies before the first message that is not done."""
        self._member.serve()
        if not self._is_owned():
            self._give_back()
            return False
        self._waiting.difference_update(done)
        reached = {place: read.find_done(self._waiting) for place, read in self._places.items()}
        moved = {place: offset for place, offset in reached.items() if offset > self._committed[place]}
        if moved and not self._member.commit(moved):
            self._give_back()
            return False
        self._committed |= moved
        return True

    def leave(self) -> None:
        """Read no further what is not done."""
        for place, read in self._places.items():
            if self._committed[place] < read.end:
                self._member.set_aside(place)
        self._places = {}

    def _is_owned(self) -> bool:
        return all(self._member.owned.get(place) == read.assignment for place, read in self._places.items())

    def _give_back(self) -> None:
        """Have what is still owned read again; what is not, its new owner reads from the last commit on."""
        for place, read in self._places.items():
            if self._member.owned.get(place) == read.assignment:
                self._member.rewind(place, self._committed[place])
        self._places = {}


class KafkaWishFeed:
    """Wishes from Kafka, as one member of the group `CAPTURE_GROUP`. Not for several threads at once."""

    def __init__(self, config: Mapping[str, str], platforms: Sequence[Platform], *, deadline_s: float) -> None:
        self._link = BrokerLink(config, deadline_s=deadline_s)
        self._platforms = {snapshots_topic(platform): platform for platform in platforms}
        self._member: GroupMember | None = None
        self._last: KafkaWishBatch | None = None

    def close(self) -> None:
        """Leave the group; what is not committed goes to others."""
        if self._member is not None:
            self._member.close()
            self._member = None
        self._link.close()

    def read(self, most: int, within_s: float) -> KafkaWishBatch:
        """Read what the member owns, up to its end or for a minute; the first time, also join the group."""
        if self._member is None:
            self._link.start_deadline()
            self._member = GroupMember(self._link, CAPTURE_GROUP, list(self._platforms))
        member = self._member
        if self._last is not None:
            self._last.leave()
        gathering = Gathering(self._platforms)
        with member.reading():
            self._gather(member, gathering, most, within_s)
        self._last = KafkaWishBatch(member, gathering)
        return self._last

    def _gather(self, member: GroupMember, gathering: Gathering, most: int, within_s: float) -> None:
        joining, reading, waiting = self._link.start_deadline(), Deadline(_LONGEST_READ_S), Deadline(within_s)
        while len(gathering) < most and not member.is_at_end and not reading.has_passed:
            if waiting.has_passed and (member.has_joined or joining.has_passed):
                break
            came = member.fetch(most - len(gathering))
            for message, assignment in came:
                gathering.take(message, assignment)
            if came:
                waiting = Deadline(within_s)
        if not gathering.messages and not member.is_at_end:
            member.check(self._link.start_deadline())
