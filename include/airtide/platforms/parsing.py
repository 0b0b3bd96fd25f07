"""Records to snapshots or rejects: a page at once where it can be, which gives the same as each by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from types import GenericAlias
from typing import Generic, NamedTuple, TypeVar

import msgspec

from airtide.domain.errors import BadRecord
from airtide.domain.models import Reject, Snapshot
from airtide.platforms.records import Observation

T = TypeVar("T")

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Parsed(NamedTuple):
    """What the records of a page gave, each list in their order."""

    snapshots: list[Snapshot]
    rejects: list[Reject]
    waiting: list[msgspec.Raw]
    """Records that hold nothing to observe."""


def decode_record(decoder: msgspec.json.Decoder[T], raw: msgspec.Raw | bytes) -> T:
    """Return the typed record; raises `BadRecord` that names the field and what was expected of it."""
    try:
        return decoder.decode(raw)
    except _UNREADABLE as error:
        raise BadRecord(str(error)) from None


class RecordParser(Generic[T]):
    """Parses records of one kind; `observe` makes a snapshot of one, or None where it holds nothing to observe."""

    def __init__(self, record: type[T], observe: Callable[[T, Observation], Snapshot | None]) -> None:
        self._observe = observe
        self._records = msgspec.json.Decoder(record)
        self._pages: msgspec.json.Decoder[list[T]] = msgspec.json.Decoder(GenericAlias(list, (record,)))

    def parse(self, raw: msgspec.Raw | bytes, observation: Observation) -> Snapshot | None:
        """Return the snapshot of one record; raises `BadRecord` with the field that is wrong."""
        return self._observe(decode_record(self._records, raw), observation)

    def decode_page(self, raws: Sequence[msgspec.Raw]) -> list[T] | None:
        """Return all records of a page; None where one of them cannot be read, so that each has to be by itself."""
        try:
            return self._pages.decode(b"[%b]" % b",".join(raws))
        except _UNREADABLE:
            return None

    def parse_page(
        self, raws: Sequence[msgspec.Raw], observation: Observation, decoded: Sequence[T] | None = None
    ) -> Parsed:
        """Parse a page, of which `decoded` are the records where these are there already.

        A record that is refused keeps its bytes and the reason, the others go on.
        """
        records = self.decode_page(raws) if decoded is None else decoded
        if records is None:
            return _parse_each(raws, raws, self.parse, observation)
        return _parse_each(records, raws, self._observe, observation)


S = TypeVar("S")


def _parse_each(
    records: Iterable[S],
    raws: Iterable[msgspec.Raw],
    parse: Callable[[S, Observation], Snapshot | None],
    observation: Observation,
) -> Parsed:
    parsed = Parsed([], [], [])
    for record, raw in zip(records, raws, strict=True):
        try:
            snapshot = parse(record, observation)
        except BadRecord as error:
            parsed.rejects.append(Reject(platform=observation.platform, reason=str(error), raw=bytes(raw)))
        else:
            if snapshot is None:
                parsed.waiting.append(raw)
            else:
                parsed.snapshots.append(snapshot)
    return parsed
