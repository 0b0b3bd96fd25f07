"""One message as it came from a topic: read into its struct, or refused for a reason."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple, TypeVar

import msgspec

from airtide.bus.messages import VERSION, SnapshotMessage, SweepMessage, VersionOnly
from airtide.domain.batches import DeadLetter
from airtide.domain.errors import BadRecord
from airtide.domain.models import Platform

REJECT_HEADER = "reject"
"""Carries the reason why a parser refused the site's record that is the message's value."""

ESCAPED_NUL = b"\\u0000"
"""How a NUL stands in JSON; what holds these bytes may hold one."""
_LONGEST_TEXT = 300
NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What a decoder raises for bytes that are no JSON text of its type."""

_M = TypeVar("_M", SnapshotMessage, SweepMessage)

_version_decoder = msgspec.json.Decoder(VersionOnly)


class Refusal(StrEnum):
    """Why a message does not decode; the reasons in `reject` headers come beside these."""

    NO_VALUE = "no_value"
    NOT_JSON = "not_json"
    UNKNOWN_VERSION = "unknown_version"
    INVALID = "invalid"
    WRONG_PLATFORM = "wrong_platform"


class RawRecord(NamedTuple):
    """A message as it came from its topic."""

    topic: str
    topic_partition: int
    record_offset: int
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]] | None = None


class RecordRefused(BadRecord):
    """This record becomes a dead letter; `reason` is short and countable, `detail` says what exactly is wrong."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = _make_storable(reason)
        self.detail = _make_storable(detail)


def read_message(record: RawRecord, platform: Platform, decoder: msgspec.json.Decoder[_M]) -> _M:
    """Return the message of a record; raises `RecordRefused`, and nothing else, for whatever the record holds."""
    if record.headers:
        _refuse_rejected(record.headers)
    value = record.value
    if value is None:
        raise RecordRefused(Refusal.NO_VALUE, "a message without a value says nothing")
    try:
        message = decoder.decode(value)
    except msgspec.ValidationError as error:
        raise _tell_version_from_rest(value, error) from None
    except NOT_JSON as error:
        raise RecordRefused(Refusal.NOT_JSON, str(error)) from None
    if message.platform is not platform:
        raise RecordRefused(Refusal.WRONG_PLATFORM, f"a {message.platform} message on a topic of {platform}")
    if ESCAPED_NUL in value and _holds_nul(msgspec.to_builtins(message)):
        raise RecordRefused(Refusal.INVALID, "a text holds U+0000, which no store can keep")
    return message


def _refuse_rejected(headers: Sequence[tuple[str, bytes | None]]) -> None:
    for name, value in headers:
        if name == REJECT_HEADER:
            raise RecordRefused((value or b"").decode(errors="replace") or "unknown", "refused by the parser")


def _tell_version_from_rest(value: bytes, error: msgspec.ValidationError) -> RecordRefused:
    try:
        version = _version_decoder.decode(value).v
    except msgspec.ValidationError:
        version = msgspec.UNSET
    except NOT_JSON as worse:  # the first error stood before the place where the text breaks off
        return RecordRefused(Refusal.NOT_JSON, str(worse))
    if version is msgspec.UNSET or version == VERSION:
        return RecordRefused(Refusal.INVALID, str(error))
    return RecordRefused(Refusal.UNKNOWN_VERSION, f"version {version}, known is {VERSION}")


def _make_storable(text: str) -> str:
    return text[:_LONGEST_TEXT].replace("\0", "\N{REPLACEMENT CHARACTER}")


def _holds_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, list | tuple):
        return any(map(_holds_nul, value))
    if isinstance(value, dict):
        return any(map(_holds_nul, value)) or any(map(_holds_nul, value.values()))
    return False


def to_dead_letter(record: RawRecord, refused: RecordRefused) -> DeadLetter:
    """Return the record as it came, with the reason why it is refused."""
    return DeadLetter(
        topic=record.topic,
        topic_partition=record.topic_partition,
        record_offset=record.record_offset,
        reason=refused.reason,
        detail=refused.detail,
        raw=record.value,
        headers=tuple(record.headers or ()),
    )
