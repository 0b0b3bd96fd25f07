"""Reading the query parameters that YouTube's methods share."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Collection
from typing import Final

import msgspec

from airtide.simulators.answers import Call
from airtide.simulators.youtube.errors import UNKNOWN_PAGE, refuse

MAX_IDS: Final = 50

_GLOBAL: Final = frozenset(("key", "part", "fields", "quotaUser", "alt", "prettyPrint"))
_DEFAULT_RESULTS: Final = 5


def check_names(call: Call, allowed: Collection[str]) -> None:
    """Refuse a parameter that the method does not know, so that no filter is silently left out."""
    for name in call.params:
        if name not in _GLOBAL and name not in allowed:
            refuse(400, "unexpectedParameter", f"The request specifies an unexpected parameter: {name}.")


def read_parts(call: Call, offered: Collection[str]) -> set[str]:
    """Read the parts of the resource that the call wants."""
    parts = set(read_list(call, "part"))
    if not parts:
        refuse(400, "missingRequiredParameter", "Required parameter: part")
    for unknown in sorted(parts - {*offered, "id"}):
        refuse(400, "unknownPart", f"'{unknown}'", domain="youtube.part")
    return parts


def read_list(call: Call, name: str) -> list[str]:
    """Read a parameter that may be repeated, or hold several values with commas between them."""
    return [value for text in call.params.getlist(name) for value in text.split(",") if value]


def read_ids(call: Call, name: str = "id") -> list[str]:
    """Read ids to look up; their number is bounded, and a page size makes no sense with them."""
    ids = read_list(call, name)
    if len(ids) > MAX_IDS:
        refuse(400, "invalidFilters", f"The request may name at most {MAX_IDS} values of {name}.")
    if ids and ("maxResults" in call.params or "pageToken" in call.params):
        refuse(400, "incompatibleParameters", f"{name} cannot be combined with maxResults or pageToken.")
    return ids


def read_max_results(call: Call) -> int:
    """Read the size of a page."""
    text = call.params.get("maxResults", str(_DEFAULT_RESULTS))
    if not text.isdecimal() or int(text) > MAX_IDS:
        refuse(400, "invalidParameter", f"Invalid value '{text}'. Values must be within the range: [0, {MAX_IDS}]")
    return int(text)


def digest_query(call: Call) -> bytes:
    """Give four bytes that stand for what is searched, whatever page of it."""
    asked = sorted((name, value) for name, value in call.params.multi_items() if name not in ("pageToken", "key"))
    return hashlib.blake2b(repr(asked).encode(), digest_size=4).digest()


def make_page_token(call: Call, offset: int) -> str:
    """Name the page of this query that begins after `offset` rows."""
    token = offset.to_bytes(2, "big") + digest_query(call)
    return base64.urlsafe_b64encode(token).decode()


def read_page_token(call: Call) -> int:
    """Read how many rows lie before the page asked for; a token serves only the query that it came from."""
    text = call.params.get("pageToken", "")
    if not text:
        return 0
    try:
        token = base64.urlsafe_b64decode(text)
    except (binascii.Error, ValueError):
        token = b""
    if token[2:] != digest_query(call):
        refuse(400, "invalidPageToken", UNKNOWN_PAGE)
    return int.from_bytes(token[:2], "big")


def make_etag(*contents: object) -> str:
    """Give a tag that changes with the contents."""
    digest = hashlib.blake2b(msgspec.json.encode(contents), digest_size=20).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
