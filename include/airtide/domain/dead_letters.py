"""Dead letters as they are kept, found again, and sent back: what a mended message is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from airtide.domain.batches import DeadLetter
from airtide.domain.models import Platform, Sighting

Headers = Sequence[tuple[str, bytes | None]]

REJECT_HEADER = "reject"
"""Carries the reason why a parser refused the site's record that is the message's value."""
RAW_BYTES_HEADER = "raw-bytes"
"""How many bytes a refused record had, where it was too large for a message and is cut."""
REPLAY_HEADER = "replay_of"
"""Names the dead letter that a message was mended from, as partition:offset of the same topic."""


def platform_of_topic(topic: str) -> Platform:
    """Return whose messages a topic holds: the third part of its name."""
    return Platform(topic.split(".")[2])


def write_sighting(sighting: Sighting) -> list[tuple[str, str]]:
    """Return the headers that say when a refused record was seen, so that it can be parsed again later."""
    return [
        ("sweep_id", sighting.sweep_id),
        ("sampled_at", sighting.sampled_at.isoformat()),
        ("fetched_at", sighting.fetched_at.isoformat()),
        ("cadence_s", str(sighting.cadence_s)),
    ]


def read_sighting(headers: Headers) -> Sighting | None:
    """Return when a refused record was seen; None where its headers do not say, or not in the form written here."""
    told = {name: value.decode(errors="replace") for name, value in headers if value is not None}
    try:
        return Sighting(
            sweep_id=told["sweep_id"],
            sampled_at=_read_utc(told["sampled_at"], whole_seconds=True),
            fetched_at=_read_utc(told["fetched_at"]),
            cadence_s=int(told["cadence_s"]),
        )
    except (KeyError, ValueError, OverflowError):
        return None


def _read_utc(text: str, *, whole_seconds: bool = False) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None or (whole_seconds and instant.microsecond):
        raise ValueError(f"{text[:40]!r} is not a time as it is written here")
    return instant.astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLetter:
    """A dead letter as the warehouse keeps it."""

    letter: DeadLetter
    topic_id: str
    """Of the topic that its offset counts in: a topic made anew begins at offset 0 again."""
    found_at: datetime
    replayed_at: datetime | None = None
    """When it was sent back; None while it was not."""

    @property
    def was_rejected(self) -> bool:
        """Tell whether a poll refused it: its bytes are the site's record and not a message."""
        return any(name == REJECT_HEADER for name, _ in self.letter.headers)

    @property
    def is_cut(self) -> bool:
        """Tell whether only the beginning of its bytes was kept."""
        return any(name == RAW_BYTES_HEADER for name, _ in self.letter.headers)

    @property
    def place(self) -> str:
        """Where it stood, as topic[partition]@offset."""
        return f"{self.letter.topic}[{self.letter.topic_partition}]@{self.letter.record_offset}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterQuery:
    """Which dead letters are meant; every bound that is None is open, ends are exclusive."""

    topics: Sequence[str]
    reason: str | None = None
    found_from: datetime | None = None
    found_until: datetime | None = None
    offset_from: int | None = None
    offset_until: int | None = None
    with_replayed: bool = False
    """Also those that were sent back already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterCount:
    """How many dead letters of one topic have one reason."""

    topic: str
    reason: str
    letters: int
    replayed: int
    first_found_at: datetime
    last_found_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MendedMessage:
    """A message that is to go to the topic of the dead letter it was made from."""

    value: bytes
    key: str | None
    """The channel id of a snapshot; None for a sweep record."""
    replay_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadableMessage:
    """What is known of a message that decodes: whose it is, and the tick that it tells of."""

    key: str | None
    sampled_at: datetime
