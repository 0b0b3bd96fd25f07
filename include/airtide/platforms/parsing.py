"""Records to snapshots or rejects: a page at once where it can be, which gives the same as each by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from types import GenericAlias
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from airtide.domain.errors import BadRecord
from airtide.domain.models import Reject, Snapshot
from airtide.platforms.records import Observation, check_id, clean_tags

T = TypeVar("T")

ESCAPED_NUL = b"\\u0000"
"""How a NUL stands in JSON, where a bare one is no JSON at all."""
_PERCENT_NUL = "%00"

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
        snapshot = self._observe(decode_record(self._records, raw), observation)
        return snapshot if snapshot is None or ESCAPED_NUL not in bytes(raw) else _remove_nul(snapshot)

    def decode_page(self, raws: Sequence[msgspec.Raw]) -> list[T] | None:
        """Return all records of a page; None where one cannot be read or holds a NUL: each has to be by itself then."""
        page = b"[%b]" % b",".join(raws)
        if ESCAPED_NUL in page:
            return None
        try:
            return self._pages.decode(page)
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


def _remove_nul(snapshot: Snapshot) -> Snapshot:
    """Return the same without NUL characters, which no store takes; raises `BadRecord` for an id with one."""
    check_id("broadcast_id", snapshot.broadcast_id)
    check_id("channel_id", snapshot.channel_id)
    texts = ("channel_handle", "channel_name", "title", "category_id", "category_name", "language", "thumbnail_url")
    cleaned: dict[str, Any] = {name: (getattr(snapshot, name) or "").replace("\x00", "") or None for name in texts}
    return replace(
        snapshot,
        **cleaned,
        watch_url=snapshot.watch_url and snapshot.watch_url.replace(_PERCENT_NUL, ""),
        tags=clean_tags([tag.replace("\x00", "") for tag in snapshot.tags]),
    )
