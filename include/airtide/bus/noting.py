"""Tells lag monitors how far landing is: as the offsets of a group that nobody is a member of.

A consumer commits them, and no admin client sets them: librdkafka ends the whole process when the connection drops
under an admin request to a group's coordinator (confluentinc/librdkafka, pull request 5397).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from confluent_kafka import KafkaError, KafkaException, TopicPartition

from airtide.bus.link import BrokerLink, Deadline

_LOOK_EVERY_S = 0.1
_LONGEST_SESSION_MS = 300_000
"""As long as a member may take between two polls if not told otherwise; the client refuses more."""


class GroupNotes:
    """The offsets of one group. Not for several threads at once."""

    def __init__(self, link: BrokerLink, group: str) -> None:
        self.group = group
        self._told: tuple[KafkaError | None, Sequence[TopicPartition]] | None = None
        own = {"group.id": group, "enable.auto.commit": False, "on_commit": self._take_answer}
        self._consumer = link.build_consumer({**own, **_bound_waiting(link.deadline_s)})

    def close(self) -> None:
        """Leave the broker."""
        self._consumer.close()

    def note(self, positions: Mapping[tuple[str, int], int], deadline: Deadline) -> list[str]:
        """Set the group's offsets; return what was refused and why. No answer in time is a KafkaException, too."""
        self._told = None
        offsets = [TopicPartition(topic, number, offset) for (topic, number), offset in positions.items()]
        self._consumer.commit(offsets=offsets, asynchronous=True)
        while self._told is None:
            if deadline.has_passed:
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
            self._consumer.poll(min(_LOOK_EVERY_S, deadline.left_s()))
        error, told = self._told
        if error is not None:
            raise KafkaException(error)
        return [f"{offset.topic}: {offset.error.str()}" for offset in told if offset.error is not None]

    def _take_answer(self, error: KafkaError | None, offsets: Sequence[TopicPartition]) -> None:
        self._told = (error, offsets)


def _bound_waiting(seconds: float) -> dict[str, int]:
    """Return settings by which a commit that no broker takes is given up after `seconds`.

    The client lets it wait for a coordinator as long as a member's session lasts (45 s if not told), and cannot be
    closed before.
    """
    session_ms = min(max(int(seconds * 1000), 100), _LONGEST_SESSION_MS)
    return {"session.timeout.ms": session_ms, "heartbeat.interval.ms": session_ms // 3}
