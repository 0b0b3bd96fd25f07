"""Fields that a site has added since its parser was written: left out of snapshots, but counted."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from types import UnionType
from typing import Any, Union, get_args, get_origin

import msgspec

from airtide.domain.pages import Tally

SAMPLE_EVERY = 50
"""The first record of each page and every 50th after it are looked at: names of all would cost as much as parsing."""
MAX_NAMES = 20
"""New names kept of one sweep; a site that invents a name a record must not fill the sweep message."""
MAX_NAME_LENGTH = 60

_STRANGE = re.compile(r"[^A-Za-z0-9_.-]")
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])


class FieldWatch:
    """Knows the fields of one kind of record: those its struct reads, and those that are `ignored` on purpose.

    A field of a field is named with a dot, `snippet.title`; fields below that are not looked at.
    """

    def __init__(self, record: type[msgspec.Struct], ignored: Collection[str] = ()) -> None:
        self._known: dict[str, set[str]] = {"": set()}
        for field in msgspec.structs.fields(record):
            self._known[""].add(field.encode_name)
            inner = _find_struct(field.type)
            if inner is not None:
                self._known[field.encode_name] = {one.encode_name for one in msgspec.structs.fields(inner)}
        for name in ignored:
            parent, _, field_name = name.rpartition(".")
            self._known[parent].add(field_name)

    def count_new(self, raws: Sequence[msgspec.Raw], tally: Tally) -> None:
        """Add to `tally` how many of the records looked at have which field that nobody knows."""
        for raw in raws[::SAMPLE_EVERY]:
            for name in self._find_new(raw):
                _count(name, tally.unknown_fields)

    def _find_new(self, raw: msgspec.Raw) -> set[str]:
        """Return the unknown names of one record; none of one that cannot be read, which its parser refuses."""
        try:
            fields = _FIELDS.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return set()
        new = fields.keys() - self._known[""]
        for parent in self._known.keys() & fields.keys():
            new.update(f"{parent}.{name}" for name in _read_names(fields[parent]) - self._known[parent])
        return {_clean(name) for name in new}


def _find_struct(kind: Any) -> type[msgspec.Struct] | None:
    kinds = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    return next((one for one in kinds if isinstance(one, type) and issubclass(one, msgspec.Struct)), None)


def _read_names(raw: msgspec.Raw) -> set[str]:
    try:
        return set(_FIELDS.decode(raw))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return set()


def _clean(name: str) -> str:
    """Return a name that may stand in logs, messages and pages."""
    return _STRANGE.sub("?", name)[:MAX_NAME_LENGTH]


def _count(name: str, counts: dict[str, int]) -> None:
    if name in counts or len(counts) < MAX_NAMES:
        counts[name] = counts.get(name, 0) + 1
