"""Reading Helix's query parameters and wording its errors."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

import msgspec

from airtide.simulators.answers import Answer, Call, Refusal, answer_json

_LIMIT: Final = 100
_DEFAULT_FIRST: Final = 20
_BAD_CURSOR: Final = 'The parameter "after" was malformed: not a cursor'


def read_values(call: Call, name: str) -> Sequence[str]:
    """Read a parameter that may be repeated a bounded number of times."""
    values = call.params.getlist(name)
    if len(values) > _LIMIT:
        raise Refusal(word_error(400, f"you may only send {_LIMIT} of parameter {name}"))
    return values


def read_first(call: Call) -> int:
    """Read the size of a page."""
    text = call.params.get("first", str(_DEFAULT_FIRST))
    if not text.isdecimal() or not 1 <= int(text) <= _LIMIT:
        raise Refusal(word_error(400, f'The parameter "first" was malformed: it must be from 1 to {_LIMIT}'))
    return int(text)


def make_cursor(offset: int) -> str:
    """Name the page that begins after `offset` rows."""
    return base64.urlsafe_b64encode(msgspec.json.encode({"b": None, "a": {"Offset": offset}})).decode().rstrip("=")


def read_cursor(call: Call) -> int:
    """Read how many rows lie before the page asked for; the list may have moved since the cursor was made."""
    cursor = call.params.get("after", "")
    if not cursor:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return max(int(msgspec.json.decode(text)["a"]["Offset"]), 0)
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise Refusal(word_error(400, _BAD_CURSOR)) from error


def word_error(status: int, message: str, headers: dict[str, str] | None = None) -> Answer:
    """Word an error as Helix does."""
    phrase = HTTPStatus(status).phrase
    return answer_json({"error": phrase, "status": status, "message": message}, status, headers)


def word_fault(call: Call, status: int) -> Answer:
    """Word an error that was asked for: a 400 is a cursor gone stale."""
    messages = {400: _BAD_CURSOR, 401: "Invalid OAuth token", 429: "Request limit exceeded"}
    # a client that heeds the headers waits a second, which keeps tests with real sleeping short
    reset = {"Ratelimit-Limit": "800", "Ratelimit-Remaining": "0", "Ratelimit-Reset": str(call.now_s + 1)}
    return word_error(status, messages.get(status, ""), reset if status == 429 else None)
