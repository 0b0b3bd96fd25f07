"""One member of a consumer group: what it owns now, what it has read of it, and commits that only an owner can make.

Partitions move one by one (cooperative-sticky): those that stay are read on. A commit is refused by the broker when the
group has gone on without this member, but not when only this partition has: that is known here, by numbering the times
that a partition was given to the member.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Thread
from typing import Any, cast

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from airtide.bus.link import BrokerLink, Deadline
from airtide.bus.reading import Delivered, Place

SESSION_S = 10
"""How long a member that was killed keeps its partitions."""
LONGEST_PAUSE_S = 120
"""How long one may take between two calls until it loses them."""

_MEMBER_SETTINGS: dict[str, Any] = {
    "partition.assignment.strategy": "cooperative-sticky",
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "auto.offset.reset": "earliest",
    "enable.partition.eof": True,
    "isolation.level": "read_committed",
    "session.timeout.ms": SESSION_S * 1000,
    "heartbeat.interval.ms": SESSION_S * 1000 // 4,
    "max.poll.interval.ms": LONGEST_PAUSE_S * 1000,
    # bounds the memory of a member whatever waits; the reasons are those of exact reads
    "fetch.wait.max.ms": 100,
    "fetch.message.max.bytes": 262_144,
    "queued.max.messages.kbytes": 4096,
    "fetch.queue.backoff.ms": 10,
}
_GONE = (
    KafkaError.ILLEGAL_GENERATION,
    KafkaError.UNKNOWN_MEMBER_ID,
    KafkaError.REBALANCE_IN_PROGRESS,
    KafkaError.FENCED_INSTANCE_ID,
    KafkaError.STALE_MEMBER_EPOCH,
    KafkaError.FENCED_MEMBER_EPOCH,
    KafkaError._STATE,
    KafkaError._FENCED,
    KafkaError._ASSIGNMENT_LOST,
)
"""What a commit is answered when the group has gone on, or is just sharing its partitions anew."""
_MOST_AT_ONCE = 1000
_LOOK_EVERY_S = 0.2
_ANSWER_S = 0.005
"""A call that waits for messages ends for a message alone, and for no answer to a commit: it has to be short."""


class GroupMember:
    """A subscription. Every call lets the group's changes in; between two calls nothing is given up."""

    def __init__(self, link: BrokerLink, group: str, topics: Sequence[str]) -> None:
        self._link = link
        self._group = group
        self.has_joined = False
        self.owned: dict[Place, int] = {}
        """Partitions, with the number of the assignment that brought each."""
        self._assignments = 0
        self._at_end: set[Place] = set()
        self._set_aside: set[Place] = set()
        self._is_resting = False
        self._early: list[Delivered] = []
        self._told: tuple[KafkaError | None, Sequence[TopicPartition]] | None = None
        own = {"group.id": group, "on_commit": self._take_answer}
        self._consumer: Consumer = link.build_consumer({**_MEMBER_SETTINGS, **own})
        self._consumer.subscribe(list(topics), on_assign=self._take, on_revoke=self._give, on_lost=self._give)

    def close(self) -> None:
        """Leave the group: the others get its partitions at once. A broker that hangs is not waited for any longer."""
        # the client knows no deadline here, and waits for a broker that took a commit and does not answer it
        leaving = Thread(target=self._consumer.close, name="leaving the group", daemon=True)
        leaving.start()
        leaving.join(self._link.deadline_s)

    @property
    def is_at_end(self) -> bool:
        """Tell whether it owns partitions and nothing waits in those that it reads."""
        return bool(self.owned) and not self.owned.keys() - self._at_end - self._set_aside

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let messages in; outside of it none come, and the calls that keep the membership alive are cheap."""
        self._is_resting = False
        self._at_end.clear()
        self._consumer.resume(_places(self.owned.keys() - self._set_aside))
        try:
            yield
        finally:
            self._is_resting = True
            self._consumer.pause(_places(self.owned))

    def fetch(self, most: int) -> list[tuple[Delivered, int]]:
        """Return the next messages and ends of partitions, each with the assignment it belongs to."""
        early, self._early = self._early, []
        found = cast("list[Delivered]", self._consumer.consume(min(max(most, 1), _MOST_AT_ONCE), _LOOK_EVERY_S))
        return [(message, self.owned[place]) for message in (*early, *found) if (place := self._sort_in(message))]

    def serve(self) -> None:
        """Learn of changes of the group, and stay in it."""
        self._poll(0)

    def commit(self, offsets: Mapping[Place, int]) -> bool:
        """Commit the next offsets of owned partitions; False when the group has gone on without this member.

        Returns once the broker has them. Raises what it means that it did not take them.
        """
        deadline = self._link.start_deadline()
        self._told = None
        try:
            # waited for below: the client's own synchronous commit waits for a broker that hangs for ever
            self._consumer.commit(
                offsets=[TopicPartition(*place, offset) for place, offset in offsets.items()], asynchronous=True
            )
        except KafkaException as failure:
            return self._judge(failure.args[0])
        while self._told is None:
            if deadline.has_passed:
                raise self._link.explain_silence(f"commit offsets of the group {self._group}")
            self._poll(min(_ANSWER_S, deadline.left_s()))
        error, places = self._told
        if error is not None:
            return self._judge(error)
        return all(self._judge(place.error) for place in places if place.error is not None)

    def rewind(self, place: Place, offset: int) -> None:
        """Read a partition again from an offset."""
        self._at_end.discard(place)
        try:
            self._consumer.seek(TopicPartition(*place, offset))
        except KafkaException as failure:
            raise self._link.explain(failure.args[0], f"read {place[0]}, partition {place[1]}, again") from failure

    def set_aside(self, place: Place) -> None:
        """Read a partition no further."""
        self._set_aside.add(place)

    def check(self, deadline: Deadline) -> None:
        """Raise what it means that no message comes, when it is not just that none was written."""
        if not self.has_joined:
            raise self._link.explain_silence(f"let a member join the group {self._group}")
        for place in self.owned:
            try:
                self._consumer.get_watermark_offsets(TopicPartition(*place), timeout=deadline.left_s())
            except KafkaException as failure:
                raise self._link.explain(failure.args[0], f"tell the offsets of {place[0]}") from failure

    def _poll(self, within_s: float) -> None:
        message = cast("Delivered | None", self._consumer.poll(within_s))
        if message is not None:
            self._early.append(message)

    def _sort_in(self, message: Delivered) -> Place | None:
        error = message.error()
        if error is not None and error.code() != KafkaError._PARTITION_EOF:
            if error.retriable() or error.code() == KafkaError._MAX_POLL_EXCEEDED:
                return None  # passes by itself, or takes the partitions away: that is told apart from it
            raise self._link.explain(error, f"hand out messages to the group {self._group}")
        place = (message.topic(), message.partition())
        if place not in self.owned or place in self._set_aside:
            return None
        (self._at_end.discard if error is None else self._at_end.add)(place)
        return place

    def _judge(self, error: KafkaError) -> bool:
        if error.code() in _GONE:
            return False
        raise self._link.explain(error, f"commit offsets of the group {self._group}")

    def _take_answer(self, error: KafkaError | None, places: Sequence[TopicPartition]) -> None:
        self._told = (error, places)

    def _take(self, consumer: Consumer, given: Sequence[TopicPartition]) -> None:
        self.has_joined = True
        self._assignments += 1
        self.owned |= {(one.topic, one.partition): self._assignments for one in given}
        consumer.incremental_assign(list(given))
        if self._is_resting and given:
            consumer.pause(list(given))

    def _give(self, _consumer: Consumer, taken: Sequence[TopicPartition]) -> None:
        for one in taken:
            place = (one.topic, one.partition)
            self.owned.pop(place, None)
            self._at_end.discard(place)
            self._set_aside.discard(place)


def _places(places: Iterable[Place]) -> list[TopicPartition]:
    return [TopicPartition(*place) for place in places]
