"""Makes a message of a dead letter that landing would take now, or says why there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from airtide.domain.clock import Clock
from airtide.domain.dead_letters import KeptLetter, MendedMessage, platform_of_topic, read_sighting
from airtide.domain.errors import BadRecord
from airtide.domain.models import Platform, Sighting, Snapshot
from airtide.pipeline.arrange import FUTURE_TOLERANCE
from airtide.pipeline.ports import MessageCodec

ParseAgain = Callable[[Platform, bytes, Sighting], Snapshot | None]
"""The parser of a platform as it is now; raises `BadRecord`, returns None where there is nothing to observe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mender:
    """What dead letters are mended with."""

    codec: MessageCodec
    parse: ParseAgain
    read_raw_age: Callable[[Platform], timedelta]
    clock: Clock

    def mend(self, kept: KeptLetter, body: bytes | None = None) -> MendedMessage:
        """Return the message to send back; `body` stands in place of the letter's own bytes.

        A record that a poll had refused is parsed again, any other message goes back as it is. Raises `BadRecord` with
        the reason when landing would refuse it still, or count it as expired.
        """
        letter = kept.letter
        value = self._make_value(kept, letter.raw if body is None else body, is_edited=body is not None)
        message = self.codec.read(letter.topic, value)
        platform, now = platform_of_topic(letter.topic), self.clock.now()
        if message.sampled_at < now - self.read_raw_age(platform):
            raise BadRecord(f"older than raw data of {platform} may be kept")
        if message.sampled_at > now + FUTURE_TOLERANCE:
            raise BadRecord("its tick still lies in the future")
        return MendedMessage(value=value, key=message.key, replay_of=f"{letter.topic_partition}:{letter.record_offset}")

    def _make_value(self, kept: KeptLetter, raw: bytes | None, *, is_edited: bool) -> bytes:
        if raw is None:
            raise BadRecord("a message without a value cannot be replayed")
        if not kept.was_rejected:
            return raw
        if is_edited and self._is_message(kept.letter.topic, raw):
            return raw
        if kept.is_cut and not is_edited:
            raise BadRecord("only the beginning of the record was kept")
        seen = read_sighting(kept.letter.headers)
        if seen is None:
            raise BadRecord("cannot be replayed: nothing says when it was seen")
        snapshot = self.parse(platform_of_topic(kept.letter.topic), raw, seen)
        if snapshot is None:
            raise BadRecord("the record holds nothing to observe")
        return self.codec.encode(snapshot)

    def _is_message(self, topic: str, value: bytes) -> bool:
        try:
            self.codec.read(topic, value)
        except BadRecord:
            return False
        return True
