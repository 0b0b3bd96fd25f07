"""Reading the query parameters of Kick's API and wording its errors."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Final, NamedTuple, NoReturn

import msgspec

from airtide.simulators.answers import Answer, Call, Refusal, answer_json
from airtide.simulators.world import Live

MAX_LIMIT: Final = 1000
MAX_LIMIT_V1: Final = 100

_MESSAGES: Final = {
    400: "Invalid request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    429: "Too Many Requests",
    500: "Internal server error",
}


class Place(NamedTuple):
    """Where a page begins: behind the row with this start and id; the first one behind nothing."""

    page: int = 1
    started_s: int = -1
    broadcast_id: str = ""


def read_limit(call: Call, default: int, most: int) -> int:
    """Read the size of a page."""
    text = call.params.get("limit", str(default))
    if not text.isdecimal() or not 1 <= int(text) <= most:
        refuse(400, f"limit must be from 1 to {most}")
    return int(text)


def read_values(call: Call, name: str, most: int) -> Sequence[str]:
    """Read a parameter that may be repeated a bounded number of times."""
    values = call.params.getlist(name)
    if len(values) > most:
        refuse(400, f"at most {most} of {name}")
    return values


def read_numbers(call: Call, name: str, most: int) -> Sequence[str]:
    """Read a repeated parameter of ids, which are numbers here."""
    values = read_values(call, name, most)
    if not all(value.isdecimal() for value in values):
        refuse(400, f"{name} must be a number")
    return values


def make_cursor(last: Live, page: int) -> str:
    """Name the page that begins behind a row: what starts or ends elsewhere does not move it."""
    place = [page, last.broadcast.started_s, last.broadcast.broadcast_id]
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def read_cursor(call: Call) -> Place:
    """Read where the page asked for begins."""
    cursor = call.params.get("cursor", "")
    if not cursor:
        return Place()
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return msgspec.json.decode(text, type=Place)
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        raise Refusal(word_error(400, "Invalid cursor")) from error


def word_error(status: int, message: str | None = None) -> Answer:
    """Word an error as Kick does; nothing in its headers tells how long to wait."""
    return answer_json({"message": message or _MESSAGES.get(status, "Error"), "data": {}}, status)


def refuse(status: int, message: str) -> NoReturn:
    """Refuse a call."""
    raise Refusal(word_error(status, message))
