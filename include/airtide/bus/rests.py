"""The unchanged rest of broadcasts' messages: recognised as bytes, and read only the first time it is met."""

from __future__ import annotations

from typing import Any

import msgspec

from airtide.bus.instants import read_instant_ms
from airtide.bus.messages import SnapshotMessage
from airtide.domain.batches import ATTRIBUTES

REST_BEGINS = b',"platform":'
"""Where, in a message of our own encoder, what changes with every sweep ends. In a JSON text it can only be this field,
for within a string its quotes are escaped."""

MOST_RESTS = 40_000
"""A run that has met more forgets them all, and reads again those that it meets again: about 2 kB each."""

_FIRST = SnapshotMessage.__struct_fields__.index(ATTRIBUTES[0])
_STARTED, _ENDED = ATTRIBUTES.index("started_at_ms"), ATTRIBUTES.index("ended_at_ms")


class RestBook:
    """The rests that a run has met, each with a code; `columns` hold their values by code."""

    def __init__(self) -> None:
        self.codes: dict[bytes, int] = {}
        """By the rest as our own encoder writes it: what others write of the same fields has the same code."""
        self.columns: dict[str, list[Any]] = {name: [] for name in ATTRIBUTES}

    @property
    def is_full(self) -> bool:
        """True when it holds as much as memory allows."""
        return len(self.codes) >= MOST_RESTS

    def enter(self, rest: bytes, message: SnapshotMessage) -> int:
        """Return the code of the rest of a message, which is entered where it is new; a bad time raises ValueError."""
        code = self.codes.get(rest)
        if code is None:
            values = list(msgspec.structs.astuple(message)[_FIRST:])
            values[_STARTED], values[_ENDED] = (
                _read_optional_ms(message.started_at),
                _read_optional_ms(message.ended_at),
            )
            code = self.codes[rest] = len(self.codes)
            for column, value in zip(self.columns.values(), values, strict=True):
                column.append(value)
        return code


def _read_optional_ms(text: str | None) -> int | None:
    return None if text is None else read_instant_ms(text)
