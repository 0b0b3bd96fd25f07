"""What all parsers share: what a page has in common, and the cleaning of texts, times, counts and addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import quote

import msgspec

from airtide.domain.errors import BadRecord
from airtide.domain.models import Platform

MAX_VIEWERS = 2_147_483_647
FIRST_START = datetime(2005, 1, 1, tzinfo=UTC)
"""Before any of the sites was there: an earlier start is a zero of the site's own database."""

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
ViewerCount = Annotated[int, msgspec.Meta(ge=0, le=MAX_VIEWERS)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]

_IS_PLAIN = re.compile(r"[A-Za-z0-9_.~-]+").fullmatch
"""Whether a text needs no quoting in an address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What all snapshots of one page have in common; times in UTC."""

    platform: Platform
    sweep_id: str
    sampled_at: datetime
    fetched_at: datetime
    cadence_s: int
    promises: Mapping[str, int] = field(default_factory=dict)
    """Cadences promised for single broadcasts, by id; `cadence_s` holds for all others."""
    category_names: Mapping[str, str] = field(default_factory=dict)
    """Names by id, where the records of a site hold the ids alone."""

    def name_category(self, category_id: str | None) -> str | None:
        """Return the name of a category; None where the broadcast has none, or the category no known name."""
        return None if category_id is None else self.category_names.get(category_id)


def check_id(field: str, text: str) -> str:
    """Return an id as it is; raises `BadRecord` for one that no store can hold."""
    if "\x00" in text:
        raise BadRecord(f"{field} holds a NUL character")
    return text


def read_utc(field: str, moment: datetime) -> datetime:
    """Return an aware time in UTC; raises `BadRecord` for one at the edge of the calendar."""
    if moment.tzinfo is UTC:
        return moment
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise BadRecord(f"{field} is outside the calendar") from None


def read_start(field: str, moment: datetime | None) -> datetime | None:
    """Return when a broadcast began, in UTC; None where the site does not know."""
    if moment is None:
        return None
    start = moment if moment.tzinfo is UTC else read_utc(field, moment)
    return None if start < FIRST_START else start


def clean_tags(tags: Sequence[str] | None) -> tuple[str, ...]:
    """Return the tags that hold anything, in the site's order."""
    return tuple(filter(None, tags)) if tags else ()


def quote_id(text: str) -> str:
    """Return `text` as one part of an address."""
    # nearly all are plain: asking first costs a quarter of quoting, for letters and digits alone half of that
    return text if (text.isascii() and text.isalnum()) or _IS_PLAIN(text) else quote(text, safe="")


def clean_picture_url(url: str | None) -> str | None:
    """Return an https address without its query, which changes from poll to poll; None for any other address."""
    if not url:
        return None
    if url.startswith("https://"):
        return url.partition("?")[0]
    return "https:" + url.partition("?")[0] if url.startswith("//") else None


def parse_count(field: str, text: str) -> int:
    """Return a count that the site writes as text; raises `BadRecord` for anything but decimal digits in range."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 10):
        raise BadRecord(f"{field} is not a count")
    count = int(text)
    if count > MAX_VIEWERS:
        raise BadRecord(f"{field} is out of range")
    return count
